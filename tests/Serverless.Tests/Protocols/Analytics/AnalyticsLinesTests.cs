using System.Text.Json;
using Serverless.Tests.Assembly;
using Serverless.Tests.Frames;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Analytics;

namespace Serverless.Tests.Protocols.Analytics;

public sealed class AnalyticsLinesTests
{
    [Fact]
    public void A_plain_span_has_one_line_of_its_columns()
    {
        var span = SampleSpan.Of(0xa1, at: 5, took: 1_500_000, service: "shop", kind: SpanKind.Server, name: "GET /cart", tags: ("http.method", "GET"));
        Assert.Equal(
            """
            {"TraceId":"00000000000000070000000000000001","Version":1,"SpanCount":1,"TraceDurationNs":1500000000,"Verdicts":["Complete"],"Service":"shop","Protocol":"Otlp","Kind":"Server","Status":"Unset","IsRoot":true,"IsShared":false,"Depth":0,"SpanIndex":0,"Operation":"GET /cart","SpanId":"00000000000000a1","StartTime":"2026-05-28T20:26:40.0000050Z","StartNs":1780000000000005000,"Duration":"00:00:01.5000000","DurationNs":1500000000,"ClockSkewNs":0,"SelfNs":1500000000,"CriticalNs":1500000000,"Attributes":{"http.method":"GET"}}

            """.ReplaceLineEndings("\n"),
            AnalyticsText.Of(span));
    }

    [Fact]
    public void A_full_span_has_every_column()
    {
        var row = Assert.Single(AnalyticsText.Parse(AnalyticsText.Of(AssembledTrace.Assemble([FullSpan()]), 3)));
        Assert.Equal(3, row.GetProperty("Version").GetInt32());
        Assert.Equal("pod-1", row.GetProperty("Instance").GetString());
        Assert.Equal("10.0.0.7", row.GetProperty("Host").GetString());
        Assert.Equal("10.0.0.7:9080", row.GetProperty("LocalAddress").GetString());
        Assert.Equal("[2001:db8::1]:443", row.GetProperty("RemoteAddress").GetString());
        Assert.Equal("payments", row.GetProperty("RemoteService").GetString());
        Assert.Equal("""{"service.instance.id":"pod-1"}""", row.GetProperty("ResourceAttributes").GetRawText());
        Assert.Equal("https://r", row.GetProperty("ResourceSchemaUrl").GetString());
        Assert.Equal("lib", row.GetProperty("ScopeName").GetString());
        Assert.Equal("1.2", row.GetProperty("ScopeVersion").GetString());
        Assert.Equal("""{"short":true}""", row.GetProperty("ScopeAttributes").GetRawText());
        Assert.Equal("https://s", row.GetProperty("ScopeSchemaUrl").GetString());
        Assert.Equal("Client", row.GetProperty("Kind").GetString());
        Assert.Equal("Error", row.GetProperty("Status").GetString());
        Assert.Equal("it \"broke\"\n", row.GetProperty("StatusMessage").GetString());
        Assert.Equal("vendor=1", row.GetProperty("TraceState").GetString());
        Assert.Equal(257, row.GetProperty("Flags").GetInt64());
        Assert.Equal("00000000000000ff", row.GetProperty("ParentSpanId").GetString());
        Assert.Equal("""["Debug","Truncated","ClockSuspect"]""", row.GetProperty("Marks").GetRawText());
        Assert.Equal(
            """[{"Time":"2026-05-28T20:26:40.0000000Z","TimeNs":1780000000000000099,"Name":"retry","Attributes":{"n":1},"DroppedAttributes":2}]""",
            row.GetProperty("Events").GetRawText());
        Assert.Equal(
            """[{"TraceId":"0000000000000009","SpanId":"0000000000000008","TraceState":"a=b","Flags":1,"Attributes":{"why":"batch"},"DroppedAttributes":3}]""",
            row.GetProperty("Links").GetRawText());
        Assert.Equal("""{"Attributes":1,"Events":2,"Links":3,"ResourceAttributes":4,"ScopeAttributes":5}""", row.GetProperty("DroppedCounts").GetRawText());
        Assert.False(row.TryGetProperty("IsCut", out _));
        Assert.False(row.TryGetProperty("ParentIndex", out _));
    }

