using System.Buffers.Binary;
using System.Text;
using Serverless.Benchmarks.Load;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Tests.Benchmarks;

public class SpanRequestTemplateTests
{
    private const long EndNanos = 1_800_000_000_000_000_000;
    private static readonly RequestIds Ids = new(42);
    private static readonly List<(string Service, List<Field> Span)> Written = Read(Body(Ids, variant: 1));

    [Fact]
    public void A_request_holds_200_spans_of_20_traces_in_a_group_for_each_of_four_services()
    {
        Assert.Equal(200, Written.Count);
        Assert.Equal(20, Written.GroupBy(pair => Hex(pair.Span, 1)).Count());
        Assert.All(Written.GroupBy(pair => Hex(pair.Span, 1)), trace => Assert.Equal(10, trace.Count()));
        Assert.Equal(4, Groups(Body(Ids, variant: 1)).Count);
        Assert.Equal(["frontend", "orders", "inventory", "payments"], Written.Select(pair => pair.Service).Distinct());
    }

    [Fact]
    public void A_span_takes_about_375_bytes_and_has_five_texts_two_integers_and_a_boolean()
    {
        for (var variant = 0; variant < 4; variant++)
            Assert.InRange(Body(Ids, variant).Length / 200.0, 340, 410);
        foreach (var (_, span) in Written)
        {
            var types = span.Where(field => field.Number == 9)
                .Select(attribute => Walk(Walk(attribute.Bytes).Single(field => field.Number == 2).Bytes).Single().Number).ToList();
            Assert.Equal([1, 1, 1, 1, 1, 2, 3, 3], types.Order());
        }
    }

    [Fact]
    public void Resources_say_what_an_OpenTelemetry_SDK_says()
    {
        foreach (var group in Groups(Body(Ids, variant: 1)))
        {
            var keys = Walk(group.Single(field => field.Number == 1).Bytes).Select(attribute => Text(Walk(attribute.Bytes), 1));
            Assert.Equal(
                [
                    "service.name", "service.version", "service.instance.id", "host.name",
                    "telemetry.sdk.name", "telemetry.sdk.language", "telemetry.sdk.version",
                ],
                keys);
        }
    }

    [Fact]
    public void Traces_are_trees_whose_spans_lie_within_their_parents()
    {
        foreach (var trace in Written.GroupBy(pair => Hex(pair.Span, 1)))
        {
            var spans = trace.ToDictionary(pair => Hex(pair.Span, 2), pair => pair.Span);
            Assert.Single(spans.Values, span => span.All(field => field.Number != 4));
            foreach (var span in spans.Values)
            {
                Assert.InRange(Time(span, 8), Time(span, 7) + 1, EndNanos);
                if (span.All(field => field.Number != 4))
                    continue;
                var parent = spans[Hex(span, 4)];
                Assert.True(Time(span, 7) >= Time(parent, 7) && Time(span, 8) <= Time(parent, 8), "a span is not within its parent");
            }
        }
    }

    [Fact]
    public void Ids_and_unique_texts_are_those_of_the_seed_and_differ_with_it()
    {
        var expected = Enumerable.Range(0, 20).Select(Ids.TraceText).ToHashSet();
        Assert.Equal(expected, Written.Select(pair => Hex(pair.Span, 1)).ToHashSet());
        Assert.Equal(200, Written.Select(pair => Hex(pair.Span, 2)).Distinct().Count());
        Assert.Equal(
            Enumerable.Range(0, 200).Select(i => Ids.UniqueText(i).ToString("x16")).Order(),
            Written.Select(pair => Attribute(pair.Span, SpanRequestTemplate.UniqueKey)).Order());

        var other = Read(Body(new RequestIds(43), variant: 1));
        Assert.Empty(other.Select(pair => Hex(pair.Span, 1)).Intersect(expected));
    }

    [Fact]
    public void The_decoder_takes_every_span_whole()
    {
        var batch = new SpanBatch();
        batch.Reset(SpanProtocol.Otlp);
        Assert.Equal(new DecodeResult(200, 0, 0, null), new OtlpProtobufDecoder().Decode(Body(Ids, variant: 1), batch, DecodeLimits.Default));
    }

    private sealed record Field(int Number, byte[] Bytes);

    private static byte[] Body(RequestIds ids, int variant)
    {
        var template = SpanRequestTemplate.Create(variant);
        var body = new byte[template.Length];
        template.Write(body, ids, EndNanos);
        return body;
    }

    private static List<List<Field>> Groups(byte[] body) => [.. Walk(body).Select(group => Walk(group.Bytes))];

    private static List<(string Service, List<Field> Span)> Read(byte[] body) =>
    [
        .. from @group in Groups(body)
           let resource = Walk(@group.Single(field => field.Number == 1).Bytes)
           let service = Text(Walk(Walk(resource[0].Bytes).Single(field => field.Number == 2).Bytes), 1)
           from scope in @group.Where(field => field.Number == 2)
           from span in Walk(scope.Bytes).Where(field => field.Number == 2)
           select (service, Walk(span.Bytes)),
    ];

    /// <summary>The fields of a protobuf message; a varint as its eight bytes.</summary>
    private static List<Field> Walk(byte[] message)
    {
        var fields = new List<Field>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            var length = (tag & 7) switch
            {
                0 => 0,
                1 => 8,
                2 => (int)Varint(message, ref at),
                5 => 4,
                var wireType => throw new InvalidOperationException($"wire type {wireType} at byte {at}"),
            };
            var bytes = (tag & 7) == 0 ? BitConverter.GetBytes(Varint(message, ref at)) : message.AsSpan(at, length).ToArray();
            at += length;
            fields.Add(new Field((int)(tag >> 3), bytes));
        }

        return fields;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            value |= (ulong)(message[at] & 0x7F) << shift;
            if (message[at++] < 0x80)
                return value;
        }
    }

    private static string Attribute(List<Field> span, string key)
    {
        var attribute = span.Where(field => field.Number == 9).Select(field => Walk(field.Bytes)).Single(fields => Text(fields, 1) == key);
        return Text(Walk(attribute.Single(field => field.Number == 2).Bytes), 1);
    }

    private static string Text(List<Field> fields, int number) => Encoding.UTF8.GetString(fields.Single(field => field.Number == number).Bytes);

    private static string Hex(List<Field> fields, int number) => Convert.ToHexStringLower(fields.Single(field => field.Number == number).Bytes);

    private static long Time(List<Field> fields, int number) =>
        BinaryPrimitives.ReadInt64LittleEndian(fields.Single(field => field.Number == number).Bytes);
}
