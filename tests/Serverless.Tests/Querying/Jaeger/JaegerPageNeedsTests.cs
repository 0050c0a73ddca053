using System.Net;
using System.Text.Json;
using Serverless.Tracing.Model;
using static Serverless.Tests.Assembly.SampleSpan;

namespace Serverless.Tests.Querying.Jaeger;

/// <summary>What Jaeger's page was seen to break on, asked of the whole app.</summary>
public sealed class JaegerPageNeedsTests(JaegerPageNeedsTests.OddTraces odd) : IClassFixture<JaegerPageNeedsTests.OddTraces>
{
    private readonly QueryApp _app = odd.App;

    [Fact]
    public async Task A_trace_that_is_not_there_is_404_for_an_empty_list_breaks_the_page() =>
        Assert.Equal(HttpStatusCode.NotFound, (await _app.GetAsync("/api/traces/dead")).Status);

    [Fact]
    public async Task A_trace_has_its_id_its_processes_and_never_an_empty_list_of_spans()
    {
        var trace = await TraceAsync(OddTraces.Skewed);
        Assert.Equal("00000000000000a1", trace.GetProperty("traceID").GetString());
        Assert.Equal(JsonValueKind.Object, trace.GetProperty("processes").ValueKind);
        Assert.NotEmpty(trace.GetProperty("spans").EnumerateArray());
    }

    [Theory]
    [InlineData(OddTraces.Skewed)]
    [InlineData(OddTraces.Adverse)]
    [InlineData(OddTraces.Values)]
    [InlineData(OddTraces.Nameless)]
    public async Task Every_span_has_all_keys_in_the_types_that_the_page_takes(ulong id)
    {
        var trace = await TraceAsync(id);
        foreach (var span in trace.GetProperty("spans").EnumerateArray())
        {
            Assert.Equal(trace.GetProperty("traceID").GetString(), span.GetProperty("traceID").GetString());
            Assert.True(trace.GetProperty("processes").TryGetProperty(span.GetProperty("processID").GetString()!, out var process));
            Assert.NotEqual("", process.GetProperty("serviceName").GetString());
            Assert.Equal(JsonValueKind.Array, process.GetProperty("tags").ValueKind);
            Assert.True(span.GetProperty("startTime").TryGetInt64(out _));
            Assert.True(span.GetProperty("duration").TryGetInt64(out var duration) && duration >= 0);
            Assert.Equal(JsonValueKind.Array, span.GetProperty("tags").ValueKind);
            Assert.Equal(JsonValueKind.Array, span.GetProperty("logs").ValueKind);
            Assert.Equal(JsonValueKind.Array, span.GetProperty("references").ValueKind);
            Assert.True(span.GetProperty("warnings").ValueKind is JsonValueKind.Array or JsonValueKind.Null);
            Assert.False(span.TryGetProperty("parentSpanID", out _));
        }
    }

