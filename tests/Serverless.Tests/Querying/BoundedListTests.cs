using System.Globalization;
using System.Text.Json;
using Serverless.Tests.Querying.Jaeger;
using Serverless.Tracing.Model;
using static Serverless.Tests.Assembly.SampleSpan;

namespace Serverless.Tests.Querying;

/// <summary>Searches and lists that find more than may be held at once: with a bound so low that nearly everything is.</summary>
public sealed class BoundedListTests(BoundedListTests.ManyTraces many) : IClassFixture<BoundedListTests.ManyTraces>
{
    private const string AllTime = "query.startTimeMin=2020-01-01T00:00:00Z&query.startTimeMax=2100-01-01T00:00:00Z";

    private readonly QueryApp _app = many.App;

    [Theory]
    [InlineData("/api/traces?service=a&start=1&limit=1000")]
    [InlineData("/api/traces?service=a&start=1&limit=1000&raw=true")]
    [InlineData("/api/traces?traceID=1&traceID=2&traceID=3&traceID=4&traceID=5&traceID=6&traceID=7&traceID=8&traceID=9&traceID=a&traceID=b&traceID=c&traceID=d&traceID=e&traceID=f&traceID=10&traceID=11&traceID=12&traceID=13&traceID=14&traceID=ff")]
    public async Task Jaegers_list_has_every_trace_once_and_whole(string path)
    {
        var answer = await _app.GetJsonAsync(path);
        Assert.Equal(ManyTraces.Expected, answer.GetProperty("data").EnumerateArray().Select(trace => (
            Convert.ToInt32(trace.GetProperty("traceID").GetString(), 16), trace.GetProperty("spans").EnumerateArray().Select(Id).Distinct().Count())).Order());
        Assert.Equal(
            path.Contains("traceID=ff", StringComparison.Ordinal) ? "[{\"msg\":\"trace not found\",\"traceID\":\"00000000000000ff\"}]" : "null",
            answer.GetProperty("errors").GetRawText());

        static string? Id(JsonElement span) => span.GetProperty("spanID").GetString();
    }

    [Fact]
    public async Task Of_a_large_trace_in_a_list_nothing_more_is_said_than_of_a_small_one()
    {
        var traces = (await _app.GetJsonAsync("/api/traces?service=a&start=1&limit=1000")).GetProperty("data").EnumerateArray();
        Assert.Equal(["null"], traces.Select(trace => trace.GetProperty("warnings").GetRawText()).Distinct());
    }

    [Fact]
    public async Task So_has_API_v3s()
    {
        var answer = await _app.GetJsonAsync($"/api/v3/traces?query.serviceName=a&query.searchDepth=1000&{AllTime}");
        var spans = SuiteSpans.Of(answer.GetProperty("result").GetProperty("resourceSpans").EnumerateArray());
        Assert.Equal(ManyTraces.Expected, spans.GroupBy(span => span.GetProperty("traceId").GetString()).Select(trace => (Convert.ToInt32(trace.Key, 16), trace.Count())).Order());
        var summaries = (await _app.GetJsonAsync($"/api/v3/trace-summaries?query.serviceName=a&query.searchDepth=1000&{AllTime}")).GetProperty("summaries");
        Assert.Equal(ManyTraces.Expected, summaries.EnumerateArray().Select(summary => (
            Convert.ToInt32(summary.GetProperty("traceId").GetString(), 16), summary.GetProperty("spanCount").GetInt32())).Order());
    }

    [Theory]
    [InlineData("/api/v2/traces?serviceName=a&limit=1000&endTs=4000000000000&lookback=4000000000000")]
    [InlineData("/api/v2/traceMany?traceIds=1,2,3,4,5,6,7,8,9,a,b,c,d,e,f,10,11,12,13,14")]
    public async Task So_has_Zipkins(string path)
    {
        var answer = await _app.GetJsonAsync(path);
        Assert.Equal(ManyTraces.Expected, answer.EnumerateArray().Select(trace => (
            Convert.ToInt32(trace[0].GetProperty("traceId").GetString(), 16), trace.GetArrayLength())).Order());
    }

    [Fact]
    public async Task A_list_is_in_the_order_of_the_search_however_it_was_read()
    {
        var found = (await _app.GetJsonAsync("/api/traces?service=a&start=1&limit=1000")).GetProperty("data").EnumerateArray()
            .Select(trace => Convert.ToInt32(trace.GetProperty("traceID").GetString(), 16)).ToArray();
        Assert.Equal(found.OrderDescending(), found);
    }

    [Fact]
    public async Task Large_and_small_traces_are_archived_whole()
    {
        foreach (var id in new[] { "1", "14" })
        {
            using var answer = await _app.Client.PostAsync($"/api/archive/{id}", null, CancellationToken.None);
            Assert.True(answer.IsSuccessStatusCode, $"{id}: {answer.StatusCode}");
        }

        using var missing = await _app.Client.PostAsync("/api/archive/ff", null, CancellationToken.None);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, missing.StatusCode);
        using var otherHalf = await _app.Client.PostAsync("/api/archive/00000000000000070000000000000001", null, CancellationToken.None);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, otherHalf.StatusCode);
    }

    /// <summary>Twenty traces: each fifth is a large one, the others are together more than is held.</summary>
    public sealed class ManyTraces : IAsyncLifetime
    {
        private const int Traces = 20;

        public static IEnumerable<(int Id, int Spans)> Expected => Enumerable.Range(1, Traces).Select(id => (id, SpansOf(id)));

        public QueryApp App { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            App = await QueryApp.StartAsync("--Tracing:LargeTraceBytes", "3000", "--Tracing:LargeTracesAtOnce", "1");
            for (var id = 1; id <= Traces; id++)
            {
                var trace = new TraceId(0, (ulong)id);
                await App.StoreAsync("/v1/traces", OtlpBody.Of([.. Enumerable.Range(1, SpansOf(id)).Select(span => Of(
                    (ulong)span, span == 1 ? 0UL : 1, at: (id * 1_000) + span, trace: trace, name: "operation " + span.ToString(CultureInfo.InvariantCulture)))]));
            }

            await App.UntilAsync(
                $"/api/v3/trace-summaries?query.serviceName=a&query.searchDepth=1000&{AllTime}",
                answer => answer.Json.GetProperty("summaries").EnumerateArray().Sum(summary => summary.GetProperty("spanCount").GetInt32()) == Expected.Sum(trace => trace.Spans));
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();

        private static int SpansOf(int id) => id % 5 == 0 ? 400 : 30;
    }
}
