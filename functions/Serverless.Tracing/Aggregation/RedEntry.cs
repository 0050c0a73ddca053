using Serverless.Tracing.Model;

namespace Serverless.Tracing.Aggregation;

/// <summary>What is counted of a minute's spans of an operation.</summary>
/// <param name="Minute">The minute of their start, in minutes since 1970.</param>
/// <param name="Service">Their service.</param>
/// <param name="Operation">Their name.</param>
/// <param name="Kind">Their kind.</param>
/// <param name="Sums">The counts.</param>
/// <param name="Durations">The durations of those that have one.</param>
public sealed record RedEntry(long Minute, string Service, string Operation, SpanKind Kind, RedSums Sums, ExponentialHistogram Durations);
