using Azure.Messaging.EventHubs;

namespace Serverless.Local;

/// <summary>
/// Group commit: while a group of batches is written and flushed, those that arrive gather for the next. A thread of its own,
/// started by the first send, since flushes would otherwise hold threads that requests need.
/// </summary>
internal sealed class PartitionWriter(string name, string hub, EventHubStorageOptions options, Action<IReadOnlyList<PendingAppend>> commit)
    : IDisposable
{
    // One write takes at most 1,024 parts (IOV_MAX), two per batch; and a group's size bounds how long its first batch waits.
    private const int GroupSends = 512;
    private const long GroupBytes = 8 << 20;
    private const int StackBytes = 256 << 10;

    private readonly object _gate = new();
    private readonly Queue<PendingAppend> _pending = new();
    private long _pendingBytes;
    private Thread? _thread;
    private bool _closing;

    /// <summary>Queues a batch; the task ends when it is durable.</summary>
    /// <exception cref="EventHubsException">ServiceBusy: too much is waiting.</exception>
    internal Task AppendAsync(PendingAppend append)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closing, this);
            if (_pending.Count >= options.PendingSendsPerPartition
                || (_pending.Count > 0 && _pendingBytes + append.TotalLength > options.PendingBytesPerPartition))
            {
                throw new EventHubsException(
                    hub,
                    $"The request was terminated because partition {name} is being throttled: {_pending.Count} batches ({_pendingBytes} bytes) wait for the disk. Wait, then try again",
                    EventHubsException.FailureReason.ServiceBusy);
            }

            _pending.Enqueue(append);
            _pendingBytes += append.TotalLength;
            if (_thread is null)
            {
                _thread = new Thread(Run, StackBytes) { IsBackground = true, Name = $"hub {hub}/{name}" };
                _thread.Start();
            }

            Monitor.Pulse(_gate);
        }

        return append.Task;
    }

    /// <summary>Writes what is waiting, then ends.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closing = true;
            Monitor.Pulse(_gate);
        }

        _thread?.Join();
    }

    private void Run()
    {
        var group = new List<PendingAppend>();
        while (Take(group))
        {
            try
            {
                commit(group);
            }
            catch (Exception e)
            {
                var failure = new EventHubsException(
                    true, hub, $"The events could not be written to the log of partition {name}: {e.Message}",
                    EventHubsException.FailureReason.ServiceCommunicationProblem, e);
                foreach (var append in group)
                    append.SetException(failure);
                continue;
            }

            foreach (var append in group)
                append.SetResult();
        }
    }

    private bool Take(List<PendingAppend> group)
    {
        group.Clear();
        lock (_gate)
        {
            while (_pending.Count == 0)
            {
                if (_closing)
                    return false;
                Monitor.Wait(_gate);
            }

            long bytes = 0;
            while (group.Count < GroupSends && _pending.TryPeek(out var next) && (bytes == 0 || bytes + next.TotalLength <= GroupBytes))
            {
                group.Add(_pending.Dequeue());
                bytes += next.TotalLength;
            }

            _pendingBytes -= bytes;
            return true;
        }
    }
}
