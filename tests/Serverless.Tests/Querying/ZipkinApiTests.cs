using System.Net;
using System.Text.Json;

namespace Serverless.Tests.Querying;

[Collection(StoredTracesCollection.Name)]
public sealed class ZipkinApiTests(StoredTraces stored)
{
    private const string Cached = "max-age=300, must-revalidate";

    private readonly QueryApp _app = stored.App;

    [Theory]
    [InlineData("/api/v2")]
    [InlineData("/zipkin/api/v2")]
    public async Task Every_path_answers_with_and_without_the_pages_prefix(string prefix)
    {
        AssertNames(["checkout", "details", "gateway", "nightly"], await _app.GetAsync($"{prefix}/services"));
        AssertNames(["charge", "post /order"], await _app.GetAsync($"{prefix}/spans?serviceName=checkout"));
        AssertNames(["mysql"], await _app.GetAsync($"{prefix}/remoteServices?serviceName=details"));
        Assert.Equal([StoredTraces.Shop], Ids(await _app.GetJsonAsync($"{prefix}/traces?serviceName=gateway")));
        Assert.Equal(3, (await _app.GetJsonAsync($"{prefix}/trace/{StoredTraces.Shop}")).GetArrayLength());
        Assert.Equal(2, (await _app.GetJsonAsync($"{prefix}/traceMany?traceIds={StoredTraces.Shop},{StoredTraces.Order}")).GetArrayLength());
    }

    [Fact]
    public async Task A_trace_comes_as_it_was_sent()
    {
        var trace = await _app.GetJsonAsync($"/api/v2/trace/{StoredTraces.Shop}");
        var spans = trace.EnumerateArray().OrderBy(s => s.GetProperty("timestamp").GetInt64()).Select(s => s.GetRawText()).ToArray();
        Assert.Equal(
            stored.Text($$$"""{"traceId":"{{{StoredTraces.Shop}}}","id":"0000000000000001","kind":"CLIENT","name":"get /cart","timestamp":{{{stored.ShopUs}}},"duration":50000,"localEndpoint":{"serviceName":"gateway"},"remoteEndpoint":{"serviceName":"details"},"tags":{"http.method":"GET"}}"""),
            spans[0]);
        Assert.Equal(
            stored.Text($$$"""{"traceId":"{{{StoredTraces.Shop}}}","id":"0000000000000001","kind":"SERVER","name":"cart","timestamp":{{{stored.ShopUs + 1_000}}},"duration":40000,"localEndpoint":{"serviceName":"details","ipv4":"10.0.0.2","port":9080},"shared":true}"""),
            spans[1]);
        Assert.Equal(
            stored.Text($$$"""{"traceId":"{{{StoredTraces.Shop}}}","parentId":"0000000000000001","id":"0000000000000002","kind":"CLIENT","name":"select","timestamp":{{{stored.ShopUs + 2_000}}},"duration":30000,"localEndpoint":{"serviceName":"details"},"remoteEndpoint":{"serviceName":"mysql"},"annotations":[{"timestamp":{{{stored.ShopUs + 3_000}}},"value":"retry"}],"tags":{"error":"timeout","sql.table":"a=b"}}"""),
            spans[2]);
    }

    [Theory]
    [InlineData("00000000000000005af7183fb1d4cf5f")]
    [InlineData("%205af7183fb1d4cf5f%20")]
    public async Task An_id_is_normalized(string id) =>
        Assert.Equal(StoredTraces.Shop, (await _app.GetJsonAsync($"/api/v2/trace/{id}"))[0].GetProperty("traceId").GetString());

    [Theory]
    [InlineData("abc", "0000000000000abc not found")]
    [InlineData("48485a3953bb6124", "48485a3953bb6124 not found")]
    [InlineData("5af7183fb1d4cf60", "5af7183fb1d4cf60 not found")]
    public async Task An_unknown_trace_is_404_and_ids_are_strict(string id, string text) =>
        AssertFailure(HttpStatusCode.NotFound, text, await _app.GetAsync($"/api/v2/trace/{id}"));

    [Theory]
    [InlineData("/api/v2/trace/5AF7183FB1D4CF5F", "5AF7183FB1D4CF5F should be lower-hex encoded with no prefix")]
    [InlineData("/api/v2/traces?limit=0", "limit <= 0")]
    [InlineData("/api/v2/traces?maxDuration=1", "maxDuration is only valid with minDuration")]
    [InlineData("/api/v2/spans", "Required parameter 'serviceName' is missing.")]
    [InlineData("/api/v2/remoteServices", "Required parameter 'serviceName' is missing.")]
    [InlineData("/api/v2/traceMany?traceIds=", "traceIds parameter is empty")]
    [InlineData("/api/v2/traceMany?traceIds=1", "Use /api/v2/trace/{traceId} endpoint to retrieve a single trace")]
    [InlineData("/api/v2/traceMany?traceIds=1,01", "redundant traceId: 01")]
    public async Task What_cannot_be_understood_is_400(string path, string error) =>
        AssertFailure(HttpStatusCode.BadRequest, error, await _app.GetAsync(path));

