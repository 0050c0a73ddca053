using System.Globalization;
using System.Text.Json;

namespace Serverless.Tests.Querying.Jaeger;

/// <summary>
/// The cases of Jaeger's storage integration suite (internal/storage/integration of jaegertracing/jaeger: what it stores and what it asks,
/// not its code), over HTTP: all traces are stored first, so that each is the counterexample of the others' searches.
/// </summary>
public abstract class JaegerStorageSuiteTests<TSuite>(TSuite suite) : IClassFixture<TSuite>
    where TSuite : JaegerStorageSuite
{
    private const string Tags = """{"sameplacetag1":"sameplacevalue","sameplacetag2":"123","sameplacetag3":"72.5","sameplacetag4":"true"}""";
    private const string AttributeTags =
        """{"sameplaceattribute1":"sameplacevalue","sameplaceattribute2":"123","sameplaceattribute3":"72.5","sameplaceattribute4":"true"}""";

    private const string AllTime = "query.startTimeMin=2017-01-01T00:00:00Z&query.startTimeMax=2018-01-01T00:00:00Z";

    private readonly QueryApp _app = suite.App;

    [Theory]
    [InlineData("Tags in one spot: span", 1, "", Tags, "", "", "1")]
    [InlineData("Tags in one spot: events", 2, "", Tags, "", "", "2")]
    [InlineData("Tags in one spot: process", 3, "", Tags, "", "", "3")]
    [InlineData("Tags in different spots", 4, "", Tags, "", "", "4")]
    [InlineData("Operation name", 6, "query06-operation", "", "", "", "6")]
    [InlineData("Operation name and the longest duration", 7, "query07-operation", "", "", "2000ns", "7")]
    [InlineData("Operation name and a range of durations", 8, "query08-operation", "", "4500ns", "5500ns", "8")]
    [InlineData("A range of durations", 9, "", "", "4500ns", "5500ns", "9")]
    [InlineData("The longest duration", 10, "", "", "", "1000ns", "10")]
    [InlineData("A service alone", 11, "", "", "", "", "11")]
    [InlineData("Tags and operation name", 12, "query12-operation", Tags, "", "", "12")]
    [InlineData("Tags, operation name and the longest duration", 13, "query13-operation", Tags, "", "2000ns", "13")]
    [InlineData("Tags, operation name and a range of durations", 14, "query14-operation", Tags, "4500ns", "5500ns", "14")]
    [InlineData("Tags and a range of durations", 15, "", Tags, "4500ns", "5500ns", "15")]
    [InlineData("Tags and the longest duration", 16, "", Tags, "", "1000ns", "16")]
    [InlineData("Tags in different spots and operation name", 17, "query17-operation", Tags, "", "", "17")]
    [InlineData("Tags in different spots, operation name and the longest duration", 18, "query18-operation", Tags, "", "2000ns", "18")]
    [InlineData("Tags in different spots, operation name and a range of durations", 19, "query19-operation", Tags, "4500ns", "5500ns", "19")]
    [InlineData("Tags in different spots and a range of durations", 20, "", Tags, "4500ns", "5500ns", "20")]
    [InlineData("Tags in different spots and the longest duration", 21, "", Tags, "", "1000ns", "21")]
    [InlineData("Several traces", 22, "", "", "", "", "221,222,223")]
    [InlineData("Scope with a name and a version", 23, "", Tags, "", "", "224")]
    [InlineData("Attributes of the scope", 24, "", AttributeTags, "", "", "225")]
    [InlineData("Attributes of a link", 25, "", AttributeTags, "", "", "226")]
    [InlineData("Attributes of a link are not those of another service", 24, "", Tags, "", "", "")]
    [InlineData("A wrong value", 1, "", """{"sameplacetag2":"124"}""", "", "", "")]
    [InlineData("A value with a pattern is no pattern", 1, "", """{"sameplacetag1":"same.*"}""", "", "", "")]
    public async Task A_search_finds_its_traces_by_both_APIs(
        string caption, int service, string operation, string tags, string min, string max, string expected)
    {
        Assert.NotEmpty(caption);
        if (!suite.HasScopesAndLinks && tags == AttributeTags)
            expected = "";
        var name = string.Create(CultureInfo.InvariantCulture, $"query{service:d2}-service");
        const string Start = "2017-01-26T15:46:31.639875Z";
        const string End = "2017-01-26T17:46:31.639875Z";
        var v3 = $"query.serviceName={name}&query.startTimeMin={Start}&query.startTimeMax={End}&query.searchDepth=1000"
            + Parameter("query.operationName", operation) + Parameter("query.attributes", tags)
            + Parameter("query.durationMin", min) + Parameter("query.durationMax", max);
        var summaries = (await _app.GetJsonAsync($"/api/v3/trace-summaries?{v3}")).GetProperty("summaries").EnumerateArray();
        Assert.Equal(expected, Short(summaries.Select(summary => summary.GetProperty("traceId").GetString()!)));

        var legacy = string.Create(CultureInfo.InvariantCulture, $"service={name}&start={Micros(Start)}&end={Micros(End)}&limit=1000")
            + Parameter("operation", operation) + Parameter("tags", tags) + Parameter("minDuration", min) + Parameter("maxDuration", max);
        var traces = (await _app.GetJsonAsync($"/api/traces?{legacy}")).GetProperty("data").EnumerateArray();
        Assert.Equal(expected, Short(traces.Select(trace => trace.GetProperty("traceID").GetString()!)));
    }

    [Fact]
    public async Task A_trace_whose_spans_lie_hours_from_its_events_is_found_by_its_spans()
    {
        var found = await _app.GetJsonAsync(
            "/api/v3/trace-summaries?query.serviceName=query05-service&query.startTimeMin=2017-01-26T00:00:31.639875Z&query.startTimeMax=2017-01-26T00:07:31.639875Z");
        Assert.Equal("5", Short(found.GetProperty("summaries").EnumerateArray().Select(summary => summary.GetProperty("traceId").GetString()!)));
    }

    [Fact]
    public async Task Services_and_operations_are_those_of_the_example()
    {
        Assert.Superset(
            new HashSet<string?> { "example-service-1", "example-service-2", "example-service-3" },
            (await _app.GetJsonAsync("/api/v3/services")).GetProperty("services").EnumerateArray().Select(name => name.GetString()).ToHashSet());
        Assert.Equal(
            """[{"name":"example-operation-1","spanKind":""},{"name":"example-operation-3","spanKind":"server"},{"name":"example-operation-4","spanKind":"client"}]""",
            (await _app.GetJsonAsync("/api/operations?service=example-service-1")).GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task A_trace_is_had_with_all_that_was_stored()
    {
        var spans = (await _app.GetJsonAsync("/api/v3/traces/11?rawTraces=true")).GetProperty("result").GetProperty("resourceSpans").EnumerateArray()
            .SelectMany(resource => resource.GetProperty("scopeSpans").EnumerateArray()).SelectMany(scope => scope.GetProperty("spans").EnumerateArray()).ToArray();
        Assert.Equal(6, spans.Length);
        Assert.All(spans.Where(span => span.GetProperty("name").GetString() != "query11-operation"), span => Assert.Equal(2, span.GetProperty("events").GetArrayLength()));
        Assert.Equal("1485449191639975000", spans.First(span => span.GetProperty("spanId").GetString() == "0000000000000006").GetProperty("endTimeUnixNano").GetString());
    }

    [Fact]
    public async Task A_trace_of_more_than_10000_spans_comes_whole_by_both_APIs()
    {
        Assert.Equal(10_008, (await _app.GetJsonAsync("/api/traces/beef")).GetProperty("data")[0].GetProperty("spans").GetArrayLength());
        var v3 = (await _app.GetJsonAsync("/api/v3/traces/beef")).GetProperty("result").GetProperty("resourceSpans");
        Assert.Equal(10_008, v3[0].GetProperty("scopeSpans")[0].GetProperty("spans").GetArrayLength());
    }

    [Theory]
    [InlineData("/api/traces/d1")]
    [InlineData("/api/traces/d1?raw=true")]
    public async Task A_trace_that_repeats_a_span_id_has_all_its_spans(string path)
    {
        var spans = (await _app.GetJsonAsync(path)).GetProperty("data")[0].GetProperty("spans").EnumerateArray().ToArray();
        Assert.Equal(200, spans.Length);
        Assert.Equal(200 - 9, spans.Select(span => span.GetProperty("spanID").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task Such_a_trace_is_summed_up_with_all_its_spans()
    {
        var found = await _app.GetJsonAsync($"/api/v3/trace-summaries?query.serviceName=repeated-service&{AllTime}");
        Assert.Equal(200, Assert.Single(found.GetProperty("summaries").EnumerateArray()).GetProperty("spanCount").GetInt32());
        var v3 = (await _app.GetJsonAsync("/api/v3/traces/d1")).GetProperty("result").GetProperty("resourceSpans").EnumerateArray();
        Assert.Equal(200, SuiteSpans.Of(v3).Count());
    }

    [Fact]
    public async Task Without_a_service_the_traces_of_all_services_are_found()
    {
        var query = $"{AllTime}&query.attributes={Uri.EscapeDataString("""{"across.services":"yes"}""")}";
        var found = await _app.GetJsonAsync($"/api/v3/trace-summaries?{query}");
        Assert.Equal("c1,c2", Short(found.GetProperty("summaries").EnumerateArray().Select(summary => summary.GetProperty("traceId").GetString()!)));
        Assert.Equal("""{"summaries":[]}""", (await _app.GetJsonAsync($"/api/v3/trace-summaries?{query}&query.operationName=other")).GetRawText());
    }

    [Fact]
    public async Task A_trace_that_is_not_there_is_404()
    {
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await _app.GetAsync("/api/traces/9999999999")).Status);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await _app.GetAsync("/api/v3/traces/9999999999")).Status);
    }

    [Fact]
    public async Task Every_span_comes_back_as_it_was_written()
    {
        foreach (var trace in SuiteSpans.All().GroupBy(span => span.TraceId))
        {
            var answer = await _app.GetJsonAsync($"/api/v3/traces/{trace.Key}?rawTraces=true");
            var expected = JsonDocument.Parse(OtlpBody.Of([.. trace])).RootElement.GetProperty("resourceSpans").EnumerateArray();
            Assert.Equal(
                SuiteSpans.Describe(expected, suite.HasScopesAndLinks),
                SuiteSpans.Describe(answer.GetProperty("result").GetProperty("resourceSpans").EnumerateArray(), suite.HasScopesAndLinks));
        }
    }

    [Fact]
    public async Task Spans_that_share_an_id_and_differ_in_service_are_all_there()
    {
        var spans = (await _app.GetJsonAsync("/api/traces/d0b1e")).GetProperty("data")[0].GetProperty("spans").EnumerateArray().ToArray();
        Assert.Equal(20, spans.Length);
        Assert.Single(spans.Select(span => span.GetProperty("spanID").GetString()).Distinct());
    }

    private static string Parameter(string name, string value) => value.Length == 0 ? "" : $"&{name}={Uri.EscapeDataString(value)}";

    private static long Micros(string time) =>
        (DateTimeOffset.Parse(time, CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static string Short(IEnumerable<string> ids) =>
        string.Join(',', ids.Select(id => id.TrimStart('0')).Order(StringComparer.Ordinal));
}
