using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying;

/// <summary>An operation of a service.</summary>
/// <param name="Name">The name, as sent.</param>
/// <param name="Kind">The kind of its spans.</param>
public readonly record struct OperationName(string Name, SpanKind Kind);
