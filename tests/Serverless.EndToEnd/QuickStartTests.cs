using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Serverless.EndToEnd.Harness;

namespace Serverless.EndToEnd;

/// <summary>What a new user tries in the first minutes, with the clients he has.</summary>
public sealed class QuickStartTests(QuickStartTests.Fixture system) : IClassFixture<QuickStartTests.Fixture>
{
    private const int MaxBodyBytes = 4 << 20;
    private const int MaxDecodedBytes = 32 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_posted_zipkin_trace_is_read_back_from_both_apis()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000;
        var body = $$"""
            [{"traceId":"5af7183fb1d4cf5f5af7183fb1d4cf5f","id":"352bff9a74ca9ad2","kind":"CLIENT","name":"GET /Stock","timestamp":{{now}},
              "duration":207000,"localEndpoint":{"serviceName":"QuickShop","ipv4":"192.168.99.1"},
              "remoteEndpoint":{"serviceName":"stock","port":8080},"tags":{"http.path":"/stock"},
              "annotations":[{"timestamp":{{now + 10}},"value":"cache miss"}]}]
            """;
        var start = Stopwatch.GetTimestamp();
        using var answer = await PostAsync("api/v2/spans", Encoding.UTF8.GetBytes(body), "application/json");
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var accepted = Stopwatch.GetElapsedTime(start);

        using var queries = new QueryClient(system.Address);
        using var zipkin = await Eventually.GetAsync(() => queries.GetAsync("api/v2/trace/5af7183fb1d4cf5f5af7183fb1d4cf5f"), "the trace by its id");
        var visible = Stopwatch.GetElapsedTime(start);
        var expected = $$$"""
            [{"traceId":"5af7183fb1d4cf5f5af7183fb1d4cf5f","id":"352bff9a74ca9ad2","kind":"CLIENT","name":"get /stock","timestamp":{{{now}}},"duration":207000,"localEndpoint":{"serviceName":"quickshop","ipv4":"192.168.99.1"},"remoteEndpoint":{"serviceName":"stock","port":8080},"annotations":[{"timestamp":{{{now + 10}}},"value":"cache miss"}],"tags":{"http.path":"/stock"}}]
            """;
        Assert.Equal(expected, zipkin.RootElement.GetRawText());

        using var jaeger = await queries.GetAsync("api/traces/5af7183fb1d4cf5f5af7183fb1d4cf5f");
        var span = jaeger!.RootElement.GetProperty("data")[0].GetProperty("spans")[0];
        Assert.Equal("get /stock", span.GetProperty("operationName").GetString());
        Assert.Equal(now, span.GetProperty("startTime").GetInt64());
        Assert.Equal(207_000, span.GetProperty("duration").GetInt64());

