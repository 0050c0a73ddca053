namespace Serverless.Tracing.Protocols.Jaeger;

/// <summary>An entry of <c>errors</c> in an answer of Jaeger's legacy API.</summary>
/// <param name="Code">The HTTP status, or 0 where the error concerns one of several traces and the answer is a success.</param>
/// <param name="Message">What went wrong, for a person.</param>
/// <param name="TraceId">The trace that it concerns, as it was asked for, or null.</param>
public readonly record struct JaegerError(int Code, string Message, string? TraceId = null);