    [Fact]
    public async Task The_parent_is_the_first_reference_and_a_root_has_none()
    {
        var spans = await SpansAsync(OddTraces.Links);
        Assert.Empty(References(spans["0000000000000001"]));
        Assert.Equal(
            ["CHILD_OF 00000000000000a4 0000000000000001", "FOLLOWS_FROM 00000000000000a4 0000000000000003", "FOLLOWS_FROM 00000000000000ee 00000000000000ef"],
            References(spans["0000000000000002"]));
        Assert.Equal(["FOLLOWS_FROM 00000000000000ee 00000000000000ed"], References(spans["0000000000000004"]));
        Assert.All(spans.Values.SelectMany(References), reference => Assert.DoesNotContain("0000000000000000", reference, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_would_be_in_a_circle_is_a_root_with_a_warning()
    {
        var spans = await SpansAsync(OddTraces.Adverse);
        Assert.Empty(References(spans["0000000000000005"]));
        Assert.Equal("Span 0000000000000005 names itself as its parent.", Assert.Single(Warnings(spans["0000000000000005"])));
        Assert.Empty(References(spans["0000000000000002"]));
        Assert.Contains("the circle is cut at its earliest span", Assert.Single(Warnings(spans["0000000000000002"])), StringComparison.Ordinal);
        Assert.Equal(["CHILD_OF 00000000000000a2 0000000000000002"], References(spans["0000000000000003"]));
    }

    [Fact]
    public async Task A_parent_of_another_trace_is_a_reference_there_and_told()
    {
        var spans = await SpansAsync(OddTraces.Adverse);
        Assert.Equal(["CHILD_OF 00000000000000bb 00000000000000b1"], References(spans["0000000000000006"]));
        Assert.Contains(
            "Span 0000000000000006 names the parent 00000000000000b1, which is in another trace.", Warnings(spans["0000000000000006"]));
        Assert.Contains(
            "names the parent 0000000000000999, which is not in the trace", Assert.Single(Warnings(spans["0000000000000007"])), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_spans_of_one_id_are_both_there_and_the_second_says_so()
    {
        var spans = (await TraceAsync(OddTraces.Adverse)).GetProperty("spans").EnumerateArray()
            .Where(span => span.GetProperty("spanID").GetString() == "0000000000000008").ToArray();
        Assert.Equal(2, spans.Length);
        Assert.Single(spans.SelectMany(Warnings), warning => warning == "Another span has the id 0000000000000008 too.");
    }

    [Fact]
    public async Task Skew_is_adjusted_and_told_and_left_on_demand()
    {
        var adjusted = (await SpansAsync(OddTraces.Skewed))["0000000000000002"];
        Assert.Equal((long)(Origin / 1_000) + 25, adjusted.GetProperty("startTime").GetInt64());
        Assert.Equal((long)(Origin / 1_000) + 30, adjusted.GetProperty("logs")[0].GetProperty("timestamp").GetInt64());
        Assert.Equal(
            "This span's timestamps were adjusted by −999.975 ms: the clocks of its host and its parent's differ.", Assert.Single(Warnings(adjusted)));
        var raw = (await SpansAsync(OddTraces.Skewed, "?raw=true"))["0000000000000002"];
        Assert.Equal((long)(Origin / 1_000) + 1_000_000, raw.GetProperty("startTime").GetInt64());
        Assert.Empty(Warnings(raw));
        var left = (await SpansAsync(OddTraces.Skewed, "?adjust=false"))["0000000000000002"];
        Assert.Equal((long)(Origin / 1_000) + 1_000_000, left.GetProperty("startTime").GetInt64());
        Assert.Contains("the times were not adjusted", Assert.Single(Warnings(left)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_that_JavaScript_or_JSON_cannot_say_are_texts()
    {
        var tags = (await SpansAsync(OddTraces.Values))["0000000000000001"].GetProperty("tags").EnumerateArray()
            .ToDictionary(tag => tag.GetProperty("key").GetString()!, tag => $"{tag.GetProperty("type")} {tag.GetProperty("value").GetRawText()}");
        Assert.Equal("float64 \"NaN\"", tags["nan"]);
        Assert.Equal("float64 \"Infinity\"", tags["infinite"]);
        Assert.Equal("int64 9007199254740991", tags["exact"]);
        Assert.Equal("int64 \"9007199254740992\"", tags["beyond"]);
        Assert.Equal("int64 \"-9223372036854775808\"", tags["least"]);
        Assert.Equal("binary \"AQL/\"", tags["bytes"]);
    }

    [Fact]
    public async Task An_error_is_the_truth_value_and_a_text_that_says_false_is_none()
    {
        var spans = await SpansAsync(OddTraces.Values);
        Assert.Equal("true", Tag(spans["0000000000000002"], "error"));
        Assert.Equal("\"ERROR\"", Tag(spans["0000000000000002"], "otel.status_code"));
        Assert.Equal("false", Tag(spans["0000000000000003"], "error"));
        Assert.Equal("\"client\"", Tag(spans["0000000000000002"], "span.kind"));
    }

    [Fact]
    public async Task Services_without_a_name_get_one_by_which_they_are_found()
    {
        var summary = Assert.Single((await _app.GetJsonAsync(
            "/api/v3/trace-summaries?query.startTimeMin=2020-01-01T00:00:00Z&query.startTimeMax=2100-01-01T00:00:00Z&query.serviceName=OTLPResourceNoServiceName"))
            .GetProperty("summaries").EnumerateArray());
        Assert.Equal("000000000000000000000000000000a5", summary.GetProperty("traceId").GetString());
        Assert.Equal("OTLPResourceNoServiceName", summary.GetProperty("rootServiceName").GetString());
        Assert.Equal("OTLPResourceNoServiceName", Assert.Single(summary.GetProperty("services").EnumerateArray()).GetProperty("name").GetString());
        Assert.Single((await _app.GetJsonAsync(
            $"/api/traces?service=OTLPResourceNoServiceName&start=1&end={Origin}")).GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task A_summary_is_of_the_adjusted_trace()
    {
        var summaries = (await _app.GetJsonAsync(
            "/api/v3/trace-summaries?query.startTimeMin=2020-01-01T00:00:00Z&query.startTimeMax=2100-01-01T00:00:00Z")).GetProperty("summaries").EnumerateArray().ToArray();
        var skewed = summaries.Single(summary => summary.GetProperty("traceId").GetString()!.EndsWith("a1", StringComparison.Ordinal));
        Assert.Equal((Origin + 100_000).ToString(System.Globalization.CultureInfo.InvariantCulture), skewed.GetProperty("maxEndTimeUnixNano").GetString());
        Assert.All(summaries, summary => Assert.All(summary.EnumerateObject(), field => Assert.NotEqual(JsonValueKind.Null, field.Value.ValueKind)));
        Assert.All(summaries, summary => Assert.All(
            summary.GetProperty("services").EnumerateArray(), service => Assert.NotEqual("", service.GetProperty("name").GetString())));
    }

    private static List<string> References(JsonElement span) =>
        [.. span.GetProperty("references").EnumerateArray().Select(r => $"{r.GetProperty("refType")} {r.GetProperty("traceID")} {r.GetProperty("spanID")}")];

    private static List<string> Warnings(JsonElement span) =>
        span.GetProperty("warnings") is { ValueKind: JsonValueKind.Array } warnings ? [.. warnings.EnumerateArray().Select(warning => warning.GetString()!)] : [];

    private static string Tag(JsonElement span, string key) =>
        Assert.Single(span.GetProperty("tags").EnumerateArray(), tag => tag.GetProperty("key").GetString() == key).GetProperty("value").GetRawText();

    private async Task<JsonElement> TraceAsync(ulong id, string query = "") =>
        (await _app.GetJsonAsync($"/api/traces/{id:x16}{query}")).GetProperty("data")[0];

    private async Task<Dictionary<string, JsonElement>> SpansAsync(ulong id, string query = "") =>
        (await TraceAsync(id, query)).GetProperty("spans").EnumerateArray().DistinctBy(span => span.GetProperty("spanID").GetString())
            .ToDictionary(span => span.GetProperty("spanID").GetString()!);

    /// <summary>The app with odd traces in it.</summary>
    public sealed class OddTraces : IAsyncLifetime
    {
        public const ulong Skewed = 0xa1;
        public const ulong Adverse = 0xa2;
        public const ulong Values = 0xa3;
        public const ulong Links = 0xa4;
        public const ulong Nameless = 0xa5;

        public QueryApp App { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            App = await QueryApp.StartAsync();
            var (skewed, adverse, values, links, nameless) =
                (new TraceId(0, Skewed), new TraceId(0, Adverse), new TraceId(0, Values), new TraceId(0, Links), new TraceId(0, Nameless));
            var elsewhere = new TraceId(0, 0xee);
            Span[] spans =
            [
                On("h1", Of(1, kind: SpanKind.Client, took: 100, trace: skewed)),
                On("h2", Of(2, 1, "b", SpanKind.Server, at: 1_000_000, took: 50, trace: skewed)) with
                {
                    Events = [new SpanEvent(Origin + 1_000_005_000, "e", [], 0)],
                },
                Of(1, trace: adverse), Of(2, 4, at: 1, trace: adverse), Of(3, 2, at: 2, trace: adverse), Of(4, 3, at: 3, trace: adverse), Of(5, 5, at: 4, trace: adverse),
                Of(6, at: 5, trace: adverse, links: [Reference(0xb1, "child_of", new TraceId(0, 0xbb))]), Of(7, 0x999, at: 6, trace: adverse),
                Of(8, 1, at: 7, trace: adverse), Of(8, 1, "b", at: 8, trace: adverse),
                Of(1, trace: values) with
                {
                    Attributes =
                    [
                        new("nan", AttributeValue.Of(double.NaN)), new("infinite", AttributeValue.Of(double.PositiveInfinity)),
                        new("exact", AttributeValue.Of((1L << 53) - 1)), new("beyond", AttributeValue.Of(1L << 53)), new("least", AttributeValue.Of(long.MinValue)),
                        new("bytes", AttributeValue.Of(new byte[] { 1, 2, 255 })),
                    ],
                },
                Of(2, 1, kind: SpanKind.Client, at: 1, trace: values, error: true), Of(3, 1, at: 2, trace: values, tags: [("error", "false")]),
                Of(4, 1, at: 3, took: -5, trace: values),
                Of(1, took: 100, trace: links),
                Of(2, 1, at: 1, trace: links, links: [new SpanLink(links, new SpanId(3), "", [], 0, 0), new SpanLink(elsewhere, new SpanId(0xef), "", [], 0, 0)]),
                Of(3, 1, at: 2, trace: links), Of(4, at: 3, trace: links, links: [new SpanLink(elsewhere, new SpanId(0xed), "", [], 0, 0)]),
                Of(1, service: "", trace: nameless),
            ];
            await App.StoreAsync("/v1/traces", OtlpBody.Of(spans), "a1", "a2", "a3", "a4", "a5");
            await App.UntilAsync(
                "/api/v3/trace-summaries?query.startTimeMin=2020-01-01T00:00:00Z&query.startTimeMax=2100-01-01T00:00:00Z",
                answer => answer.Json.GetProperty("summaries").GetArrayLength() == 5);
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();

        private static Span On(string host, Span span) => span with
        {
            Resource = new Resource
            {
                ServiceName = span.ServiceName,
                Attributes = [new("service.name", AttributeValue.Of(span.ServiceName)), new("host.name", AttributeValue.Of(host))],
            },
        };
    }
}
