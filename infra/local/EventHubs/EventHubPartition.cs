using Azure.Messaging.EventHubs.Consumer;

namespace Serverless.Local;

/// <summary>One partition of a hub: an ordered, durable log of events.</summary>
internal sealed class EventHubPartition : IDisposable
{
    private readonly EventHubNamespace _namespace;
    private readonly SegmentedLog _log;
    private readonly PartitionWriter _writer;
    private readonly TailCache _tail;
    private readonly Lock _gate = new();
    private TaskCompletionSource? _arrival;
    private volatile bool _closed;

    internal EventHubPartition(EventHubNamespace owner, string hub, string id, string folder)
    {
        _namespace = owner;
        Hub = hub;
        Id = id;
        _log = SegmentedLog.Open(folder, owner.Options, owner.Platform.Options.Clock, owner.Counter);
        _tail = new TailCache(owner.Options.TailBytesPerPartition);
        _writer = new PartitionWriter(id, hub, owner.Options, Commit);
    }

    internal string Hub { get; }

    internal string Id { get; }

    /// <summary>The number of the oldest event that is kept; of the next to come where none is.</summary>
    internal long BeginningSequenceNumber => _log.FirstSequence;

    /// <summary>The number of the newest event; -1 before the first.</summary>
    internal long LastEnqueuedSequenceNumber => _log.LastSequence;

    /// <summary>When the newest event was enqueued, UTC.</summary>
    internal DateTimeOffset LastEnqueuedTime => new(_log.LastTicks, TimeSpan.Zero);

    internal bool IsClosed => _closed;

    internal EventHubNamespace Namespace => _namespace;

    internal SegmentedLog Log => _log;

    internal TailCache Tail => _tail;

    /// <summary>A reader that starts at this sequence number, or at the oldest event where that is later.</summary>
    internal PartitionReader OpenReader(long firstSequenceNumber) => new(this, firstSequenceNumber);

    /// <summary>Where a position is now, as a sequence number.</summary>
    internal long Resolve(EventPosition position) => position.Kind switch
    {
        EventPosition.PositionKind.Latest => LastEnqueuedSequenceNumber + 1,
        EventPosition.PositionKind.Sequence => position.Value,
        EventPosition.PositionKind.Time => _log.SequenceAt(position.Value),
        _ => 0,
    };

    /// <summary>Writes a batch; the task ends when it is durable.</summary>
    internal Task AppendAsync(EncodedEvents events)
    {
        var payload = events.Payload;
        return _writer.AppendAsync(new PendingAppend(payload, events.Count, Crc32C.Compute(payload.Span)));
    }

    /// <summary>Ends when there is an event of this number or later.</summary>
    internal Task ArrivalAsync(long sequence, CancellationToken cancellation)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_log.LastSequence >= sequence)
                return Task.CompletedTask;
            _arrival ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _arrival.Task.WaitAsync(cancellation);
        }
    }

    internal void ApplyRetention() => _log.ApplyRetention();

    public void Dispose()
    {
        _writer.Dispose();
        TaskCompletionSource? arrival;
        lock (_gate)
        {
            _closed = true;
            arrival = _arrival;
            _arrival = null;
        }

        arrival?.SetException(new ObjectDisposedException(nameof(EventHubPartition), "The local platform has been closed."));
        _log.Dispose();
    }

    private void Commit(IReadOnlyList<PendingAppend> group)
    {
        var headers = _log.Append(group);
        _tail.Add(headers, group);
        TaskCompletionSource? arrival;
        lock (_gate)
        {
            arrival = _arrival;
            _arrival = null;
        }

        arrival?.SetResult();
    }
}
