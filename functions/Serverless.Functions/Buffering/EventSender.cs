using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Serverless.Functions.Telemetry;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Buffering;

/// <summary>
/// Makes an event of pending frames and sends it: to its lane's partition, or to any other where that one fails, until
/// the hub has it or the time is up. Used by one lane at a time.
/// </summary>
internal sealed class EventSender(SpanHub hub, int lane, TracingSettings settings, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private const int LargestKeptBytes = 2 << 20;

    private readonly MemoryStream _event = new();
    private readonly LedgerSectionWriter _sections = new();

    /// <exception cref="PublishException">The hub did not take it in time.</exception>
    /// <exception cref="SpanTooLargeException">A frame is too large for the hub.</exception>
    public async Task SendAsync(PendingEvent pending)
    {
        if (pending.Standing is { } standing)
            pending.Section.Add(standing.Section);
        if (pending.Frames.Count == 0 && pending.Section.IsEmpty)
            return;
        using var span = OwnSpans.Start("publish", ActivityKind.Producer);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(settings.SendSeconds), clock);
        try
        {
            if (!await TrySendAsync(pending, 0, pending.Frames.Count, pending.Section, deadline.Token))
                await SendInPartsAsync(pending, deadline.Token);
        }
        finally
        {
            _event.SetLength(0);
            if (_event.Capacity > LargestKeptBytes)
                _event.Capacity = LargestKeptBytes;
        }
    }

    /// <summary>Sends what does not fit one event: what the ledger is told besides the frames' own counts, then the frames in halves.</summary>
    private async Task SendInPartsAsync(PendingEvent pending, CancellationToken deadline)
    {
        var rest = LedgerRest.Of(pending.Section);
        if (!rest.IsEmpty && !await TrySendAsync(pending, 0, 0, rest, deadline))
        {
            LedgerRest.KeepCountsAlone(rest);
            await TrySendAsync(pending, 0, 0, rest, deadline);
        }

        // It is told; what becomes of the frames does not change that.
        pending.Standing?.End();
        pending.Standing = null;
        if (pending.Frames.Count > 0)
            await SendFramesAsync(pending, 0, pending.Frames.Count, deadline);
    }

    private async Task SendFramesAsync(PendingEvent pending, int first, int count, CancellationToken deadline)
    {
        var section = LedgerRest.OfFrames(pending.Bytes(first, count));
        pending.AddRequestsTo(section, first, count);
        if (await TrySendAsync(pending, first, count, section, deadline))
        {
            pending.FramesTaken = first + count;
            return;
        }

        if (count == 1)
            throw new SpanTooLargeException((int)_event.Length);
        await SendFramesAsync(pending, first, count / 2, deadline);
        await SendFramesAsync(pending, first + (count / 2), count - (count / 2), deadline);
    }

    private Task<bool> TrySendAsync(PendingEvent pending, int first, int count, LedgerSection section, CancellationToken deadline)
    {
        var spans = pending.Spans(first, count);
        var id = (ulong)Random.Shared.NextInt64() + 1;
        EventEnvelope.Write(pending.Bytes(first, count).Span, _sections.Write(section), spans, count, id, _event);
        return SendEventAsync(deadline);
    }

    private async Task<bool> SendEventAsync(CancellationToken deadline)
    {
        var pause = FirstPause;
        for (var attempt = 0; ; attempt++)
        {
            HubException failure;
            try
            {
                var partitions = await hub.PartitionIdsAsync(deadline);
                var body = _event.GetBuffer().AsMemory(0, (int)_event.Length);
                EventEnvelope.SetAttempt(body.Span, attempt);
                // Any partition will do: which one it is only decides how well the assembler can batch its writes.
                return await hub.TrySendAsync(partitions[(lane + attempt) % partitions.Count], body, deadline);
            }
            catch (HubException e)
            {
                failure = e;
                logger.LogWarning(e, "An event of spans was not taken (attempt {Attempt}): {Reason}", attempt + 1, e.Message);
            }
            catch (OperationCanceledException e)
            {
                throw TimeIsUp(e);
            }

            try
            {
                await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), clock, deadline);
            }
            catch (OperationCanceledException)
            {
                throw TimeIsUp(failure);
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private static PublishException TimeIsUp(Exception reason) => reason is HubException { IsBusy: true }
        ? new PublishException("The event hub is throttling; send the spans again later.", 5, reason)
        : new PublishException("The event hub cannot be reached; send the spans again later.", 5, reason);
}
