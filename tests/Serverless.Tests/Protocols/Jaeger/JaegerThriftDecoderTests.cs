using System.Text;
using Serverless.Tests.Protocols.Thrift;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Jaeger;
using Serverless.Tracing.Protocols.Thrift;
using static Serverless.Tests.Protocols.Jaeger.JaegerCorpus;
using static Serverless.Tests.Protocols.Thrift.ThriftNode;
using Span = Serverless.Tracing.Model.Span;

namespace Serverless.Tests.Protocols.Jaeger;

public sealed class JaegerThriftDecoderTests
{
    [Theory]
    [InlineData("server", SpanKind.Server, false)]
    [InlineData("client", SpanKind.Client, false)]
    [InlineData("producer", SpanKind.Producer, false)]
    [InlineData("consumer", SpanKind.Consumer, false)]
    [InlineData("internal", SpanKind.Internal, false)]
    [InlineData("SERVER", SpanKind.Server, true)]
    [InlineData("proxy", SpanKind.Unspecified, true)]
    [InlineData("", SpanKind.Unspecified, true)]
    public void The_kind_is_a_tag_that_stays_one_where_it_would_print_otherwise(string said, SpanKind kind, bool stays)
    {
        var span = One(Tag("span.kind", said));
        Assert.Equal(kind, span.Kind);
        Assert.Equal(stays ? ["span.kind"] : [], span.Attributes.Select(a => a.Key));
        Assert.Equal([$"span.kind=string:{said}"], Printed(span));
    }

    [Fact]
    public void The_status_comes_from_error_and_the_tags_of_opentelemetry()
    {
        Assert.Equal((SpanStatus.Error, ""), StatusOf(Tag("error", true)));
        Assert.Equal((SpanStatus.Unset, ""), StatusOf(Tag("error", false)));
        Assert.Equal((SpanStatus.Error, ""), StatusOf(Tag("error", "timeout")));
        Assert.Equal((SpanStatus.Unset, ""), StatusOf(Tag("error", "false")));
        Assert.Equal((SpanStatus.Unset, ""), StatusOf(Tag("error", 1)));
        Assert.Equal((SpanStatus.Ok, ""), StatusOf(Tag("otel.status_code", "OK")));
        Assert.Equal((SpanStatus.Error, "no"), StatusOf(Tag("otel.status_code", "ERROR"), Tag("otel.status_description", "no")));
        Assert.Equal((SpanStatus.Error, ""), StatusOf(Tag("otel.status_code", "OK"), Tag("error", true)));
        Assert.Equal((SpanStatus.Unset, ""), StatusOf(Tag("otel.status_code", "STRANGE"), Tag("http.status_code", 500)));

        static (SpanStatus, string) StatusOf(params ThriftNode[] tags)
        {
            var span = One(tags);
            return (span.Status, span.StatusMessage);
        }
    }

    [Fact]
    public void What_stands_for_a_field_prints_as_it_was_said()
    {
        Assert.Equal(["error=bool:true"], Printed(One(Tag("error", true))));
        Assert.Equal(["error=bool:false"], Printed(One(Tag("error", false))));
        Assert.Equal(["error=string:timeout"], Printed(One(Tag("error", "timeout"))));
        Assert.Equal(["error=int64:1"], Printed(One(Tag("error", 1))));
        Assert.Equal(["otel.status_code=string:OK"], Printed(One(Tag("otel.status_code", "OK"))));
        Assert.Equal(["otel.status_code=string:STRANGE"], Printed(One(Tag("otel.status_code", "STRANGE"))));
        Assert.Equal(
            ["otel.status_code=string:ERROR", "error=bool:true", "otel.status_description=string:no"],
            Printed(One(Tag("error", true), Tag("otel.status_code", "ERROR"), Tag("otel.status_description", "no"))));
        Assert.Equal(["otel.status_code=string:OK", "error=bool:true"], Printed(One(Tag("otel.status_code", "OK"), Tag("error", true))));
        Assert.Equal(["w3c.tracestate=string:a=b"], Printed(One(Tag("w3c.tracestate", "a=b"))));
        Assert.Equal(["w3c.tracestate=int64:5"], Printed(One(Tag("w3c.tracestate", 5))));
    }

