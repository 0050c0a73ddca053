using Serverless.Tracing.Protocols.Protobuf;
using static Serverless.Tracing.Protocols.Protobuf.ProtobufMessage;
using F = Serverless.Tracing.Protocols.Otlp.OtlpFieldNumbers;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>The messages of the request.</summary>
internal static class OtlpMessage
{
    public static readonly ProtobufMessage Request = new();
    public static readonly ProtobufMessage ResourceSpans = new();
    public static readonly ProtobufMessage Resource = new();
    public static readonly ProtobufMessage ScopeSpans = new();
    public static readonly ProtobufMessage InstrumentationScope = new();
    public static readonly ProtobufMessage Span = new();
    public static readonly ProtobufMessage Event = new();
    public static readonly ProtobufMessage Link = new();
    public static readonly ProtobufMessage Status = new();
    public static readonly ProtobufMessage KeyValue = new();
    public static readonly ProtobufMessage AnyValue = new();
    public static readonly ProtobufMessage ArrayValue = new();
    public static readonly ProtobufMessage KeyValueList = new();
    public static readonly ProtobufSchema Schema = new("OTLP protobuf", Request);

    static OtlpMessage()
    {
        Request.Set(Many(F.ExportTraceServiceRequest.ResourceSpans, "resource_spans", ResourceSpans));
        ResourceSpans.Set(
            One(F.ResourceSpans.Resource, "resource", Resource),
            Many(F.ResourceSpans.ScopeSpans, "scope_spans", ScopeSpans),
            One(F.ResourceSpans.SchemaUrl, "schema_url"));
        Resource.Set(
            Many(F.Resource.Attributes, "attributes", KeyValue),
            One(F.Resource.DroppedAttributesCount, "dropped_attributes_count"));
        ScopeSpans.Set(
            One(F.ScopeSpans.Scope, "scope", InstrumentationScope),
            Many(F.ScopeSpans.Spans, "spans", Span),
            One(F.ScopeSpans.SchemaUrl, "schema_url"));
        InstrumentationScope.Set(
            One(F.InstrumentationScope.Name, "name"),
            One(F.InstrumentationScope.Version, "version"),
            Many(F.InstrumentationScope.Attributes, "attributes", KeyValue),
            One(F.InstrumentationScope.DroppedAttributesCount, "dropped_attributes_count"));
        Span.Set(
            One(F.Span.TraceId, "trace_id"),
            One(F.Span.SpanId, "span_id"),
            One(F.Span.TraceState, "trace_state"),
            One(F.Span.ParentSpanId, "parent_span_id"),
            One(F.Span.Name, "name"),
            One(F.Span.Kind, "kind"),
            One(F.Span.StartTimeUnixNano, "start_time_unix_nano"),
            One(F.Span.EndTimeUnixNano, "end_time_unix_nano"),
            Many(F.Span.Attributes, "attributes", KeyValue),
            One(F.Span.DroppedAttributesCount, "dropped_attributes_count"),
            Many(F.Span.Events, "events", Event),
            One(F.Span.DroppedEventsCount, "dropped_events_count"),
            Many(F.Span.Links, "links", Link),
            One(F.Span.DroppedLinksCount, "dropped_links_count"),
            One(F.Span.Status, "status", Status),
            One(F.Span.Flags, "flags"));
        Event.Set(
            One(F.Event.TimeUnixNano, "time_unix_nano"),
            One(F.Event.Name, "name"),
            Many(F.Event.Attributes, "attributes", KeyValue),
            One(F.Event.DroppedAttributesCount, "dropped_attributes_count"));
        Link.Set(
            One(F.Link.TraceId, "trace_id"),
            One(F.Link.SpanId, "span_id"),
            One(F.Link.TraceState, "trace_state"),
            Many(F.Link.Attributes, "attributes", KeyValue),
            One(F.Link.DroppedAttributesCount, "dropped_attributes_count"),
            One(F.Link.Flags, "flags"));
        Status.Set(One(F.Status.Message, "message"), One(F.Status.Code, "code"));
        KeyValue.Set(One(F.KeyValue.Key, "key"), One(F.KeyValue.Value, "value", AnyValue));
        AnyValue.Set(
            One(F.AnyValue.StringValue, "string_value"),
            One(F.AnyValue.BoolValue, "bool_value"),
            One(F.AnyValue.IntValue, "int_value"),
            One(F.AnyValue.DoubleValue, "double_value"),
            One(F.AnyValue.ArrayValue, "array_value", ArrayValue),
            One(F.AnyValue.KvlistValue, "kvlist_value", KeyValueList),
            One(F.AnyValue.BytesValue, "bytes_value"));
        ArrayValue.Set(Many(F.ArrayValue.Values, "values", AnyValue));
        KeyValueList.Set(Many(F.KeyValueList.Values, "values", KeyValue));
    }
}
