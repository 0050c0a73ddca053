namespace Serverless.Tracing.Protocols;

/// <summary>
/// The keys under which OpenTelemetry's fields stand in formats that have no such fields: its specification "Transformation to
/// non-OTLP formats", and those that its Jaeger and Zipkin translators add.
/// </summary>
internal static class OtelKeys
{
    public const string ServiceName = "service.name";
    public const string ScopeName = "otel.scope.name";
    public const string ScopeVersion = "otel.scope.version";

    // The names before "scope"; the specification keeps them, and Jaeger UI reads only these.
    public const string LibraryName = "otel.library.name";
    public const string LibraryVersion = "otel.library.version";
    public const string StatusCode = "otel.status_code";
    public const string StatusDescription = "otel.status_description";
    public const string DroppedAttributes = "otel.dropped_attributes_count";
    public const string DroppedEvents = "otel.dropped_events_count";
    public const string DroppedLinks = "otel.dropped_links_count";
    public const string TraceState = "w3c.tracestate";
    public const string SpanKind = "span.kind";
    public const string Error = "error";
    public const string ReferenceType = "opentracing.ref_type";
}
