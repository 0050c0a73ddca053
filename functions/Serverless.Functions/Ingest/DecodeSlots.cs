namespace Serverless.Functions.Ingest;

/// <summary>
/// Bounds how many bodies are decompressed and decoded at once: that takes many times the memory of the body as it came. More than there
/// are processors would not be faster either; who waits has only its body in memory.
/// </summary>
/// <param name="slots">How many at once.</param>
internal sealed class DecodeSlots(int slots) : IDisposable
{
    /// <summary>A body of more bytes than this, decompressed, is large: of those, one at a time.</summary>
    public const int LargeBytes = 4 << 20;

    private readonly SemaphoreSlim _slots = new(slots);
    private readonly SemaphoreSlim _large = new(1);

    /// <summary>How many are free.</summary>
    public int Free => _slots.CurrentCount;

    /// <summary>Waits for a slot.</summary>
    public async ValueTask<Slot> EnterAsync(CancellationToken cancellation)
    {
        await _slots.WaitAsync(cancellation);
        return new Slot(this);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _slots.Dispose();
        _large.Dispose();
    }

    /// <summary>The right to decode one body; disposing gives it back.</summary>
    internal sealed class Slot(DecodeSlots owner) : IDisposable
    {
        private bool _isLarge;

        /// <summary>Waits until no other large body is decoded.</summary>
        public async ValueTask EnterLargeAsync(CancellationToken cancellation)
        {
            await owner._large.WaitAsync(cancellation);
            _isLarge = true;
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            if (_isLarge)
                owner._large.Release();
            owner._slots.Release();
        }
    }
}
