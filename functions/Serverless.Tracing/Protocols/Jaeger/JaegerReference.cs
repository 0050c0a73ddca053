using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Jaeger;

/// <summary>A reference of a span to another one.</summary>
internal readonly record struct JaegerReference(TraceId TraceId, ulong SpanId, bool IsChildOf);
