using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Protocols.Analytics;

namespace Serverless.Functions.Finalizing;

/// <summary>What one attempt at an item works with, and keeps its memory for the next.</summary>
internal sealed class FinalizeTools : IDisposable
{
    public TraceAggregates Aggregates { get; } = new();

    public PooledSpanDecoder Decoder { get; } = new();

    public AnalyticsPacker Packer { get; } = new(Buffering.AnalyticsHub.MaxEventBytes);

    /// <summary>Forgets what an attempt that did not get to its end left.</summary>
    public void Reset()
    {
        Aggregates.Clear();
        Packer.Dispose();
    }

    public void Dispose() => Packer.Dispose();
}