    [Fact]
    public void Every_attribute_type_comes_back_as_documented()
    {
        var values = new (AttributeValue Value, string Json)[]
        {
            (AttributeValue.Of("text \u0001 \"q\" \\ \n ☃ 𝄞"), "\"text \\u0001 \\\"q\\\" \\\\ \\n ☃ 𝄞\""),
            (AttributeValue.Of(""), "\"\""),
            (AttributeValue.Of(true), "true"),
            (AttributeValue.Of(false), "false"),
            (AttributeValue.Of(0L), "0"),
            (AttributeValue.Of(long.MaxValue), "9223372036854775807"),
            (AttributeValue.Of(long.MinValue), "-9223372036854775808"),
            (AttributeValue.Of((1L << 53) + 1), "9007199254740993"),
            (AttributeValue.Of(1.0), "1.0"),
            (AttributeValue.Of(-0.0), "-0.0"),
            (AttributeValue.Of(0.1), "0.1"),
            (AttributeValue.Of(1e300), "1E+300"),
            (AttributeValue.Of(double.Epsilon), "5E-324"),
            (AttributeValue.Of(double.NaN), "\"NaN\""),
            (AttributeValue.Of(double.PositiveInfinity), "\"Infinity\""),
            (AttributeValue.Of(double.NegativeInfinity), "\"-Infinity\""),
            (AttributeValue.Of([0, 255, 16]), "\"AP8Q\""),
            (AttributeValue.Of(Array.Empty<byte>()), "\"\""),
            (default, "null"),
            (AttributeValue.Of([AttributeValue.Of(1L), AttributeValue.Of("a"), default]), "[1,\"a\",null]"),
            (AttributeValue.Of(Array.Empty<AttributeValue>()), "[]"),
            (AttributeValue.Of([new SpanAttribute("k", AttributeValue.Of([AttributeValue.Of(2.0)]))]), "{\"k\":[2.0]}"),
            (AttributeValue.Of(Array.Empty<SpanAttribute>()), "{}"),
        };
        var span = Span(values.Select((value, i) => new SpanAttribute($"k{i}", value.Value)));
        var attributes = Assert.Single(AnalyticsText.Parse(AnalyticsText.Of(span))).GetProperty("Attributes");
        for (var i = 0; i < values.Length; i++)
            Assert.Equal(values[i].Json, attributes.GetProperty($"k{i}").GetRawText());
    }

    [Fact]
    public void Keys_that_repeat_are_numbered_so_that_none_is_lost()
    {
        var span = Span([Text("a", "1"), Text("a", "2"), Text("a#2", "3"), Text("a", "4"), Text("b", "5")]);
        var row = Assert.Single(AnalyticsText.Parse(AnalyticsText.Of(span)));
        Assert.Equal("""{"a":"1","a#2":"2","a#2#2":"3","a#3":"4","b":"5"}""", row.GetProperty("Attributes").GetRawText());
        var many = Span(Enumerable.Range(0, 600).Select(i => Text("same", $"{i}")));
        var bag = Assert.Single(AnalyticsText.Parse(AnalyticsText.Of(many))).GetProperty("Attributes");
        Assert.Equal("599", bag.GetProperty("same#600").GetString());
    }

    [Fact]
    public void Half_of_a_surrogate_pair_becomes_the_replacement_character()
    {
        var row = Assert.Single(AnalyticsText.Parse(AnalyticsText.Of(Span([Text("k", "a\ud834")]))));
        Assert.Equal("a\ufffd", row.GetProperty("Attributes").GetProperty("k").GetString());
    }