    [Fact]
    public void Tags_that_come_twice_are_kept_twice()
    {
        var span = One(Tag("span.kind", "client"), Tag("a", "1"), Tag("span.kind", "server"), Tag("error", true), Tag("error", true), Tag("a", "1"));
        Assert.Equal(SpanKind.Client, span.Kind);
        Assert.Equal(
            ["a=string:1", "span.kind=string:client", "span.kind=string:server", "error=bool:true", "error=bool:true", "a=string:1"], Printed(span));
    }

    [Fact]
    public void The_event_of_a_log_is_its_name()
    {
        var span = Assert.Single(Decode(Batch(Span((11, List(
            ThriftType.Struct,
            Log(5, Tag("a", "b"), Tag("event", "retry")),
            Log(6, Tag("message", "no event")),
            Log(7, Tag("event", 3)),
            Log(8, Tag("event", "x"), Tag("event", "y")),
            Log(9)))))));
        Assert.Equal(["retry", "", "", "x", ""], span.Events.Select(e => e.Name));
        Assert.Equal([5000UL, 6000UL, 7000UL, 8000UL, 9000UL], span.Events.Select(e => e.TimeNs));
        Assert.Equal([1, 1, 1, 2, 0], span.Events.Select(e => e.Attributes.Count));
        var json = Json(span);
        Assert.Contains("""{"timestamp":5,"fields":[{"key":"event","type":"string","value":"retry"},{"key":"a","type":"string","value":"b"}]}""", json);
        Assert.Contains("""{"timestamp":6,"fields":[{"key":"message","type":"string","value":"no event"}]}""", json);
        Assert.Contains("""{"timestamp":7,"fields":[{"key":"event","type":"int64","value":3}]}""", json);
        Assert.Contains("""{"timestamp":8,"fields":[{"key":"event","type":"string","value":"x"},{"key":"event","type":"string","value":"y"}]}""", json);
        Assert.Contains("""{"timestamp":9,"fields":[]}""", json);
    }

    [Fact]
    public void The_parent_is_what_the_span_says_else_its_first_child_of_reference_into_the_trace()
    {
        Assert.Equal((7UL, ""), ParentOf(7, Reference(0, 1, 7)));
        Assert.Equal((8UL, ""), ParentOf(0, Reference(0, 1, 8)));
        Assert.Equal((9UL, "child_of 1/8"), ParentOf(0, Reference(0, 1, 9), Reference(0, 1, 8)));
        Assert.Equal((0UL, "child_of 2/8"), ParentOf(0, Reference(0, 2, 8)));
        Assert.Equal((0UL, "child_of 1/8"), ParentOf(0, Reference(0, 1, 8, traceHigh: 1)));
        Assert.Equal((0UL, "follows_from 1/8"), ParentOf(0, Reference(1, 1, 8)));
        Assert.Equal((7UL, "follows_from 1/7"), ParentOf(7, Reference(1, 1, 7)));
        Assert.Equal((7UL, "child_of 1/8"), ParentOf(7, Reference(0, 1, 8)));

        static (ulong, string) ParentOf(long parent, params ThriftNode[] references)
        {
            var span = Assert.Single(Decode(Batch(Span((6, List(ThriftType.Struct, references))).With(4, I64(parent)))));
            var links = span.Links.Select(link => $"{Assert.Single(link.Attributes).Value} {link.TraceId.Low:x}/{link.SpanId.Value:x}");
            return (span.ParentId.Value, string.Join(", ", links));
        }
    }

    [Fact]
    public void References_print_as_they_were_sent_with_the_parent_first()
    {
        var span = Assert.Single(Decode(Batch(
            Span((6, List(ThriftType.Struct, Reference(1, 5, 6), Reference(1, 1, 7), Reference(0, 3, 4)))).With(4, I64(7)))));
        Assert.Contains(
            """
            "references":[{"refType":"FOLLOWS_FROM","traceID":"0000000000000001","spanID":"0000000000000007"},{"refType":"FOLLOWS_FROM","traceID":"0000000000000005","spanID":"0000000000000006"},{"refType":"CHILD_OF","traceID":"0000000000000003","spanID":"0000000000000004"}]
            """.Trim(), Json(span));
    }

