using Serverless.Tests.Protocols.Thrift;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Thrift;
using static Serverless.Tests.Protocols.Thrift.ThriftNode;

namespace Serverless.Tests.Protocols.Properties;

/// <summary>Spans of one process as Jaeger's batch.</summary>
internal static class JaegerEncoder
{
    public static ThriftNode Batch(IReadOnlyList<Span> spans) => Batch("shop", [new SpanAttribute("t.host", AttributeValue.Of("a"))], spans);

    public static ThriftNode Batch(string service, IReadOnlyList<SpanAttribute> process, IReadOnlyList<Span> spans) => Struct(
        (1, Struct((1, Text(service)), (2, List(ThriftType.Struct, [.. process.Select(Tag)])))),
        (2, List(ThriftType.Struct, [.. spans.Select(Span)])));

    public static ThriftNode Message(IReadOnlyList<Span> spans) => Struct((1, Batch(spans)));

    private static ThriftNode Span(Span span) => Struct(
        (1, I64((long)span.TraceId.Low)), (2, I64((long)span.TraceId.High)), (3, I64((long)span.Id.Value)), (4, I64((long)span.ParentId.Value)),
        (5, Text(span.Name)), (7, I32((int)span.Flags)), (8, I64((long)(span.StartNs / 1000))), (9, I64(span.DurationNs / 1000)),
        (10, List(ThriftType.Struct, [.. span.Attributes.Select(Tag)])),
        (11, List(ThriftType.Struct, [.. span.Events.Select(e => Struct((1, I64((long)(e.TimeNs / 1000))), (2, List(ThriftType.Struct, [.. e.Attributes.Select(Tag)]))))])));

    private static ThriftNode Tag(SpanAttribute tag) => tag.Value.Type switch
    {
        AttributeType.String => Struct((1, Text(tag.Key)), (2, I32(0)), (3, Text(tag.Value.Text))),
        AttributeType.Double => Struct((1, Text(tag.Key)), (2, I32(1)), (4, Double(tag.Value.Double))),
        AttributeType.Int64 => Struct((1, Text(tag.Key)), (2, I32(3)), (6, I64(tag.Value.Int64))),
        AttributeType.Bytes => Struct((1, Text(tag.Key)), (2, I32(4)), (7, Bytes(tag.Value.Bytes))),
        _ => Struct((1, Text(tag.Key)), (2, I32(2)), (5, Bool(tag.Value.Type == AttributeType.True))),
    };
}
