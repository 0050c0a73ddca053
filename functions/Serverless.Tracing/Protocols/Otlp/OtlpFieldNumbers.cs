namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>
/// The field numbers of an OTLP trace export request, by message and named as in opentelemetry-proto:
/// <c>collector/trace/v1/trace_service.proto</c>, <c>trace/v1/trace.proto</c>, <c>common/v1/common.proto</c> and
/// <c>resource/v1/resource.proto</c>.
/// </summary>
internal static class OtlpFieldNumbers
{
    public static class ExportTraceServiceRequest
    {
        public const uint ResourceSpans = 1;
    }

    public static class ExportTraceServiceResponse
    {
        public const uint PartialSuccess = 1;
    }

    public static class ExportTracePartialSuccess
    {
        public const uint RejectedSpans = 1;
        public const uint ErrorMessage = 2;
    }

    public static class ResourceSpans
    {
        public const uint Resource = 1;
        public const uint ScopeSpans = 2;
        public const uint SchemaUrl = 3;
    }

    public static class Resource
    {
        public const uint Attributes = 1;
        public const uint DroppedAttributesCount = 2;
    }

    public static class ScopeSpans
    {
        public const uint Scope = 1;
        public const uint Spans = 2;
        public const uint SchemaUrl = 3;
    }

    public static class InstrumentationScope
    {
        public const uint Name = 1;
        public const uint Version = 2;
        public const uint Attributes = 3;
        public const uint DroppedAttributesCount = 4;
    }

    public static class Span
    {
        public const uint TraceId = 1;
        public const uint SpanId = 2;
        public const uint TraceState = 3;
        public const uint ParentSpanId = 4;
        public const uint Name = 5;
        public const uint Kind = 6;
        public const uint StartTimeUnixNano = 7;
        public const uint EndTimeUnixNano = 8;
        public const uint Attributes = 9;
        public const uint DroppedAttributesCount = 10;
        public const uint Events = 11;
        public const uint DroppedEventsCount = 12;
        public const uint Links = 13;
        public const uint DroppedLinksCount = 14;
        public const uint Status = 15;
        public const uint Flags = 16;
    }

    public static class Event
    {
        public const uint TimeUnixNano = 1;
        public const uint Name = 2;
        public const uint Attributes = 3;
        public const uint DroppedAttributesCount = 4;
    }

    public static class Link
    {
        public const uint TraceId = 1;
        public const uint SpanId = 2;
        public const uint TraceState = 3;
        public const uint Attributes = 4;
        public const uint DroppedAttributesCount = 5;
        public const uint Flags = 6;
    }

    public static class Status
    {
        public const uint Message = 2;
        public const uint Code = 3;
    }

    public static class KeyValue
    {
        public const uint Key = 1;
        public const uint Value = 2;
    }

    public static class AnyValue
    {
        public const uint StringValue = 1;
        public const uint BoolValue = 2;
        public const uint IntValue = 3;
        public const uint DoubleValue = 4;
        public const uint ArrayValue = 5;
        public const uint KvlistValue = 6;
        public const uint BytesValue = 7;
    }

    public static class ArrayValue
    {
        public const uint Values = 1;
    }

    public static class KeyValueList
    {
        public const uint Values = 1;
    }
}