    [Fact]
    public void Rows_name_their_places_in_the_tree()
    {
        var rows = AnalyticsText.Parse(AnalyticsText.Of(
            SampleSpan.Of(1, kind: SpanKind.Client, at: 0, took: 100),
            SampleSpan.Of(1, kind: SpanKind.Server, at: 10, took: 80, service: "b", shared: true),
            SampleSpan.Of(2, 1, "b", at: 20, took: 10),
            SampleSpan.Of(3, 99, "c", at: 30, took: 10)));
        Assert.Equal([0, 1, 2, 3], rows.Select(row => row.GetProperty("SpanIndex").GetInt32()));
        Assert.All(rows, row => Assert.Equal(4, row.GetProperty("SpanCount").GetInt32()));
        Assert.Equal([0, 1, 2, 0], rows.Select(row => row.GetProperty("Depth").GetInt32()));
        Assert.Equal([-1, 0, 1, -1], rows.Select(row => row.TryGetProperty("ParentIndex", out var parent) ? parent.GetInt32() : -1));
        Assert.Equal([true, false, false, false], rows.Select(row => row.GetProperty("IsRoot").GetBoolean()));
        Assert.Equal([false, true, false, false], rows.Select(row => row.GetProperty("IsShared").GetBoolean()));
        Assert.Equal("""["ParentMissing"]""", rows[0].GetProperty("Verdicts").GetRawText());
        Assert.Equal("0000000000000063", rows[3].GetProperty("ParentSpanId").GetString());
    }

    [Fact]
    public void Times_are_as_sent_and_the_skew_is_beside_them()
    {
        var rows = AnalyticsText.Parse(AnalyticsText.Of(
            SampleSpan.Of(1, kind: SpanKind.Client, at: 100, took: 100, host: "10.0.0.1"),
            SampleSpan.Of(2, 1, "b", SpanKind.Server, at: 500, took: 60, host: "10.0.0.2")));
        Assert.Equal((long)SampleSpan.Origin + 500_000, rows[1].GetProperty("StartNs").GetInt64());
        Assert.Equal(-380_000, rows[1].GetProperty("ClockSkewNs").GetInt64());
        Assert.Equal(40_000, rows[0].GetProperty("SelfNs").GetInt64());
        Assert.Equal(60_000, rows[1].GetProperty("CriticalNs").GetInt64());
    }

    [Fact]
    public void What_is_not_known_is_left_out()
    {
        var row = Assert.Single(AnalyticsText.Parse(AnalyticsText.Of(
            SampleSpan.Of(1, service: "", took: null, marks: SpanMarks.NoStart, name: ""))));
        foreach (var column in new[] { "StartTime", "StartNs", "Duration", "DurationNs", "Service", "Operation", "ParentSpanId", "Attributes", "Events", "Links" })
            Assert.False(row.TryGetProperty(column, out _), column);
    }

    [Fact]
    public void Odd_times_are_written_as_far_as_Kusto_can_hold_them()
    {
        var rows = AnalyticsText.Parse(AnalyticsText.Of(
            new Span { TraceId = SampleSpan.Trace, Id = new SpanId(1), StartNs = 1, DurationNs = long.MinValue },
            new Span { TraceId = SampleSpan.Trace, Id = new SpanId(2), StartNs = ulong.MaxValue, DurationNs = long.MaxValue }));
        Assert.Equal("1970-01-01T00:00:00.0000000Z", rows[0].GetProperty("StartTime").GetString());
        Assert.Equal(TimeSpan.FromTicks(long.MinValue / 100).ToString("c"), rows[0].GetProperty("Duration").GetString());
        Assert.Equal(long.MinValue, rows[0].GetProperty("DurationNs").GetInt64());
        Assert.StartsWith("2554-", rows[1].GetProperty("StartTime").GetString());
        Assert.False(rows[1].TryGetProperty("StartNs", out _));
    }

