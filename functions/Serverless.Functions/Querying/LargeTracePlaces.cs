namespace Serverless.Functions.Querying;

/// <summary>Bounds how many large traces are in memory at once.</summary>
internal sealed class LargeTracePlaces(int places, TimeSpan mostWait, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _places = new(places);

    /// <summary>How many are free.</summary>
    public int Free => _places.CurrentCount;

    /// <summary>Waits for a place; disposing gives it back.</summary>
    /// <exception cref="TooManyLargeTracesException">None became free in time.</exception>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellation)
    {
        using var tooLong = new CancellationTokenSource(mostWait, clock);
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