    [Fact]
    public void Ids_are_unsigned_and_flags_and_times_kept()
    {
        var span = Assert.Single(Decode(Batch(Span().With(1, I64(-1)).With(2, I64(long.MinValue)).With(3, I64(-2)).With(4, I64(-3)).With(7, I32(-1)))));
        Assert.Equal("8000000000000000ffffffffffffffff", span.TraceId.ToString());
        Assert.Equal(0xfffffffffffffffeUL, span.Id.Value);
        Assert.Equal(0xfffffffffffffffdUL, span.ParentId.Value);
        Assert.Equal(uint.MaxValue, span.Flags);
        Assert.True(span.IsDebug);
        Assert.Equal(1_700_000_000_000_000_000UL, span.StartNs);
        Assert.Equal(10_000, span.DurationNs);
    }

    [Theory]
    [InlineData(long.MinValue, 0UL)]
    [InlineData(-1L, 0UL)]
    [InlineData(long.MaxValue, ulong.MaxValue / 1000 * 1000)]
    [InlineData(18_446_744_073_709_551L, 18_446_744_073_709_551_000UL)]
    public void Starts_that_nanoseconds_cannot_hold_keep_what_they_can(long us, ulong ns) =>
        Assert.Equal(ns, Assert.Single(Decode(Batch(Span().With(8, I64(us))))).StartNs);

    [Theory]
    [InlineData(long.MinValue, long.MinValue / 1000 * 1000)]
    [InlineData(-7L, -7000L)]
    [InlineData(long.MaxValue, long.MaxValue / 1000 * 1000)]
    public void So_do_durations(long us, long ns) => Assert.Equal(ns, Assert.Single(Decode(Batch(Span().With(9, I64(us))))).DurationNs);

    [Fact]
    public void Spans_with_an_id_of_zero_are_left_out_and_counted()
    {
        var spans = Decode(Batch(Span(), Span().With(1, I64(0)), Span().With(3, I64(0)), Span().With(3, I64(9))), null, out var result);
        Assert.Equal([2UL, 9UL], spans.Select(span => span.Id.Value));
        Assert.Equal((2, 2, 0), (result.Accepted, result.Rejected, result.Truncated));
        Assert.Equal("spans[1].traceIdLow at byte 107: an id of zero", result.RejectedReason);
    }

    [Fact]
    public void The_process_may_come_behind_the_spans_and_fields_in_any_order()
    {
        var process = Struct((2, Tags(Tag("host", "h"))), (1, Text("late")));
        var fields = (((short Id, ThriftNode Value)[])Span((10, Tags(Tag("k", "v")))).Value).Reverse().ToArray();
        var span = Assert.Single(Decode(Struct((2, List(ThriftType.Struct, Struct(fields))), (1, process))));
        Assert.Equal("late", span.ServiceName);
        Assert.Equal(["service.name", "host"], span.Resource.Attributes.Select(a => a.Key));
        Assert.Equal(1UL, span.TraceId.Low);
    }

    [Fact]
    public void A_tag_of_which_the_value_is_missing_has_its_zero()
    {
        var span = One([.. Enumerable.Range(0, 5).Select(type => Struct((1, Text($"t{type}")), (2, I32(type))))]);
        Assert.Equal(
            [AttributeType.String, AttributeType.Double, AttributeType.False, AttributeType.Int64, AttributeType.Bytes],
            span.Attributes.Select(a => a.Value.Type));
    }

    [Fact]
    public void A_value_cut_inside_a_character_loses_the_rest_of_it_and_the_span_is_marked()
    {
        byte[] cut = [.. Encoding.UTF8.GetBytes("price €")[..^1]];
        var spans = Decode(Batch(Span((10, Tags(Struct((1, Text("k")), (2, I32(0)), (3, Bytes(cut))))))), null, out var result);
        Assert.Equal("price ", Assert.Single(spans[0].Attributes).Value.Text);
        Assert.Equal(1, result.Truncated);
        Assert.Equal(SpanMarks.Truncated | SpanMarks.CutValue, spans[0].Marks);
    }

