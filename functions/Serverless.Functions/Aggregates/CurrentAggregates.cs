using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Frames;

namespace Serverless.Functions.Aggregates;

/// <summary>The aggregates as they are now: the stored ones and the traces still in flight, each trace once.</summary>
public sealed class CurrentAggregates(AggregateReader stored, InFlightTraces inFlight)
{
    /// <summary>What an answer says that leaves out the traces in flight.</summary>
    public const string Incomplete = "too many traces are in flight; those of the last minute or so are not counted yet";

    private const ulong NanosecondsPerMinute = 60_000_000_000;

    /// <summary>The calls between services in the traces that began in [from, to], in nanoseconds since 1970.</summary>
    /// <remarks>
    /// Exact for traces in flight; of others those count that began in a minute that begins in the window, or in which the window begins.
    /// </remarks>
    /// <returns>The calls; false where traces in flight were left out.</returns>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="HubException">A hub cannot be asked for its partitions.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    public async Task<(LinkWindow Links, bool IsComplete)> LinksAsync(ulong fromNs, ulong toNs, CancellationToken cancellation)
    {
        var window = new LinkWindow((long)(fromNs / NanosecondsPerMinute), (long)(toNs / NanosecondsPerMinute));
        if (toNs < fromNs)
            return (window, true);
        var live = await inFlight.ReadAsync(cancellation);
        await stored.ReadAsync(window, live.Committed, cancellation);
        foreach (var trace in live.Links)
        {
            var counts = trace.Sign > 0
                ? trace.StartNs >= fromNs && trace.StartNs <= toNs
                : window.Has((long)(trace.StartNs / NanosecondsPerMinute));
            if (counts)
                window.Add(trace.Links, trace.Sign);
        }

        return (window, live.IsComplete);
    }

    /// <summary>Adds the spans of a window's minutes to it.</summary>
    /// <returns>False where traces in flight were left out.</returns>
    /// <inheritdoc cref="LinksAsync"/>
    public async Task<bool> SpansAsync(RedWindow window, CancellationToken cancellation)
    {
        var live = await inFlight.ReadAsync(cancellation);
        await stored.ReadAsync(window, live.Committed, cancellation);
        live.Spans.WriteTo(window);
        return live.IsComplete;
    }
}