        using var search = await Eventually.GetAsync(() => NotEmptyAsync(queries, "api/v2/traces?serviceName=quickshop"), "the trace by search");
        Assert.Equal(expected, search.RootElement[0].GetRawText());
        using var services = await Eventually.GetAsync(() => NotEmptyAsync(queries, "api/v2/spans?serviceName=quickshop"), "the name of the span");
        Assert.Equal("""["get /stock"]""", services.RootElement.GetRawText());
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"accepted after {accepted.TotalMilliseconds:0} ms, visible after {visible.TotalMilliseconds:0} ms, searchable after at most {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms");
    }

    [Fact]
    public async Task The_opentelemetry_sdk_needs_only_the_endpoint()
    {
        // As a user would set it; no other test reads this variable.
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT", system.Address.GetLeftPart(UriPartial.Authority));
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        using var source = new ActivitySource("QuickStart", "1.2.3");
        string traceId;
        using (var provider = Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(resource => resource.AddService("sdk-shop", serviceVersion: "7"))
            .AddSource(source.Name).AddOtlpExporter().Build())
        {
            using (var order = source.StartActivity("Order", ActivityKind.Server))
            {
                Assert.NotNull(order);
                traceId = order.TraceId.ToHexString();
                order.SetTag("items", 3L).SetTag("gift", true).SetTag("total", 12.5);
                using var pay = source.StartActivity("Pay", ActivityKind.Client);
                pay!.AddEvent(new ActivityEvent("retry"));
                pay.SetStatus(ActivityStatusCode.Error, "card declined");
            }

            Assert.True(provider.ForceFlush());
        }

        using var queries = new QueryClient(system.Address);
        using var jaeger = await Eventually.GetAsync(() => queries.GetAsync("api/traces/" + traceId), "the trace of the SDK");
        var trace = jaeger.RootElement.GetProperty("data")[0];
        var spans = trace.GetProperty("spans").EnumerateArray().ToDictionary(span => span.GetProperty("operationName").GetString()!);
        Assert.Equal(["Order", "Pay"], spans.Keys.Order());
        Assert.Equal("sdk-shop", trace.GetProperty("processes").EnumerateObject().Single().Value.GetProperty("serviceName").GetString());
        var tags = spans["Order"].GetProperty("tags").EnumerateArray().ToDictionary(tag => tag.GetProperty("key").GetString()!, tag => tag.GetProperty("value").GetRawText());
        Assert.Equal(("3", "true", "12.5", "\"server\""), (tags["items"], tags["gift"], tags["total"], tags["span.kind"]));
        Assert.Equal(
            spans["Order"].GetProperty("spanID").GetString(), spans["Pay"].GetProperty("references")[0].GetProperty("spanID").GetString());
        Assert.Contains("card declined", spans["Pay"].GetRawText());
        Assert.Contains("retry", spans["Pay"].GetProperty("logs").GetRawText());
    }

    [Theory]
    [InlineData(false, "api/v2/spans", "application/json")]
    [InlineData(true, "v1/traces", "application/x-protobuf")]
    public async Task Bodies_may_be_compressed_with_gzip(bool isOtlp, string path, string type)
    {
        var made = new SpanSource(isOtlp ? 71UL : 72UL, DateTimeOffset.UtcNow).Span(1, 0);
        var body = SpanRequests.Gzip(isOtlp ? SpanRequests.Otlp([made]) : SpanRequests.Zipkin([made]));
        using var answer = await PostAsync(path, body, type, "gzip");
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
        using var queries = new QueryClient(system.Address);
        using var trace = await Eventually.GetAsync(() => queries.GetAsync("api/v2/trace/" + made.TraceId), "the trace");
        Assert.Equal(made.Check, trace.RootElement[0].GetProperty("tags").GetProperty("check").GetString());
    }

    [Theory]
    [InlineData("v1/traces", "text/plain", "", HttpStatusCode.UnsupportedMediaType, "Content-Type 'text/plain' is not supported; use application/x-protobuf or application/json.")]
    [InlineData("v1/traces", "application/json", "zstd", HttpStatusCode.UnsupportedMediaType, "Content-Encoding 'zstd' is not supported; use one of gzip, deflate, br, identity.")]
    [InlineData("api/v2/spans", "application/json", "gzip", HttpStatusCode.BadRequest, "The body is not valid gzip")]
    [InlineData("api/v2/spans", "application/json", "", HttpStatusCode.BadRequest, "Malformed reading List<Span> from json")]
    [InlineData("v1/traces", "application/json", "", HttpStatusCode.BadRequest, "\"code\":3")]
    [InlineData("v1/traces", "application/x-protobuf", "", HttpStatusCode.BadRequest, "")]
    public async Task What_cannot_be_read_is_refused_with_a_text(string path, string type, string encoding, HttpStatusCode status, string text)
    {
        using var answer = await PostAsync(path, "[{\"traceId\":\"xyz\"}]"u8.ToArray(), type, encoding);
        var body = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.StatusCode == status, $"{answer.StatusCode}: {body}");
        Assert.Contains(text, body);
        Assert.NotEqual("", body);
        Assert.Null(answer.Headers.RetryAfter);
    }

    [Theory]
    [InlineData("api/v2/spans")]
    [InlineData("v1/traces")]
    public async Task Bodies_that_are_too_large_are_refused_with_413(string path)
    {
        using var large = await PostAsync(path, new byte[MaxBodyBytes + 1], "application/json", expectContinue: true);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        Assert.Contains($"The body has more than {MaxBodyBytes} bytes; send fewer spans in a request.", await large.Content.ReadAsStringAsync(Token));

        using var inflated = await PostAsync(path, SpanRequests.Gzip(new byte[MaxDecodedBytes + 1]), "application/json", "gzip");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, inflated.StatusCode);
        Assert.Contains(
            $"The body has more than {MaxDecodedBytes} bytes after decompression; send fewer spans in a request.",
            await inflated.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task A_body_that_never_ends_is_refused_with_408()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(system.Address.Host, system.Address.Port, Token);
        var stream = client.GetStream();
        await stream.WriteAsync(
            "POST /api/v2/spans HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n[{"u8.ToArray(), Token);
        using var reader = new StreamReader(stream);
        Assert.Equal("HTTP/1.1 408 Request Timeout", await reader.ReadLineAsync(Token));
        var head = await ReadHeadAsync(reader);
        var body = new char[int.Parse(head["Content-Length"])];
        await reader.ReadBlockAsync(body, Token);
        Assert.Equal("The body did not arrive within 2 s; send smaller requests, or look at the connection.", new string(body));
    }

    private static async Task<Dictionary<string, string>> ReadHeadAsync(StreamReader reader)
    {
        var head = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync(Token) is { Length: > 0 } line)
            head[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
        return head;
    }

    private static async Task<JsonDocument?> NotEmptyAsync(QueryClient queries, string pathAndQuery)
    {
        var answer = await queries.GetAsync(pathAndQuery);
        if (answer?.RootElement.GetArrayLength() > 0)
            return answer;
        answer?.Dispose();
        return null;
    }

    private async Task<HttpResponseMessage> PostAsync(string path, byte[] body, string type, string encoding = "", bool expectContinue = false)
    {
        using var http = new HttpClient { BaseAddress = system.Address };
        using var post = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        post.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (encoding.Length > 0)
            post.Content.Headers.ContentEncoding.Add(encoding);
        post.Headers.ExpectContinue = expectContinue;
        return await http.SendAsync(post, Token);
    }

    public sealed class Fixture : SystemFixture
    {
        protected override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["Tracing__MaxBodySeconds"] = "2" };
    }
}
