using System.Globalization;
using System.Net;
using System.Text;
using Serverless.Local;

namespace Serverless.Tests.Querying;

/// <summary>What concerns both query APIs and needs an app of its own.</summary>
public sealed class QueryApiTests
{
    private const string StorageText = "The trace storage cannot be read now; the request is right, send it again later. ";
    private const string IncompleteText =
        "the search ran out of time and may have missed traces; narrow it: a shorter time range, a service, an operation";

    [Fact]
    public async Task A_new_app_has_nothing_and_lets_no_browser_keep_that()
    {
        await using var app = await QueryApp.StartAsync();
        foreach (var path in new[] { "/api/v2/services", "/api/v2/spans?serviceName=x", "/api/v2/traces", "/api/v2/traceMany?traceIds=1,2" })
        {
            var answer = await app.GetAsync(path);
            Assert.Equal("[]", answer.Text);
            Assert.Equal("2", answer.Header("Content-Length"));
            Assert.Null(answer.Header("Cache-Control"));
        }

        foreach (var path in new[] { "/api/services", "/api/services/x/operations", "/api/operations?service=x", "/api/traces?service=x" })
            Assert.Equal("{\"data\":[],\"total\":0,\"limit\":0,\"offset\":0,\"errors\":null}", (await app.GetAsync(path)).Text);
    }

    [Fact]
    public async Task Lenient_ids_bring_together_what_some_services_cut()
    {
        await using var app = await QueryApp.StartAsync("--Tracing:StrictTraceId", "false");
        await app.StoreAsync("/api/v2/spans", $"[{ZipkinSpan("1", StoredTraces.Order)}]", StoredTraces.Order);
        await app.StoreAsync("/api/v2/spans", $"[{ZipkinSpan("2", StoredTraces.Order[16..])}]");
        foreach (var id in new[] { StoredTraces.Order, StoredTraces.Order[16..] })
        {
            await app.UntilAsync($"/api/v2/trace/{id}", answer => answer.Status == HttpStatusCode.OK && answer.Json.GetArrayLength() == 2);
            Assert.Equal(2, (await app.GetJsonAsync($"/api/traces/{id}")).GetProperty("data")[0].GetProperty("spans").GetArrayLength());
        }

        var many = await app.GetJsonAsync($"/api/v2/traceMany?traceIds={StoredTraces.Order},{StoredTraces.Order[16..]}");
        Assert.Equal(2, Assert.Single(many.EnumerateArray()).GetArrayLength());
    }