    [Fact]
    public async Task Browsers_may_keep_names_when_there_are_more_than_three_services()
    {
        Assert.Equal(Cached, (await _app.GetAsync("/api/v2/services")).Header("Cache-Control"));
        Assert.Equal(Cached, (await _app.GetAsync("/api/v2/spans?serviceName=gateway")).Header("Cache-Control"));
        Assert.Equal(Cached, (await _app.GetAsync("/api/v2/remoteServices?serviceName=gateway")).Header("Cache-Control"));
        Assert.Null((await _app.GetAsync("/api/v2/traces?serviceName=gateway")).Header("Cache-Control"));
    }

    [Theory]
    [InlineData("/api/v2/spans?serviceName=")]
    [InlineData("/api/v2/remoteServices?serviceName=")]
    [InlineData("/api/v2/spans?serviceName=unknown")]
    [InlineData("/api/v2/remoteServices?serviceName=nightly")]
    public async Task There_may_be_no_names(string path) => AssertNames([], await _app.GetAsync(path));

    [Theory]
    [InlineData("serviceName=CHECKOUT", StoredTraces.Order)]
    [InlineData("serviceName=gateway&remoteServiceName=Details", StoredTraces.Shop)]
    [InlineData("serviceName=gateway&remoteServiceName=mysql", "")]
    [InlineData("remoteServiceName=mysql", StoredTraces.Shop)]
    [InlineData("serviceName=checkout&spanName=post+%2Forder", StoredTraces.Order)]
    [InlineData("serviceName=gateway&spanName=select", "")]
    [InlineData("serviceName=gateway&spanName=all", StoredTraces.Shop)]
    [InlineData("annotationQuery=retry", StoredTraces.Shop)]
    [InlineData("serviceName=details&annotationQuery=error%3Dtimeout+and+retry+and+sql.table%3Da%3Db", StoredTraces.Shop)]
    [InlineData("serviceName=gateway&annotationQuery=error", "")]
    [InlineData("serviceName=checkout&annotationQuery=error", StoredTraces.Order)]
    [InlineData("annotationQuery=http.method%3DGET+and+retry", StoredTraces.Shop)]
    [InlineData("annotationQuery=http.method%3Dget", "")]
    [InlineData("serviceName=details&spanName=cart&minDuration=30000&maxDuration=30000", StoredTraces.Shop)]
    [InlineData("serviceName=gateway&minDuration=50001", "")]
    [InlineData("minDuration=900000&maxDuration=900000", StoredTraces.Batch)]
    [InlineData("", StoredTraces.Batch + "," + StoredTraces.Order + "," + StoredTraces.Shop)]
    [InlineData("limit=2", StoredTraces.Batch + "," + StoredTraces.Order)]
    public async Task A_search_finds_traces_whose_spans_together_are_what_is_asked(string query, string expected) =>
        Assert.Equal(expected, string.Join(',', Ids(await _app.GetJsonAsync($"/api/v2/traces?{query}"))));

    [Fact]
    public async Task A_search_ends_at_its_times_inclusively()
    {
        var shopMs = stored.ShopUs / 1_000;
        Assert.Single(Ids(await _app.GetJsonAsync(stored.Text($"/api/v2/traces?endTs={shopMs}"))));
        Assert.Empty(Ids(await _app.GetJsonAsync(stored.Text($"/api/v2/traces?endTs={shopMs - 1}"))));
        Assert.Equal(2, Ids(await _app.GetJsonAsync(stored.Text($"/api/v2/traces?endTs={shopMs + 1_000}&lookback=1000"))).Length);
        Assert.Single(Ids(await _app.GetJsonAsync(stored.Text($"/api/v2/traces?endTs={shopMs + 1_000}&lookback=999"))));
    }

    [Fact]
    public async Task Traces_by_their_ids_leave_out_what_there_is_not()
    {
        var found = await _app.GetJsonAsync($"/api/v2/traceMany?traceIds=abc,{StoredTraces.Batch},{StoredTraces.Shop}");
        Assert.Equal([StoredTraces.Batch, StoredTraces.Shop], Ids(found));
        Assert.Empty(Ids(await _app.GetJsonAsync("/api/v2/traceMany?traceIds=abc,def")));
    }

    private static void AssertFailure(HttpStatusCode status, string text, QueryAnswer answer)
    {
        Assert.Equal(status, answer.Status);
        Assert.Equal("text/plain; charset=utf-8", answer.Header("Content-Type"));
        Assert.Equal(text, answer.Text);
    }

    private static void AssertNames(string[] expected, QueryAnswer answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("application/json", answer.Header("Content-Type"));
        Assert.Equal(expected, answer.Json.EnumerateArray().Select(name => name.GetString()!));
    }

    private static string[] Ids(JsonElement traces) => [.. traces.EnumerateArray().Select(t => t[0].GetProperty("traceId").GetString()!)];
}
