using Azure.Messaging.EventHubs;

namespace Serverless.Local;

/// <summary>Gathers the events of one partition into batches.</summary>
internal sealed class EventBatchReader : IAsyncDisposable
{
    private readonly PartitionReader _reader;
    private readonly EventHubSettings _settings;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _end;
    private readonly List<EventData> _held = [];
    private Task<IReadOnlyList<EventData>>? _reading;

    public EventBatchReader(PartitionReader reader, EventHubSettings settings, TimeProvider clock, CancellationToken stopping)
    {
        _reader = reader;
        _settings = settings;
        _clock = clock;
        _end = CancellationTokenSource.CreateLinkedTokenSource(stopping);
    }

    /// <summary>
    /// The next batch: the minimum of events or more, or fewer once the longest wait since its first event is over.
    /// A read that is still waiting then goes on for the batch after it, so that no event is lost to a cancelled read.
    /// </summary>
    /// <exception cref="OperationCanceledException">The host stops; events that were gathered are read again at the next start.</exception>
    public async Task<EventData[]> ReadAsync()
    {
        var first = 0L;
        while (_held.Count < _settings.MinEventBatchSize)
        {
            _reading ??= _reader.ReadAsync(Math.Min(_settings.MaxEventBatchSize - _held.Count, _settings.PrefetchCount), _end.Token).AsTask();
            if (_held.Count > 0 && !_reading.IsCompleted && !await IsReadWithinAsync(_settings.MaxWaitTime - _clock.GetElapsedTime(first)))
                break;
            var events = await _reading;
            _reading = null;
            if (_held.Count == 0)
                first = _clock.GetTimestamp();
            _held.AddRange(events);
        }

        var batch = _held.ToArray();
        _held.Clear();
        return batch;
    }

    /// <summary>Ends a read that is waiting, then closes the reader.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        if (_reading is not null)
            await ((Task)_reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _reader.Dispose();
        _end.Dispose();
    }

    private async Task<bool> IsReadWithinAsync(TimeSpan left)
    {
        if (left <= TimeSpan.Zero)
            return false;
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        await Task.WhenAny(_reading!, Task.Delay(left, _clock, waiting.Token));
        await waiting.CancelAsync();
        _end.Token.ThrowIfCancellationRequested();
        return _reading!.IsCompleted;
    }
}
