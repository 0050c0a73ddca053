using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Serverless.Tests.Querying.Zipkin;

/// <summary>What concerns HTTP itself, by the tests of Zipkin's server (<c>ITZipkinServer</c>, <c>ITZipkinServerCORS</c>, <c>ITZipkinUiConfiguration</c>).</summary>
[Collection(StoredTracesCollection.Name)]
public sealed class ZipkinServerTests(StoredTraces stored)
{
    private readonly QueryApp _app = stored.App;

    [Theory]
    [InlineData("/")]
    [InlineData("/api/v2/traces")]
    [InlineData("/whatever/and/not")]
    public async Task The_method_TRACE_is_405_everywhere(string path)
    {
        using var response = await SendAsync(HttpMethod.Trace, path);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Contains("GET", response.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("GET", "/api/v2/traces")]
    [InlineData("GET", "/zipkin/api/v2/services")]
    [InlineData("GET", "/api/v2/trace/abc")]
    [InlineData("GET", "/api/v2/traceMany?traceIds=")]
    [InlineData("GET", "/zipkin/config.json")]
    [InlineData("POST", "/api/v2/spans")]
    [InlineData("POST", "/api/v1/spans")]
    public async Task A_script_of_any_origin_may_read_the_answer(string method, string path)
    {
        using var response = await SendAsync(new HttpMethod(method), path, ("Origin", "http://foo.example.com"));
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Theory]
    [InlineData("/api/v2/traces")]
    [InlineData("/api/v2/spans")]
    [InlineData("/api/v1/spans")]
    [InlineData("/zipkin/api/v2/traces")]
    public async Task A_browser_that_asks_beforehand_is_told_that_it_may(string path)
    {
        using var response = await SendAsync(
            HttpMethod.Options, path, ("Origin", "http://foo.example.com"), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type,x-functions-key"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Equal("GET, POST", string.Join(", ", response.Headers.GetValues("Access-Control-Allow-Methods")));
        Assert.Equal("content-type,x-functions-key", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Headers")));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Theory]
    [InlineData("POST", "/api/v2/services")]
    [InlineData("POST", "/zipkin/api/v2/spans")]
    [InlineData("GET", "/api/v2/unknown")]
    public async Task What_does_not_exist_is_404(string method, string path)
    {
        using var response = await SendAsync(new HttpMethod(method), path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("deflate, gzip;q=0.5", true)]
    [InlineData("GZIP", true)]
    [InlineData("gzip;q=0", false)]
    [InlineData("br", false)]
    [InlineData("identity", false)]
    public async Task A_long_answer_is_compressed_for_who_takes_it(string accepted, bool isCompressed)
    {
        var id = "00000000000000000000000000c0ffee";
        await _app.StoreAsync("/api/v2/spans", $$"""[{"traceId":"{{id}}","id":"1","tags":{"long":"{{new string('x', 100_000)}}"} }]""", "c0ffee");
        foreach (var path in new[] { "/api/v2/trace/c0ffee", "/api/traces/c0ffee" })
        {
            var plain = await _app.GetAsync(path);
            Assert.Null(plain.Header("Content-Encoding"));
            using var response = await SendAsync(HttpMethod.Get, path, ("Accept-Encoding", accepted));
            Assert.Equal(isCompressed ? ["gzip"] : [], response.Content.Headers.ContentEncoding);
            Assert.Equal(isCompressed, response.Headers.Vary.Contains("Accept-Encoding"));
            await using var body = await response.Content.ReadAsStreamAsync(CancellationToken.None);
            using var reader = new StreamReader(isCompressed ? new GZipStream(body, CompressionMode.Decompress) : body);
            Assert.Equal(plain.Text, await reader.ReadToEndAsync(CancellationToken.None));
        }
    }

    [Theory]
    [InlineData("/api/v2/services", "[\"")]
    [InlineData("/api/services", "{\"data\"")]
    public async Task A_short_answer_is_sent_as_it_is(string path, string start)
    {
        using var response = await SendAsync(HttpMethod.Get, path, ("Accept-Encoding", "gzip"));
        Assert.Empty(response.Content.Headers.ContentEncoding);
        Assert.NotNull(response.Content.Headers.ContentLength);
        Assert.StartsWith(start, await response.Content.ReadAsStringAsync(CancellationToken.None), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_is_told_Zipkins_defaults()
    {
        var config = await _app.GetAsync("/zipkin/config.json");
        Assert.Equal(
            """{"environment":"","queryLimit":10,"defaultLookback":900000,"searchEnabled":true,"logsUrl":null,"supportUrl":null,"archivePostUrl":null,"archiveUrl":null,"dependency":{"enabled":true,"lowErrorRate":0.5,"highErrorRate":0.75}}""",
            config.Text);
        Assert.Equal(("application/json", "max-age=600"), (config.Header("Content-Type"), config.Header("Cache-Control")));
        using var again = await SendAsync(HttpMethod.Get, "/zipkin/config.json", ("If-None-Match", config.Header("ETag")!));
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [Fact]
    public async Task Without_a_built_page_it_is_said_how_to_have_it()
    {
        var answer = await _app.GetAsync("/zipkin/");
        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.StartsWith("Zipkin's page is not installed here. Build Zipkin Lens and set Tracing:ZipkinLensFolder", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_is_told_in_the_status_line_for_the_page_shows_nothing_else()
    {
        using var response = await SendAsync(HttpMethod.Get, "/zipkin/api/v2/traces?limit=0");
        Assert.Equal((HttpStatusCode.BadRequest, "limit <= 0"), (response.StatusCode, response.ReasonPhrase));
    }

    [Theory]
    [InlineData("[]", HttpStatusCode.BadRequest, "the trace is no list of spans with a traceId")]
    [InlineData("[{}]", HttpStatusCode.BadRequest, "the trace is no list of spans with a traceId")]
    [InlineData("""[{"traceId":"abc","id":"1"}]""", HttpStatusCode.NotFound, "0000000000000abc not found")]
    [InlineData($$"""[{"traceId":"{{StoredTraces.Shop}}","id":"1"}]""", HttpStatusCode.Accepted, "")]
    public async Task The_page_may_have_a_trace_kept(string trace, HttpStatusCode status, string text)
    {
        using var body = new StringContent(trace);
        using var response = await _app.Client.PostAsync("/zipkin/api/v2/archive", body, CancellationToken.None);
        Assert.Equal((status, text), (response.StatusCode, await response.Content.ReadAsStringAsync(CancellationToken.None)));
    }

    [Fact]
    public async Task Tools_learn_the_version_and_that_the_system_is_well()
    {
        Assert.NotEqual("", (await _app.GetAsync("/info")).Json.GetProperty("zipkin").GetProperty("version").GetString());
        Assert.Equal(HttpStatusCode.OK, (await _app.GetAsync("/health")).Status);
    }

    [Fact]
    public async Task A_trace_without_a_root_begins_with_one_for_Grafana_alone()
    {
        await using var app = await QueryApp.StartAsync();
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000 - 1_000_000;
        await app.StoreAsync(
            "/api/v2/spans",
            $$"""[{"traceId":"a1","id":"2","parentId":"1","timestamp":{{now}}},{"traceId":"a1","id":"3","parentId":"2","timestamp":{{now + 1}}}]""", "a1");
        var plain = await app.UntilAsync("/api/v2/traces", answer => answer.Text != "[]");
        Assert.Equal(2, plain.Text.Split("parentId").Length - 1);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v2/traces");
        request.Headers.Add("User-Agent", "Grafana/12.1.0");
        using var response = await app.Client.SendAsync(request, CancellationToken.None);
        var spans = System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync(CancellationToken.None)).RootElement[0];
        Assert.Equal(["0000000000000002"], spans.EnumerateArray().Where(span => !span.TryGetProperty("parentId", out _)).Select(span => span.GetProperty("id").GetString()!));
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        if (method == HttpMethod.Post)
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes("[]")) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return await _app.Client.SendAsync(request, CancellationToken.None);
    }
}
