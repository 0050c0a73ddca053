namespace Serverless.Local.Tables.Storage;

/// <summary>
/// The one thread that flushes and compacts. Flushing comes first: writers wait for it; a compaction lets it in between
/// its rows.
/// </summary>
internal sealed class BackgroundMerger : IAsyncDisposable
{
    private readonly Action _flush;
    private readonly Func<Func<bool>, bool> _compact;
    private readonly Action<Exception> _failed;
    private readonly SemaphoreSlim _signals = new(0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _done;

    // Ends with the next round, which begins after the last signal.
    private TaskCompletionSource _nextRound = NewRound();

    /// <param name="flush">Flushes if that was asked for.</param>
    /// <param name="compact">
    /// Makes one compaction if one is due, and says whether; calls its argument now and then, and gives up when that is false.
    /// </param>
    /// <param name="failed">Told what ended the thread, if not <see cref="DisposeAsync"/>.</param>
    public BackgroundMerger(Action flush, Func<Func<bool>, bool> compact, Action<Exception> failed)
    {
        _flush = flush;
        _compact = compact;
        _failed = failed;
        _done = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>There may be something to do.</summary>
    public void Signal() => _signals.Release();

    /// <summary>Ends when all that is due now has been done, or the thread has ended.</summary>
    public Task WhenIdleAsync()
    {
        var round = Volatile.Read(ref _nextRound).Task;
        Signal();
        return Task.WhenAny(round, _done);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _done;
        _stop.Dispose();
        _signals.Dispose();
    }

    private void Run()
    {
        try
        {
            while (true)
            {
                _signals.Wait(_stop.Token);
                var round = Interlocked.Exchange(ref _nextRound, NewRound());
                _flush();
                while (_compact(FlushInBetween) && !_stop.IsCancellationRequested)
                    _flush();
                round.SetResult();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            // Whatever it was: without this thread writers would wait for ever.
            _failed(e);
        }
    }

    private bool FlushInBetween()
    {
        if (!_stop.IsCancellationRequested)
            _flush();
        return !_stop.IsCancellationRequested;
    }

    private static TaskCompletionSource NewRound() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
