using Serverless.Tracing.Frames;

namespace Serverless.Functions.Buffering;

/// <summary>
/// What waits for one partition of the hub. While one event is on its way the next one gathers, so that events grow with
/// the traffic; a lane that was idle lingers first, so that requests that come together leave together.
/// </summary>
internal sealed class PartitionLane(EventSender sender, PendingBytes pendingBytes, TimeSpan linger, TimeProvider clock)
{
    /// <summary>Uncompressed bytes at which an event takes no more; compressed it stays far below the hub's limit.</summary>
    private const int FullEventBytes = 1 << 20;

    private readonly Lock _gate = new();
    private readonly Queue<PendingEvent> _full = new();
    private PendingEvent? _open;
    private byte[]? _spareBuffer;
    private bool _running;

    /// <summary>Adds a frame to the event that gathers, and returns that event.</summary>
    public PendingEvent Add(FrameBuffer from, in FrameSlice frame)
    {
        lock (_gate)
        {
            if (_open is not null && _open.Length + frame.Length > FullEventBytes)
            {
                _full.Enqueue(_open);
                _open = null;
            }

            if (_open is null)
            {
                _open = new PendingEvent(_spareBuffer ?? new byte[64 * 1024]);
                _spareBuffer = null;
            }

            _open.Add(from, frame);
            if (!_running)
            {
                _running = true;
                _ = Task.Run(RunAsync);
            }

            return _open;
        }
    }

    private async Task RunAsync()
    {
        if (linger > TimeSpan.Zero)
            await Task.Delay(linger, clock);
        while (TakeNext() is { } next)
            await SendAsync(next);
    }

    private PendingEvent? TakeNext()
    {
        lock (_gate)
        {
            if (_full.TryDequeue(out var full))
                return full;
            var open = _open;
            _open = null;
            _running = open is not null;
            return open;
        }
    }

    private async Task SendAsync(PendingEvent pending)
    {
        try
        {
            await sender.SendAsync(pending);
            pending.Succeed();
        }
        catch (Exception e)
        {
            pending.Fail(e);
        }
        finally
        {
            pendingBytes.Release(pending.Length);
            lock (_gate)
                _spareBuffer = pending.Buffer.Length <= FullEventBytes ? pending.Buffer : null;
        }
    }
}
