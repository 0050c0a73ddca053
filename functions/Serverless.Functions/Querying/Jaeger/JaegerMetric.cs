namespace Serverless.Functions.Querying.Jaeger;

/// <summary>The measures of Jaeger's metrics API.</summary>
internal enum JaegerMetric
{
    /// <summary>A quantile of the durations, in milliseconds.</summary>
    Latencies,

    /// <summary>Spans per second.</summary>
    CallRate,

    /// <summary>The share of the spans that failed.</summary>
    ErrorRate,
}
