namespace Serverless.Tracing.Protocols;

/// <summary>What became of the spans of a request that was well-formed as a whole.</summary>
/// <param name="Accepted">Spans that are in the batch.</param>
/// <param name="Rejected">Spans that are not, because they were malformed on their own.</param>
/// <param name="Truncated">Spans in the batch of which something was over a limit and was cut (marked on the span).</param>
/// <param name="RejectedReason">Where and why the first span was rejected, or null.</param>
public readonly record struct DecodeResult(int Accepted, int Rejected, int Truncated, string? RejectedReason);
