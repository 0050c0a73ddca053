using Microsoft.Extensions.Logging;
using Serverless.Tracing.Frames;

namespace Serverless.Functions.Buffering;

/// <summary>
/// Takes the frames of requests and returns when the hub has them durably. Concurrent requests share events: each
/// partition of the hub has a lane in which frames gather.
/// </summary>
public sealed class SpanPublisher
{
    private readonly SpanHub _hub;
    private readonly TracingSettings _settings;
    private readonly TimeProvider _clock;
    private readonly ILogger<SpanPublisher> _logger;
    private readonly PendingBytes _pending;
    private volatile PartitionLane[]? _lanes;

    /// <summary>Makes a publisher to a hub.</summary>
    public SpanPublisher(SpanHub hub, TracingSettings settings, TimeProvider clock, ILogger<SpanPublisher> logger)
    {
        _hub = hub;
        _settings = settings;
        _clock = clock;
        _logger = logger;
        _pending = new PendingBytes(settings.MaxPendingBytes);
    }

    /// <summary>How many bytes of frames wait for the hub.</summary>
    public long PendingBytes => _pending.Count;

    /// <summary>Hands over frames. They are copied before this returns its task: the buffer is free at once.</summary>
    /// <returns>A task that ends when all frames are durable in the hub.</returns>
    /// <exception cref="PublishException">The spans were not accepted and should be sent again.</exception>
    /// <exception cref="SpanTooLargeException">A span is too large for the hub.</exception>
    public async ValueTask<Task> PublishAsync(FrameBuffer frames, CancellationToken cancellation)
    {
        if (frames.Frames.Count == 0)
            return Task.CompletedTask;
        var lanes = _lanes ?? await OpenLanesAsync(cancellation);
        if (!_pending.TryTake(frames.Length))
            throw new PublishException("Too many spans wait for the event hub; send them again later.", 1);
        return Publish(frames, lanes);
    }

    private static Task Publish(FrameBuffer frames, PartitionLane[] lanes)
    {
        var events = new List<PendingEvent>(lanes.Length);
        foreach (var frame in frames.Frames)
        {
            var pending = lanes[Shards.Of(frame.TraceLow) % lanes.Length].Add(frames, frame);
            if (!events.Contains(pending))
                events.Add(pending);
        }

        return events.Count == 1 ? events[0].Sent : Task.WhenAll(events.Select(pending => pending.Sent));
    }

    private async Task<PartitionLane[]> OpenLanesAsync(CancellationToken cancellation)
    {
        IReadOnlyList<string> partitions;
        try
        {
            partitions = await _hub.PartitionIdsAsync(cancellation);
        }
        catch (HubException e)
        {
            throw new PublishException("The event hub cannot be reached; send the spans again later.", 5, e);
        }

        var linger = TimeSpan.FromMilliseconds(_settings.LingerMilliseconds);
        var lanes = new PartitionLane[partitions.Count];
        for (var i = 0; i < lanes.Length; i++)
            lanes[i] = new PartitionLane(new EventSender(_hub, i, _settings, _clock, _logger), _pending, linger, _clock);
        // Two requests may get here at once; both must use the same lanes.
        return Interlocked.CompareExchange(ref _lanes, lanes, null) ?? lanes;
    }
}