    [Fact]
    public async Task Services_that_differ_in_case_are_one_to_Zipkin_and_two_to_Jaeger()
    {
        await using var app = await QueryApp.StartAsync();
        await app.StoreAsync("/v1/traces", OtlpSpan("Shop", "One"), "0000000000000000000000000000000a");
        await app.StoreAsync("/v1/traces", OtlpSpan("shop", "ONE"));
        await app.StoreAsync("/v1/traces", OtlpSpan("SHOP", "two"));
        await app.UntilAsync("/api/services", answer => answer.Json.GetProperty("total").GetInt32() == 3);
        Assert.Equal("[\"shop\"]", (await app.GetAsync("/api/v2/services")).Text);
        Assert.Equal("[\"one\",\"two\"]", (await app.UntilAsync("/api/v2/spans?serviceName=shOP", answer => answer.Json.GetArrayLength() == 2)).Text);
        Assert.Equal("[\"ONE\"]", (await app.GetJsonAsync("/api/services/shop/operations")).GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task A_storage_that_fails_is_503_and_not_the_callers_fault()
    {
        // Without spans there are no tables but today's and yesterday's, which are asked all the same.
        await using var app = await QueryApp.StartAsync();
        await app.StoreAsync("/api/v2/spans", $"[{ZipkinSpan("1", StoredTraces.Shop)}]", StoredTraces.Shop);
        app.Faults.Add(new Fault(FaultOperations.TableQuery, FaultKind.Throttle));
        foreach (var path in new[] { $"/api/traces/{StoredTraces.Shop}", "/api/traces?service=x", "/api/services", "/api/services/x/operations", "/api/operations?service=x" })
        {
            var answer = await app.GetAsync(path);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
            Assert.Equal("1", answer.Header("Retry-After"));
            var error = Assert.Single(answer.Json.GetProperty("errors").EnumerateArray());
            Assert.Equal(503, error.GetProperty("code").GetInt32());
            Assert.StartsWith(StorageText, error.GetProperty("msg").GetString(), StringComparison.Ordinal);
        }

        foreach (var path in new[] { $"/api/v2/trace/{StoredTraces.Shop}", "/api/v2/traces?serviceName=x", "/api/v2/traceMany?traceIds=1,2", "/api/v2/services", "/api/v2/spans?serviceName=x", "/api/v2/remoteServices?serviceName=x" })
        {
            var answer = await app.GetAsync(path);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
            Assert.Equal("1", answer.Header("Retry-After"));
            Assert.Equal("text/plain; charset=utf-8", answer.Header("Content-Type"));
            Assert.StartsWith(StorageText, answer.Text, StringComparison.Ordinal);
        }

        app.Faults.Clear();
        await app.GetJsonAsync($"/api/traces/{StoredTraces.Shop}");
    }

    [Fact]
    public async Task A_search_that_runs_out_of_time_says_so()
    {
        await using var app = await QueryApp.StartAsync("--Tracing:MaxSearchSeconds", "0.01");
        app.Faults.Add(new Fault(FaultOperations.TableQuery, FaultKind.Delay, Delay: TimeSpan.FromMinutes(5)));
        var jaeger = await app.GetJsonAsync("/api/traces?service=x");
        Assert.Empty(jaeger.GetProperty("data").EnumerateArray());
        Assert.Equal($"[{{\"msg\":\"{IncompleteText}\"}}]", jaeger.GetProperty("errors").GetRawText());
        var zipkin = await app.GetAsync("/api/v2/traces?serviceName=x");
        Assert.Equal("[]", zipkin.Text);
        Assert.Equal($"199 - \"{IncompleteText}\"", zipkin.Header("Warning"));
    }

    [Fact]
    public async Task A_large_answer_comes_whole_in_pieces()
    {
        const int Spans = 3_000;
        await using var app = await QueryApp.StartAsync();
        var spans = Enumerable.Range(1, Spans).Select(i => ZipkinSpan(i.ToString("x", CultureInfo.InvariantCulture), StoredTraces.Shop));
        await app.StoreAsync("/api/v2/spans", $"[{string.Join(',', spans)}]", StoredTraces.Shop);
        var answer = await app.UntilAsync($"/api/v2/trace/{StoredTraces.Shop}", answer => answer.Json.GetArrayLength() == Spans);
        Assert.Null(answer.Header("Content-Length"));
        Assert.True(Encoding.UTF8.GetByteCount(answer.Text) > 300_000, $"{answer.Text.Length} characters are too few to come in pieces");
        Assert.Equal(Spans, answer.Json.EnumerateArray().Select(span => span.GetProperty("id").GetString()).Distinct().Count());
        var trace = (await app.GetJsonAsync($"/api/traces/{StoredTraces.Shop}")).GetProperty("data")[0];
        Assert.Equal(Spans, trace.GetProperty("spans").GetArrayLength());
    }

    private static string ZipkinSpan(string id, string traceId) =>
        $$$"""{"traceId":"{{{traceId}}}","id":"{{{id}}}","name":"n","timestamp":{{{NowUs()}}},"duration":5,"localEndpoint":{"serviceName":"s"}}""";

    private static string OtlpSpan(string service, string name) =>
        $$$"""{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"{{{service}}}"}}]},"scopeSpans":[{"spans":[{"traceId":"0000000000000000000000000000000a","spanId":"{{{Guid.NewGuid().ToString("N")[..16]}}}","name":"{{{name}}}","kind":2,"startTimeUnixNano":"{{{NowUs()}}}000","endTimeUnixNano":"{{{NowUs()}}}900"}]}]}]}""";

    private static long NowUs() => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks / 10;
}
