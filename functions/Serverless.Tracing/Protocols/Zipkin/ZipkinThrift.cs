using Serverless.Tracing.Protocols.Thrift;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>The structs of zipkin-api's <c>zipkinCore.thrift</c>, by its names and numbers.</summary>
internal static class ZipkinThrift
{
    private static readonly ThriftStruct EndpointStruct = new(
        new ThriftField(Endpoint.Ipv4, "ipv4"),
        new ThriftField(Endpoint.Port, "port"),
        new ThriftField(Endpoint.ServiceName, "service_name"),
        new ThriftField(Endpoint.Ipv6, "ipv6"));

    private static readonly ThriftStruct AnnotationStruct = new(
        new ThriftField(Annotation.Timestamp, "timestamp"),
        new ThriftField(Annotation.Value, "value"),
        new ThriftField(Annotation.Host, "host", EndpointStruct));

    private static readonly ThriftStruct BinaryAnnotationStruct = new(
        new ThriftField(BinaryAnnotation.Key, "key"),
        new ThriftField(BinaryAnnotation.Value, "value"),
        new ThriftField(BinaryAnnotation.AnnotationType, "annotation_type"),
        new ThriftField(BinaryAnnotation.Host, "host", EndpointStruct));

    public static readonly ThriftSchema Schema = new(
        ZipkinErrors.ThriftFormat,
        new ThriftStruct(
            new ThriftField(Span.TraceId, "trace_id"),
            new ThriftField(Span.Name, "name"),
            new ThriftField(Span.Id, "id"),
            new ThriftField(Span.ParentId, "parent_id"),
            new ThriftField(Span.Annotations, "annotations", AnnotationStruct),
            new ThriftField(Span.BinaryAnnotations, "binary_annotations", BinaryAnnotationStruct),
            new ThriftField(Span.Debug, "debug"),
            new ThriftField(Span.Timestamp, "timestamp"),
            new ThriftField(Span.Duration, "duration"),
            new ThriftField(Span.TraceIdHigh, "trace_id_high")),
        IsList: true);

    public static class Span
    {
        public const short TraceId = 1;
        public const short Name = 3;
        public const short Id = 4;
        public const short ParentId = 5;
        public const short Annotations = 6;
        public const short BinaryAnnotations = 8;
        public const short Debug = 9;
        public const short Timestamp = 10;
        public const short Duration = 11;
        public const short TraceIdHigh = 12;
    }

    public static class Annotation
    {
        public const short Timestamp = 1;
        public const short Value = 2;
        public const short Host = 3;
    }

    public static class BinaryAnnotation
    {
        public const short Key = 1;
        public const short Value = 2;
        public const short AnnotationType = 3;
        public const short Host = 4;
    }

    /// <summary>The values of <c>AnnotationType</c>.</summary>
    public static class AnnotationType
    {
        public const int Bool = 0;
        public const int Bytes = 1;
        public const int I16 = 2;
        public const int I32 = 3;
        public const int I64 = 4;
        public const int Double = 5;
        public const int String = 6;
    }

    public static class Endpoint
    {
        public const short Ipv4 = 1;
        public const short Port = 2;
        public const short ServiceName = 3;
        public const short Ipv6 = 4;
    }
}