    [Fact]
    public void A_line_that_is_too_long_is_cut_and_says_so()
    {
        var span = Span(Enumerable.Range(0, 10).Select(i => Text($"k{i}", new string('\u0001', 65_536))));
        var lines = new AnalyticsLines(AnalyticsLines.MinMaxLineBytes);
        var text = AnalyticsText.Of(AssembledTrace.Assemble([span, SampleSpan.Of(2, 1)]), 1, lines);
        var rows = AnalyticsText.Parse(text);
        Assert.Equal(1, lines.CutLines);
        Assert.True(rows[0].GetProperty("IsCut").GetBoolean());
        Assert.True(text.IndexOf('\n') < AnalyticsLines.MinMaxLineBytes);
        Assert.Equal(new string('\u0001', 512), rows[0].GetProperty("Attributes").GetProperty("k9").GetString());
        Assert.False(rows[1].TryGetProperty("IsCut", out _));
        Assert.Equal("op", rows[1].GetProperty("Operation").GetString());
    }

    [Fact]
    public void Even_the_fullest_span_is_cut_below_the_least_limit()
    {
        var long1 = new string('"', 4_096);
        var many = Enumerable.Range(0, 512).Select(i => Text(long1 + i, new string('\u0002', 8_192))).ToArray();
        var span = new Span
        {
            TraceId = SampleSpan.Trace, Id = new SpanId(1), Name = long1, StatusMessage = long1, TraceState = long1,
            Resource = new Resource { ServiceName = long1, Attributes = many, SchemaUrl = long1 },
            Scope = new InstrumentationScope { Name = long1, Version = long1, SchemaUrl = long1, Attributes = many },
            Attributes = many,
            RemoteEndpoint = new Endpoint(long1, null, null, 1),
            Events = [.. Enumerable.Range(0, 64).Select(i => new SpanEvent((ulong)i, long1, many, 1))],
            Protocol = SpanProtocol.Zipkin,
        };
        var text = AnalyticsText.Of(AssembledTrace.Assemble([span]), 1, new AnalyticsLines(AnalyticsLines.MinMaxLineBytes));
        Assert.InRange(text.Length, 1, AnalyticsLines.MinMaxLineBytes);
        Assert.True(Assert.Single(AnalyticsText.Parse(text)).GetProperty("IsCut").GetBoolean());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Any_spans_make_lines_that_parse_and_hold_their_fields(int seed)
    {
        var lines = new AnalyticsLines();
        foreach (var trace in new RandomSpans(seed).Make(400, 20, wholeMicroseconds: false).GroupBy(span => span.TraceId))
        {
            var assembled = AssembledTrace.Assemble([.. trace]);
            var rows = AnalyticsText.Parse(AnalyticsText.Of(assembled, 1, lines));
            Assert.Equal(assembled.Tree.Count, rows.Count);
            for (var i = 0; i < rows.Count; i++)
                AssertHolds(assembled.Tree[i], rows[i]);
        }

        Assert.Equal(0, lines.CutLines);
    }

    private static void AssertHolds(Span span, JsonElement row)
    {
        Assert.Equal(span.TraceId.ToString(), row.GetProperty("TraceId").GetString());
        Assert.Equal(span.Id.ToString(), row.GetProperty("SpanId").GetString());
        Assert.Equal(span.Name, TextOf(row, "Operation"));
        Assert.Equal(span.ServiceName, TextOf(row, "Service"));
        Assert.Equal(span.StatusMessage, TextOf(row, "StatusMessage"));
        Assert.Equal(span.Attributes.Count, row.TryGetProperty("Attributes", out var attributes) ? attributes.EnumerateObject().Count() : 0);
        Assert.Equal(span.Events.Count, row.TryGetProperty("Events", out var events) ? events.GetArrayLength() : 0);
        Assert.Equal(span.Links.Count, row.TryGetProperty("Links", out var links) ? links.GetArrayLength() : 0);
        Assert.Equal(span.HasStart, row.TryGetProperty("StartTime", out _));
        Assert.Equal(span.HasDuration, row.TryGetProperty("DurationNs", out _));
        foreach (var (sent, read) in span.Attributes.Zip(attributes.ValueKind == JsonValueKind.Object ? attributes.EnumerateObject().ToArray() : []))
            AssertSame(sent.Value, read.Value);
    }

    private static void AssertSame(AttributeValue sent, JsonElement read)
    {
        switch (sent.Type)
        {
            case AttributeType.String:
                Assert.Equal(sent.Text, read.GetString());
                break;
            case AttributeType.Int64:
                Assert.DoesNotContain('.', read.GetRawText());
                Assert.Equal(sent.Int64, read.GetInt64());
                break;
            case AttributeType.Double when double.IsFinite(sent.Double):
                Assert.Contains(read.GetRawText(), c => c is '.' or 'E');
                Assert.Equal(BitConverter.DoubleToInt64Bits(sent.Double), BitConverter.DoubleToInt64Bits(read.GetDouble()));
                break;
            case AttributeType.Double:
                Assert.Equal(sent.Double, double.Parse(read.GetString()!, System.Globalization.CultureInfo.InvariantCulture));
                break;
            case AttributeType.Bytes:
                Assert.Equal(sent.Bytes, read.GetBytesFromBase64());
                break;
            case AttributeType.Array:
                Assert.Equal(sent.Items.Count, read.GetArrayLength());
                foreach (var (item, json) in sent.Items.Zip(read.EnumerateArray()))
                    AssertSame(item, json);
                break;
            case AttributeType.Map:
                Assert.Equal(sent.Entries.Count, read.EnumerateObject().Count());
                foreach (var (entry, json) in sent.Entries.Zip(read.EnumerateObject()))
                    AssertSame(entry.Value, json.Value);
                break;
            case AttributeType.Empty:
                Assert.Equal(JsonValueKind.Null, read.ValueKind);
                break;
            default:
                Assert.Equal(sent.Type == AttributeType.True, read.GetBoolean());
                break;
        }
    }

    private static string TextOf(JsonElement row, string column) => row.TryGetProperty(column, out var text) ? text.GetString()! : "";

    private static SpanAttribute Text(string key, string value) => new(key, AttributeValue.Of(value));

    private static Span Span(IEnumerable<SpanAttribute> attributes) =>
        new() { TraceId = SampleSpan.Trace, Id = new SpanId(1), StartNs = 1, DurationNs = 1, Attributes = [.. attributes], Protocol = SpanProtocol.Otlp };

    private static Span FullSpan() => new()
    {
        TraceId = SampleSpan.Trace, Id = new SpanId(0xa1), ParentId = new SpanId(0xff), Kind = SpanKind.Client, Name = "pay",
        StartNs = SampleSpan.Origin, DurationNs = 10, Status = SpanStatus.Error, StatusMessage = "it \"broke\"\n", Flags = 257, TraceState = "vendor=1",
        Resource = new Resource
        {
            ServiceName = "shop", SchemaUrl = "https://r", DroppedAttributes = 4, Attributes = [Text("service.instance.id", "pod-1")],
            LocalEndpoint = new Endpoint("shop", System.Net.IPAddress.Parse("10.0.0.7"), null, 9080),
        },
        Scope = new InstrumentationScope
        {
            Name = "lib", Version = "1.2", SchemaUrl = "https://s", DroppedAttributes = 5, Attributes = [new SpanAttribute("short", AttributeValue.Of(true))],
        },
        Attributes = [Text("k", "v")],
        Events = [new SpanEvent(SampleSpan.Origin + 99, "retry", [new SpanAttribute("n", AttributeValue.Of(1L))], 2)],
        Links = [new SpanLink(new TraceId(0, 9), new SpanId(8), "a=b", [Text("why", "batch")], 3, 1)],
        DroppedAttributes = 1, DroppedEvents = 2, DroppedLinks = 3,
        RemoteEndpoint = new Endpoint("payments", null, System.Net.IPAddress.Parse("2001:db8::1"), 443),
        Marks = SpanMarks.Debug | SpanMarks.Truncated | SpanMarks.ClockSuspect,
        Protocol = SpanProtocol.Jaeger,
    };
}
