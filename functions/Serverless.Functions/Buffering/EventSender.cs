using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Serverless.Functions.Telemetry;
using Serverless.Tracing.Frames;

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

    /// <exception cref="PublishException">The hub did not take it in time.</exception>
    /// <exception cref="SpanTooLargeException">A frame is too large for the hub.</exception>
    public async Task SendAsync(PendingEvent pending)
    {
        using var span = OwnSpans.Start("publish", ActivityKind.Producer);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(settings.SendSeconds), clock);
        try
        {
            await SendAsync(pending, 0, pending.Frames.Count, deadline.Token);
        }
        finally
        {
            _event.SetLength(0);
            if (_event.Capacity > LargestKeptBytes)
                _event.Capacity = LargestKeptBytes;
        }
    }

    private async Task SendAsync(PendingEvent pending, int first, int count, CancellationToken deadline)
    {
        var spans = 0;
        for (var i = first; i < first + count; i++)
            spans += pending.Frames[i].Spans;
        EventEnvelope.Write(pending.Bytes(first, count), spans, count, _event);
        if (await SendEventAsync(deadline))
            return;
        if (count == 1)
            throw new SpanTooLargeException((int)_event.Length);
        await SendAsync(pending, first, count / 2, deadline);
        await SendAsync(pending, first + (count / 2), count - (count / 2), deadline);
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
