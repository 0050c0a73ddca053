using Serverless.Tracing.Frames;

namespace Serverless.Tracing.Protocols.Otlp.Metrics;

/// <summary>A data point of a metric that tells of lost spans, while its request is read.</summary>
internal struct SpanLossPoint
{
    /// <summary>The metric.</summary>
    public SpanLossMetric Metric;

    /// <summary>The metric's name, a text id.</summary>
    public int Name;

    /// <summary>The value is what was lost since the point before, and not since the start.</summary>
    public bool IsDelta;

    public ulong StartNs;
    public ulong TimeNs;

    /// <summary>The value in spans; 0 also where it is none.</summary>
    public long Value;

    public ItemList Attributes;

    /// <summary>The hash of the point's scope.</summary>
    public UInt128 Scope;
}
