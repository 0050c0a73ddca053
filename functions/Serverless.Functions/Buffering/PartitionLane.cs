using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Buffering;

/// <summary>
/// What waits for one partition of the hub. While one event is on its way the next one gathers, so that events grow with
/// the traffic; a lane that was idle lingers first, so that requests that come together leave together.
/// </summary>
internal sealed class PartitionLane(
    EventSender sender, PendingBytes pendingBytes, StandingLedger standing, TimeSpan linger, TimeProvider clock)
{
    /// <summary>Uncompressed bytes at which an event takes no more; compressed it stays far below the hub's limit.</summary>
    private const int FullEventBytes = 1 << 20;

    private readonly Lock _gate = new();
    private readonly Queue<PendingEvent> _full = new();
    private PendingEvent? _open;
    private byte[]? _spareBuffer;
    private bool _running;

    /// <summary>Adds a request's frames of one of several lanes to the events that gather, with what the ledger is to know of them.</summary>
    public void Add(FrameBuffer from, RequestTally tally, int lane, int lanes, Publication publication)
    {
        lock (_gate)
        {
            PendingEvent? current = null;
            var first = 0;
            for (var i = 0; i < from.Frames.Count; i++)
            {
                var frame = from.Frames[i];
                if (Shards.Of(frame.TraceLow) % lanes != lane)
                    continue;
                var open = Open(frame.Length);
                if (current != open)
                {
                    End(current, first);
                    first = open.Frames.Count;
                }

                current = open;
                open.Add(from, frame);
                tally.AddTo(open.Section.Counts, i);
            }

            End(current, first);
            if (current is not null)
                Start();
        }

        void End(PendingEvent? ended, int first)
        {
            if (ended is null)
                return;
            ended.AddRequest(tally.Id, tally.Accepted, first);
            publication.Add(ended);
        }
    }

    /// <summary>Has what stands in the ledger sent with the event that gathers, or alone.</summary>
    public Task AddStanding()
    {
        lock (_gate)
        {
            var open = Open(0);
            Start();
            return open.Sent;
        }
    }

    private PendingEvent Open(int length)
    {
        if (_open is not null && _open.Length + length > FullEventBytes)
        {
            _full.Enqueue(_open);
            _open = null;
        }

        if (_open is null)
        {
            _open = new PendingEvent(_spareBuffer ?? new byte[64 * 1024]);
            _spareBuffer = null;
        }

        return _open;
    }

    private void Start()
    {
        if (_running)
            return;
        _running = true;
        _ = Task.Run(RunAsync);
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

    /// <summary>Whose spans an event had that the hub did not take.</summary>
    private static LedgerSection RefusedOf(PendingEvent pending, Exception e)
    {
        var refused = new LedgerSection();
        var reason = e is SpanTooLargeException ? LedgerReason.TooLarge : LedgerReason.Unavailable;
        var section = pending.FramesTaken == 0
            ? pending.Section
            : LedgerRest.OfFrames(pending.Bytes(pending.FramesTaken, pending.Frames.Count - pending.FramesTaken));
        foreach (var (key, count) in section.Counts)
        {
            if (key.Stage == LedgerStage.Accepted)
                refused.Counts.Add(key.Source, LedgerStage.Refused, reason, count);
        }

        return refused;
    }

    private async Task SendAsync(PendingEvent pending)
    {
        try
        {
            pending.Standing = standing.Take();
            var isSent = pending.Frames.Count > 0 || pending.Standing is not null;
            await sender.SendAsync(pending);
            if (isSent)
                standing.IsHubAway = false;
            pending.Succeed();
        }
        catch (Exception e)
        {
            standing.IsHubAway |= e is PublishException;
            var refused = RefusedOf(pending, e);
            if (pending.Standing is { } part)
                standing.GiveBack(part);
            // Before its requests are told: they see to it that what stands is sent.
            _ = standing.Add(refused);
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
