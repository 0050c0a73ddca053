namespace Serverless.Functions.Querying;

/// <summary>Bounds how many large traces are in memory at once.</summary>
/// <param name="places">How many.</param>
/// <param name="mostWait">How long one waits for a place, by which clock; null for as long as the caller likes.</param>
internal sealed class LargeTracePlaces(int places, (TimeSpan Time, TimeProvider Clock)? mostWait) : IDisposable
{
    private readonly SemaphoreSlim _places = new(places);

    /// <summary>How many are free.</summary>
    public int Free => _places.CurrentCount;

    /// <summary>Waits for a place; disposing gives it back.</summary>
    /// <exception cref="TooManyLargeTracesException">None became free in time.</exception>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellation)
    {
        if (mostWait is not { } most)
        {
            await _places.WaitAsync(cancellation);
            return new Place(_places);
        }

        using var tooLong = new CancellationTokenSource(most.Time, most.Clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, tooLong.Token);
        try
        {
            await _places.WaitAsync(end.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TooManyLargeTracesException();
        }

        return new Place(_places);
    }

    public void Dispose() => _places.Dispose();

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        private SemaphoreSlim? _places = places;

        public void Dispose() => Interlocked.Exchange(ref _places, null)?.Release();
    }
}
