using System.Net;
using System.Text.Json;

namespace Serverless.Tests.Querying;

[Collection(StoredTracesCollection.Name)]
public sealed class JaegerApiTests(StoredTraces stored)
{
    private readonly QueryApp _app = stored.App;

    [Fact]
    public async Task A_trace_comes_in_Jaegers_envelope()
    {
        var answer = await _app.GetJsonAsync($"/api/traces/{StoredTraces.Order}");
        Assert.Equal(["data", "total", "limit", "offset", "errors"], answer.EnumerateObject().Select(p => p.Name));
        Assert.Equal(0, answer.GetProperty("total").GetInt32());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("errors").ValueKind);
        var trace = Assert.Single(answer.GetProperty("data").EnumerateArray());
        Assert.Equal(StoredTraces.Order, trace.GetProperty("traceID").GetString());
        var spans = trace.GetProperty("spans").EnumerateArray().ToArray();
        Assert.Equal(["00000000000000a1", "00000000000000a2"], spans.Select(s => s.GetProperty("spanID").GetString()));
        Assert.Equal("POST /Order", spans[0].GetProperty("operationName").GetString());
        Assert.Equal(stored.OrderUs, spans[0].GetProperty("startTime").GetInt64());
        Assert.Equal(200_000, spans[0].GetProperty("duration").GetInt64());
        Assert.Empty(spans[0].GetProperty("references").EnumerateArray());
        var reference = Assert.Single(spans[1].GetProperty("references").EnumerateArray());
        Assert.Equal("CHILD_OF", reference.GetProperty("refType").GetString());
        Assert.Equal("00000000000000a1", reference.GetProperty("spanID").GetString());
        Assert.Equal("c 1&2", Tag(spans[0], "customer"));
        Assert.Equal("server", Tag(spans[0], "span.kind"));
        Assert.Equal("card refused", Tag(spans[0], "otel.status_description"));
        var process = trace.GetProperty("processes").GetProperty(spans[0].GetProperty("processID").GetString()!);
        Assert.Equal("Checkout", process.GetProperty("serviceName").GetString());
    }

    [Fact]
    public async Task Time_hints_do_not_hide_a_trace_even_where_they_are_wrong()
    {
        foreach (var hint in new[] { $"start={stored.OrderUs}&end={stored.OrderUs + 1_000_000}", "start=1000000&end=2000000", $"start={stored.OrderUs}", "end=1000000", "start=9&end=1" })
            Assert.Equal(2, (await SpansAsync($"/api/traces/{StoredTraces.Order}?{hint}")).Length);
        var refused = await stored.App.GetAsync($"/api/traces/{StoredTraces.Order}?start=yesterday");
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("unable to parse param 'start'", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_and_server_of_a_shared_span_get_an_id_each()
    {
        var spans = await SpansAsync($"/api/traces/{StoredTraces.Shop}");
        Assert.Equal(["get /cart", "cart", "select"], spans.Select(s => s.GetProperty("operationName").GetString()));
        Assert.Equal(3, spans.Select(s => s.GetProperty("spanID").GetString()).Distinct().Count());
        Assert.Equal("0000000000000001", ParentOf(spans[1]));
        Assert.Equal(spans[1].GetProperty("spanID").GetString(), ParentOf(spans[2]));
    }

    [Fact]
    public async Task A_raw_trace_is_left_as_it_was_sent()
    {
        var spans = await SpansAsync($"/api/traces/{StoredTraces.Shop}?raw=true");
        Assert.Equal(["0000000000000001", "0000000000000001", "0000000000000002"], spans.Select(s => s.GetProperty("spanID").GetString()));
        Assert.Equal("0000000000000001", ParentOf(spans[2]));
    }

    [Theory]
    [InlineData("5AF7183FB1D4CF5F")]
    [InlineData("00000000000000005af7183fb1d4cf5f")]
    [InlineData("WvcYP7HUz18=")]
    [InlineData("WvcYP7HUz18")]
    [InlineData("AAAAAAAAAABa9xg%2FsdTPXw%3D%3D")]
    public async Task An_id_may_be_written_in_several_ways(string id)
    {
        var answer = await _app.GetJsonAsync($"/api/traces/{id}?start=1&end=2");
        Assert.Equal(StoredTraces.Shop, answer.GetProperty("data")[0].GetProperty("traceID").GetString());
    }

    [Fact]
    public async Task Pretty_print_indents_with_four_spaces()
    {
        var pretty = (await _app.GetAsync($"/api/traces/{StoredTraces.Shop}?prettyPrint=true")).Text;
        Assert.StartsWith("{\n    \"data\": [\n        {\n", pretty.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        var plain = (await _app.GetAsync($"/api/traces/{StoredTraces.Shop}?prettyPrint=false")).Text;
        Assert.DoesNotContain('\n', plain);
    }

    [Fact]
    public async Task An_unknown_trace_is_404() =>
        AssertFailure(HttpStatusCode.NotFound, "trace not found", await _app.GetAsync("/api/traces/123"));

    [Theory]
    [InlineData("/api/traces/hello!", "strconv.ParseUint: parsing \"hello!\": invalid syntax")]
    [InlineData("/api/traces/123?raw=x", "unable to parse param 'raw': strconv.ParseBool: parsing \"x\": invalid syntax")]
    [InlineData("/api/traces", "parameter 'service' is required")]
    [InlineData("/api/traces?service=x&limit=x", "strconv.ParseInt: parsing \"x\": invalid syntax")]
    [InlineData("/api/operations", "parameter 'service' is required")]
    [InlineData("/api/operations?service=x&spanKind=x", "unable to parse param 'spanKind': unsupported span kind: 'x'")]
    public async Task What_cannot_be_understood_is_400(string path, string error) =>
        AssertFailure(HttpStatusCode.BadRequest, error, await _app.GetAsync(path));

    [Fact]
    public async Task Services_come_as_they_were_sent() =>
        AssertNames(["Checkout", "details", "gateway", "nightly"], await _app.GetJsonAsync("/api/services"));

    [Theory]
    [InlineData("details", new[] { "cart", "select" })]
    [InlineData("Checkout", new[] { "POST /Order", "charge" })]
    [InlineData("%2543heckout", new[] { "POST /Order", "charge" })]
    [InlineData("unknown", new string[0])]
    public async Task Operations_of_a_service_are_names(string service, string[] operations) =>
        AssertNames(operations, await _app.GetJsonAsync($"/api/services/{service}/operations"));

    [Fact]
    public async Task Operations_with_kinds_can_be_had_by_kind()
    {
        var all = await _app.GetJsonAsync("/api/operations?service=Checkout");
        Assert.Equal(2, all.GetProperty("total").GetInt32());
        Assert.Equal(
            [("POST /Order", "server"), ("charge", "internal")],
            all.GetProperty("data").EnumerateArray().Select(o => (o.GetProperty("name").GetString(), o.GetProperty("spanKind").GetString())));
        var servers = await _app.GetJsonAsync("/api/operations?service=Checkout&spanKind=server");
        Assert.Equal("POST /Order", Assert.Single(servers.GetProperty("data").EnumerateArray()).GetProperty("name").GetString());
        var unspecified = await _app.GetJsonAsync("/api/operations?service=nightly");
        Assert.Equal("", Assert.Single(unspecified.GetProperty("data").EnumerateArray()).GetProperty("spanKind").GetString());
    }

    [Theory]
    [InlineData("service=details", StoredTraces.Shop)]
    [InlineData("service=Details", "")]
    [InlineData("service=Checkout", StoredTraces.Order)]
    [InlineData("service=details&operation=select", StoredTraces.Shop)]
    [InlineData("service=details&operation=SELECT", "")]
    [InlineData("service=details&tag=sql.table:a%3Db", StoredTraces.Shop)]
    [InlineData("service=details&tags=%7B%22sql.table%22%3A%22a%3Db%22%7D", StoredTraces.Shop)]
    [InlineData("service=details&operation=cart&tag=sql.table:a%3Db", "")]
    [InlineData("service=Checkout&tag=error:true", StoredTraces.Order)]
    [InlineData("service=Checkout&tag=span.kind:server&tag=resource.host.name:h1", StoredTraces.Order)]
    [InlineData("service=Checkout&tag=customer:c+1%262", StoredTraces.Order)]
    [InlineData("service=Checkout&minDuration=200ms", StoredTraces.Order)]
    [InlineData("service=Checkout&minDuration=200.001ms", "")]
    [InlineData("service=Checkout&minDuration=5ms&maxDuration=6 ms", StoredTraces.Order)]
    [InlineData("service=nightly&maxDuration=1s&limit=1", StoredTraces.Batch)]
    public async Task A_search_finds_traces_of_which_one_span_is_all_that_is_asked(string query, string expected)
    {
        var answer = await _app.GetJsonAsync($"/api/traces?{query}");
        Assert.Equal(0, answer.GetProperty("total").GetInt32());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("errors").ValueKind);
        Assert.Equal(expected, string.Join(',', Ids(answer)));
    }

    [Fact]
    public async Task A_search_ends_at_its_times_inclusively()
    {
        Assert.Single(Ids(await _app.GetJsonAsync(stored.Text($"/api/traces?service=nightly&start={stored.BatchUs}&end={stored.BatchUs}"))));
        Assert.Empty(Ids(await _app.GetJsonAsync(stored.Text($"/api/traces?service=nightly&start={stored.BatchUs - 10}&end={stored.BatchUs - 1}"))));
        Assert.Empty(Ids(await _app.GetJsonAsync(stored.Text($"/api/traces?service=nightly&start={stored.BatchUs + 1}"))));
    }

    [Fact]
    public async Task A_search_gives_whole_traces_with_their_shared_spans_told_apart()
    {
        var trace = (await _app.GetJsonAsync("/api/traces?service=gateway")).GetProperty("data")[0];
        Assert.Equal(3, trace.GetProperty("spans").EnumerateArray().Select(s => s.GetProperty("spanID").GetString()).Distinct().Count());
        var raw = (await _app.GetJsonAsync("/api/traces?service=gateway&raw=1")).GetProperty("data")[0];
        Assert.Equal(2, raw.GetProperty("spans").EnumerateArray().Select(s => s.GetProperty("spanID").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task Several_ids_give_what_there_is_and_say_what_there_is_not()
    {
        var answer = await _app.GetJsonAsync($"/api/traces?traceID={StoredTraces.Batch}&traceID=abc&traceID={StoredTraces.Shop}");
        Assert.Equal([StoredTraces.Batch, StoredTraces.Shop], Ids(answer));
        Assert.Equal("[{\"msg\":\"trace not found\",\"traceID\":\"0000000000000abc\"}]", answer.GetProperty("errors").GetRawText());
    }

    private static void AssertFailure(HttpStatusCode status, string message, QueryAnswer answer)
    {
        Assert.Equal(status, answer.Status);
        Assert.Equal("text/plain; charset=utf-8", answer.Header("Content-Type"));
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
        var body = answer.Json;
        Assert.Equal(JsonValueKind.Null, body.GetProperty("data").ValueKind);
        var error = Assert.Single(body.GetProperty("errors").EnumerateArray());
        Assert.Equal((int)status, error.GetProperty("code").GetInt32());
        Assert.Equal(message, error.GetProperty("msg").GetString());
    }

    private static void AssertNames(string[] expected, JsonElement answer)
    {
        Assert.Equal(expected, answer.GetProperty("data").EnumerateArray().Select(name => name.GetString()!));
        Assert.Equal(expected.Length, answer.GetProperty("total").GetInt32());
    }

    private static string[] Ids(JsonElement answer) => [.. answer.GetProperty("data").EnumerateArray().Select(t => t.GetProperty("traceID").GetString()!)];

    private static string? ParentOf(JsonElement span) => Assert.Single(span.GetProperty("references").EnumerateArray()).GetProperty("spanID").GetString();

    private static string? Tag(JsonElement span, string key) =>
        Assert.Single(span.GetProperty("tags").EnumerateArray(), tag => tag.GetProperty("key").GetString() == key).GetProperty("value").GetString();

    private async Task<JsonElement[]> SpansAsync(string path) =>
        [.. (await _app.GetJsonAsync(path)).GetProperty("data")[0].GetProperty("spans").EnumerateArray().OrderBy(s => s.GetProperty("startTime").GetInt64())];
}