    [Fact]
    public void What_is_over_a_limit_is_cut_marked_and_counted()
    {
        var limits = new DecodeLimits { MaxAttributes = 2, MaxEvents = 1, MaxLinks = 1, MaxNameBytes = 6, MaxValueBytes = 4 };
        var spans = Decode(
            Batch(
                Span(
                    (6, List(ThriftType.Struct, Reference(1, 5, 6), Reference(1, 5, 7), Reference(1, 5, 8))),
                    (10, Tags(Tag("a-long-key", "a long value"), Tag("b", "x"), Tag("c", "x"), Tag("d", "x"))),
                    (11, List(ThriftType.Struct, Log(1, Tag("a", "1"), Tag("b", "1"), Tag("c", "1")), Log(2), Log(3)))).With(5, Text("a long name")),
                Span()),
            limits, out var result);
        Assert.Equal("a long", spans[0].Name);
        Assert.Equal(("a-long", "a lo"), (spans[0].Attributes[0].Key, spans[0].Attributes[0].Value.Text));
        Assert.Equal((2u, 2u, 2u), (spans[0].DroppedAttributes, spans[0].DroppedEvents, spans[0].DroppedLinks));
        Assert.Equal(1u, Assert.Single(spans[0].Events).DroppedAttributes);
        Assert.Equal(
            SpanMarks.Truncated | SpanMarks.CutAttributes | SpanMarks.CutEvents | SpanMarks.CutLinks | SpanMarks.CutName | SpanMarks.CutValue, spans[0].Marks);
        Assert.Equal(SpanMarks.None, spans[1].Marks);
        Assert.Equal(1, result.Truncated);
        Assert.EndsWith("more than 2 spans; send fewer in a request", Refuse(Batch(Span(), Span(), Span()), new() { MaxSpans = 2 }).Message);
    }

    [Fact]
    public void What_the_client_tells_of_itself_is_reported()
    {
        Assert.Equal(
            new JaegerClientReport("c-1", "shop", 17, new JaegerClientDrops(3, 2, 1)),
            Report(Client(Tag("client-uuid", "c-1")), I64(17), Struct((1, I64(3)), (2, I64(2)), (3, I64(1)))));
        Assert.Equal(new JaegerClientReport("c-1", "shop", 17, null), Report(Client(Tag("client-uuid", "c-1")), I64(17), null));
        Assert.Null(Report(Client(Tag("client-uuid", "c-1")), null, null));
        Assert.Null(Report(Client(Tag("client-uuid", 5)), I64(17), null));
        Assert.Null(Report(Client(Tag("client-uuid", new string('x', 129))), I64(17), null));
        Assert.Null(Report(Client(), I64(17), null));

        static ThriftNode Client(params ThriftNode[] tags) => Struct((1, Text("shop")), (2, Tags(tags)));

        static JaegerClientReport? Report(ThriftNode process, ThriftNode? seqNo, ThriftNode? stats)
        {
            var decoder = new JaegerThriftDecoder();
            JaegerCorpus.Decode("http", decoder, Batch(Span()).With(1, process).With(3, seqNo).With(4, stats).Write(compact: false), new SpanBatch());
            return decoder.Report;
        }
    }

    [Fact]
    public void Required_fields_that_are_missing_are_named()
    {
        Assert.Equal("Malformed Jaeger thrift binary: at byte 0: required field process is not set", Refuse(Struct()).Message);
        Assert.EndsWith(": required field spans is not set", Refuse(Batch().With(2, null)).Message);
        Assert.Equal("Malformed Jaeger thrift binary: process at byte 11: required field serviceName is not set", Refuse(Batch().With(1, Struct())).Message);
        string[] names = ["traceIdLow", "traceIdHigh", "spanId", "parentSpanId", "operationName", "", "flags", "startTime", "duration"];
        for (short id = 1; id <= 9; id++)
        {
            if (id != 6)
                Assert.Matches($"^Malformed Jaeger thrift binary: spans\\[1\\] at byte [0-9]+: required field {names[id - 1]} is not set$", Refuse(Batch(Span(), Span().With(id, null))).Message);
        }

        Assert.Contains(" spans[0].tags[0] at ", Refuse(Batch(Span((10, Tags(Tag("a", 1).With(1, null)))))).Message);
        Assert.EndsWith("required field vType is not set", Refuse(Batch(Span((10, Tags(Tag("a", 1).With(2, null)))))).Message);
        Assert.EndsWith("required field timestamp is not set", Refuse(Batch(Span((11, List(ThriftType.Struct, Log(1).With(1, null)))))).Message);
        Assert.EndsWith("required field fields is not set", Refuse(Batch(Span((11, List(ThriftType.Struct, Log(1).With(2, null)))))).Message);
        string[] parts = ["refType", "traceIdLow", "traceIdHigh", "spanId"];
        for (short id = 1; id <= 4; id++)
            Assert.EndsWith($"required field {parts[id - 1]} is not set", Refuse(Batch(Span((6, List(ThriftType.Struct, Reference(0, 1, 1).With(id, null)))))).Message);
        Assert.EndsWith("required field tooLargeDroppedSpans is not set", Refuse(Batch().With(4, Struct((1, I64(1)), (3, I64(1))))).Message);
        var noBatch = Assert.Throws<MalformedSpansException>(() => JaegerCorpus.Decode("compact", new(), Struct().WriteMessage(compact: true), new()));
        Assert.Equal("Malformed Jaeger thrift compact: at byte 14: required field batch is not set", noBatch.Message);
    }

