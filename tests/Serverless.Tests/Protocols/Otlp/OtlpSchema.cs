using Serverless.Tests.Protocols.Protobuf;
using static Serverless.Tests.Protocols.Protobuf.ProtoKind;

namespace Serverless.Tests.Protocols.Otlp;

/// <summary>
/// The messages of a trace export request, as opentelemetry-proto defines them (trace_service.proto, trace.proto, common.proto,
/// resource.proto); written down apart from the decoder's field numbers, so that a mistake in one shows.
/// </summary>
internal static class OtlpSchema
{
    private static readonly ProtoType AnyValue = new("AnyValue");
    private static readonly ProtoType KeyValue = new ProtoType("KeyValue").With(new(1, "key", Text), new(2, "value", Message, AnyValue));

    private static readonly ProtoType Resource = new ProtoType("Resource").With(
        new(1, "attributes", Message, KeyValue, IsRepeated: true), new(2, "droppedAttributesCount", VarUInt32));

    private static readonly ProtoType Scope = new ProtoType("InstrumentationScope").With(
        new(1, "name", Text), new(2, "version", Text), new(3, "attributes", Message, KeyValue, IsRepeated: true), new(4, "droppedAttributesCount", VarUInt32));

    private static readonly ProtoType Event = new ProtoType("Event").With(
        new(1, "timeUnixNano", Fixed64), new(2, "name", Text), new(3, "attributes", Message, KeyValue, IsRepeated: true),
        new(4, "droppedAttributesCount", VarUInt32));

    private static readonly ProtoType Link = new ProtoType("Link").With(
        new(1, "traceId", Bytes, IdBytes: 16), new(2, "spanId", Bytes, IdBytes: 8), new(3, "traceState", Text),
        new(4, "attributes", Message, KeyValue, IsRepeated: true), new(5, "droppedAttributesCount", VarUInt32), new(6, "flags", Fixed32));

    private static readonly ProtoType Status = new ProtoType("Status").With(new(2, "message", Text), new(3, "code", Enumeration));

    private static readonly ProtoType Span = new ProtoType("Span").With(
        new(1, "traceId", Bytes, IdBytes: 16), new(2, "spanId", Bytes, IdBytes: 8), new(3, "traceState", Text),
        new(4, "parentSpanId", Bytes, IdBytes: 8), new(5, "name", Text), new(6, "kind", Enumeration), new(7, "startTimeUnixNano", Fixed64),
        new(8, "endTimeUnixNano", Fixed64), new(9, "attributes", Message, KeyValue, IsRepeated: true), new(10, "droppedAttributesCount", VarUInt32),
        new(11, "events", Message, Event, IsRepeated: true), new(12, "droppedEventsCount", VarUInt32), new(13, "links", Message, Link, IsRepeated: true),
        new(14, "droppedLinksCount", VarUInt32), new(15, "status", Message, Status), new(16, "flags", Fixed32));

    private static readonly ProtoType ScopeSpans = new ProtoType("ScopeSpans").With(
        new(1, "scope", Message, Scope), new(2, "spans", Message, Span, IsRepeated: true), new(3, "schemaUrl", Text));

    private static readonly ProtoType ResourceSpans = new ProtoType("ResourceSpans").With(
        new(1, "resource", Message, Resource), new(2, "scopeSpans", Message, ScopeSpans, IsRepeated: true), new(3, "schemaUrl", Text));

    static OtlpSchema() => AnyValue.With(
        new(1, "stringValue", Text, IsChoice: true), new(2, "boolValue", Bool, IsChoice: true), new(3, "intValue", VarInt64, IsChoice: true),
        new(4, "doubleValue", Real, IsChoice: true),
        new(5, "arrayValue", Message, new ProtoType("ArrayValue").With(new ProtoField(1, "values", Message, AnyValue, IsRepeated: true)), IsChoice: true),
        new(6, "kvlistValue", Message, new ProtoType("KeyValueList").With(new ProtoField(1, "values", Message, KeyValue, IsRepeated: true)), IsChoice: true),
        new(7, "bytesValue", Bytes, IsChoice: true));

    public static ProtoType Request { get; } = new ProtoType("ExportTraceServiceRequest").With(
        new ProtoField(1, "resourceSpans", Message, ResourceSpans, IsRepeated: true));
}
