using Serverless.Tracing.Model;

namespace Serverless.Tracing.Search;

/// <summary>An operation that a batch had spans of, names as sent.</summary>
public readonly record struct SeenOperation(string ServiceName, string Name, SpanKind Kind);
