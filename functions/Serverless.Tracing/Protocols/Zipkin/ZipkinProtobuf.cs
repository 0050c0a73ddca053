using Serverless.Tracing.Protocols.Protobuf;
using static Serverless.Tracing.Protocols.Protobuf.ProtobufMessage;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>The messages of <c>zipkin.proto3</c>, by the names and numbers of zipkin-api's <c>zipkin.proto</c>.</summary>
internal static class ZipkinProtobuf
{
    public static readonly ProtobufSchema Schema = new(ZipkinErrors.Proto3Format, MakeListOfSpans());

    private static ProtobufMessage MakeListOfSpans()
    {
        var endpoint = new ProtobufMessage();
        endpoint.Set(
            One(Endpoint.ServiceName, "service_name"), One(Endpoint.Ipv4, "ipv4"), One(Endpoint.Ipv6, "ipv6"), One(Endpoint.Port, "port"));
        var annotation = new ProtobufMessage();
        annotation.Set(One(Annotation.Timestamp, "timestamp"), One(Annotation.Value, "value"));
        var tag = new ProtobufMessage();
        tag.Set(One(Tag.Key, "key"), One(Tag.Value, "value"));
        var span = new ProtobufMessage();
        span.Set(
            One(Span.TraceId, "trace_id"),
            One(Span.ParentId, "parent_id"),
            One(Span.Id, "id"),
            One(Span.Kind, "kind"),
            One(Span.Name, "name"),
            One(Span.Timestamp, "timestamp"),
            One(Span.Duration, "duration"),
            One(Span.LocalEndpoint, "local_endpoint", endpoint),
            One(Span.RemoteEndpoint, "remote_endpoint", endpoint),
            Many(Span.Annotations, "annotations", annotation),
            Many(Span.Tags, "tags", tag),
            One(Span.Debug, "debug"),
            One(Span.Shared, "shared"));
        var list = new ProtobufMessage();
        list.Set(Many(ListOfSpans.Spans, "spans", span));
        return list;
    }

    public static class ListOfSpans
    {
        public const uint Spans = 1;
    }

    public static class Span
    {
        public const uint TraceId = 1;
        public const uint ParentId = 2;
        public const uint Id = 3;
        public const uint Kind = 4;
        public const uint Name = 5;
        public const uint Timestamp = 6;
        public const uint Duration = 7;
        public const uint LocalEndpoint = 8;
        public const uint RemoteEndpoint = 9;
        public const uint Annotations = 10;
        public const uint Tags = 11;
        public const uint Debug = 12;
        public const uint Shared = 13;
    }

    /// <summary>The values of <c>Span.Kind</c>.</summary>
    public static class Kind
    {
        public const ulong Client = 1;
        public const ulong Server = 2;
        public const ulong Producer = 3;
        public const ulong Consumer = 4;
    }

    public static class Endpoint
    {
        public const uint ServiceName = 1;
        public const uint Ipv4 = 2;
        public const uint Ipv6 = 3;
        public const uint Port = 4;
    }

    public static class Annotation
    {
        public const uint Timestamp = 1;
        public const uint Value = 2;
    }

    /// <summary>An entry of the map <c>Span.tags</c>.</summary>
    public static class Tag
    {
        public const uint Key = 1;
        public const uint Value = 2;
    }
}