    [Fact]
    public void What_is_wrong_is_named_with_its_path_and_byte()
    {
        Assert.Equal(
            "Malformed Jaeger thrift binary: spans[3].tags[1].vStr at byte 415: invalid UTF-8",
            Refuse(Batch(Span(), Span(), Span(), Span((10, Tags(Tag("a", 1), Struct((1, Text("k")), (2, I32(0)), (3, Bytes(0xFF)))))))).Message);
        Assert.Contains(" spans[0].operationName at byte 104: invalid UTF-8", Refuse(Batch(Span().With(5, Bytes((byte)'a', 0xC3)))).Message);
        Assert.Contains(" spans[0].traceIdLow at byte 23: type string, i64 expected", Refuse(Batch(Struct((1, Text("1"))))).Message);
        Assert.EndsWith("tag type 5, which does not exist (0 to 4)", Refuse(Batch(Span((10, Tags(Tag("a", 1).With(2, I32(5))))))).Message);
        Assert.EndsWith("reference type 2, which does not exist (0 or 1)", Refuse(Batch(Span((6, List(ThriftType.Struct, Reference(2, 1, 1)))))).Message);
        Assert.Contains(" process at byte 8: type list, struct expected", Refuse(Batch().With(1, List(ThriftType.I64))).Message);
    }

    [Theory]
    [InlineData(false, "emitZipkinBatch", 4, "a call of 'emitZipkinBatch'; a call of 'emitBatch' expected")]
    [InlineData(true, "emitBatch", 2, "a reply of 'emitBatch'; a call of 'emitBatch' expected")]
    public void Other_messages_are_refused(bool compact, string name, byte kind, string reason)
    {
        var body = Struct((1, Batch(Span()))).WriteMessage(compact, name, kind);
        var e = Assert.Throws<MalformedSpansException>(() => JaegerCorpus.Decode(compact ? "compact" : "binary", new(), body, new()));
        Assert.Equal($"Malformed Jaeger thrift {(compact ? "compact" : "binary")}: at byte 0: {reason}", e.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Two_way_calls_and_what_follows_them_are_taken(bool compact)
    {
        byte[] body = [.. Struct((1, Batch(Span(), Span())), (2, Text("more"))).WriteMessage(compact, kind: 1), 1, 2, 3];
        Assert.Equal(2, JaegerCorpus.Decode(compact ? "compact" : "binary", new(), body, new()).Accepted);
    }

    [Fact]
    public void A_batch_without_spans_is_fine() => Assert.Empty(Decode(Batch()));

    private static ThriftNode Log(long timestamp, params ThriftNode[] fields) => Struct((1, I64(timestamp)), (2, Tags(fields)));

    private static Span One(params ThriftNode[] tags) => Assert.Single(Decode(Batch(Span((10, Tags(tags))))));

    private static string Json(Span span) => JsonText.Of(json => JaegerJsonWriter.WriteTrace(json, [span]));

    /// <summary>The span's tags as Jaeger's API gives them: key=type:value.</summary>
    private static string[] Printed(Span span)
    {
        using var json = System.Text.Json.JsonDocument.Parse(Json(span));
        return [.. json.RootElement.GetProperty("spans")[0].GetProperty("tags").EnumerateArray().Select(tag =>
            $"{tag.GetProperty("key")}={tag.GetProperty("type")}:{tag.GetProperty("value").ToString().Replace("True", "true").Replace("False", "false")}")];
    }
}
