using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.AspNetCore.Http;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Serverless.Functions.Telemetry;
using Serverless.Tests.Alerting;
using Serverless.Tests.Querying;

namespace Serverless.Tests.Telemetry;

public sealed class OwnTelemetryTests
{
    private const string TraceId = "463ac35c9f6413ad48485a3953bb6124";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_app_sends_its_spans_and_metrics_in_the_Breeze_format()
    {
        await using var receiver = await TrackReceiver.StartAsync();
        await using (var app = await QueryApp.StartAsync($"--APPLICATIONINSIGHTS_CONNECTION_STRING={receiver.ConnectionString}"))
        {
            await app.StoreAsync("/api/v2/spans", $$$"""[{"traceId":"{{{TraceId}}}","id":"1","name":"get","timestamp":{{{Now()}}},"duration":5,"localEndpoint":{"serviceName":"shop"}}]""", TraceId);
        }

        // What is left is sent when the app stops.
        var spans = receiver.Envelopes.Where(e => e.GetProperty("name").GetString() == "RemoteDependency").ToArray();
        var names = spans.Select(e => Data(e).GetProperty("name").GetString()).ToHashSet();
        Assert.Superset(new HashSet<string?> { "function zipkin-v2-spans", "publish", "assemble" }, names);
        var publish = spans.First(e => Data(e).GetProperty("name").GetString() == "publish");
        Assert.Equal("00000000-0000-0000-0000-000000000001", publish.GetProperty("iKey").GetString());
        Assert.Equal("RemoteDependencyData", publish.GetProperty("data").GetProperty("baseType").GetString());
        Assert.Equal(32, publish.GetProperty("tags").GetProperty("ai.operation.id").GetString()!.Length);
        Assert.NotEqual("", publish.GetProperty("tags").GetProperty("ai.cloud.role").GetString());
        var accepted = receiver.Envelopes.Where(e => e.GetProperty("name").GetString() == "Metric").Select(e => Data(e))
            .Single(d => d.GetProperty("metrics")[0].GetProperty("name").GetString() == "serverless.spans.accepted" && d.GetProperty("properties").GetProperty("protocol").GetString() == "zipkin");
        // Other apps of this process have a meter of the same name.
        Assert.InRange(accepted.GetProperty("metrics")[0].GetProperty("value").GetDouble(), 1, double.MaxValue);
    }

    [Fact]
    public async Task Spans_become_what_Application_Insights_calls_them()
    {
        await using var receiver = await TrackReceiver.StartAsync();
        using var source = new ActivitySource("test.monitor");
        using (Provider(receiver))
        {
            using (var server = source.StartActivity("GET /", ActivityKind.Server))
            {
                server!.SetTag("http.response.status_code", 503).SetTag("shop", "north").SetTag("long", new string('x', 10_000));
                server.SetStatus(ActivityStatusCode.Error);
                server.AddEvent(new ActivityEvent("retrying"));
                server.AddException(new InvalidOperationException("no"));
                using var client = source.StartActivity("call", ActivityKind.Client);
            }
        }

        var byName = receiver.Envelopes.ToLookup(e => e.GetProperty("name").GetString());
        var request = Assert.Single(byName["Request"]);
        Assert.Equal(("GET /", "503", false), (Data(request).GetProperty("name").GetString(), Data(request).GetProperty("responseCode").GetString(), Data(request).GetProperty("success").GetBoolean()));
        Assert.Equal(("north", 8_192), (Data(request).GetProperty("properties").GetProperty("shop").GetString(), Data(request).GetProperty("properties").GetProperty("long").GetString()!.Length));
        Assert.True(TimeSpan.TryParse(Data(request).GetProperty("duration").GetString(), out _));
        var dependency = Assert.Single(byName["RemoteDependency"]);
        Assert.Equal(Data(request).GetProperty("id").GetString(), dependency.GetProperty("tags").GetProperty("ai.operation.parentId").GetString());
        Assert.Equal("retrying", Data(Assert.Single(byName["Message"])).GetProperty("message").GetString());
        var exception = Data(Assert.Single(byName["Exception"])).GetProperty("exceptions")[0];
        Assert.Equal(("System.InvalidOperationException", "no"), (exception.GetProperty("typeName").GetString(), exception.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task What_is_put_off_is_sent_again_and_what_is_refused_is_not()
    {
        await using var receiver = await TrackReceiver.StartAsync();
        var tries = new List<int>();
        receiver.Answer = async (context, count) =>
        {
            tries.Add(count);
            if (tries.Count == 1)
            {
                context.Response.StatusCode = StatusCodes.Status206PartialContent;
                context.Response.Headers.RetryAfter = "0";
                await context.Response.WriteAsync(
                    """{"itemsReceived":3,"itemsAccepted":1,"errors":[{"index":0,"statusCode":429,"message":"later"},{"index":2,"statusCode":400,"message":"no"}]}""", CancellationToken.None);
            }
        };
        using var source = new ActivitySource("test.monitor");
        using (var provider = Provider(receiver))
        {
            for (var i = 0; i < 3; i++)
                source.StartActivity($"span{i}")!.Dispose();
            provider.ForceFlush();
            source.StartActivity("later")!.Dispose();
        }

        Assert.Equal([3, 2], tries);
        Assert.Equal(["span0", "later"], receiver.Envelopes.Select(e => Data(e).GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData("IngestionEndpoint=https://a.example.com", "The connection string has no InstrumentationKey.")]
    [InlineData("InstrumentationKey=1;IngestionEndpoint=::", "The connection string's endpoint is no address: '::'.")]
    public void A_connection_string_that_cannot_be_used_is_told(string text, string expected) => Assert.Equal(
        expected,
        Assert.Throws<InvalidOperationException>(() => Sdk.CreateTracerProviderBuilder().AddAzureMonitorTraceExporter(o => o.ConnectionString = text).Build()).Message);

    [Fact]
    public async Task Own_telemetry_goes_to_another_system_by_OTLP()
    {
        await using var other = await HookReceiver.StartAsync();
        await using (var app = await QueryApp.StartAsync($"--OTEL_EXPORTER_OTLP_ENDPOINT={other.Url}"))
            Assert.Equal(HttpStatusCode.OK, (await app.GetAsync("/health")).Status);
        Assert.Contains(other.Calls, call => call.Path == "/v1/traces" && call.Text.Contains("function health", StringComparison.Ordinal));
        Assert.Contains(other.Calls, call => call.Path == "/v1/metrics");
        Assert.All(other.Calls, call => Assert.Equal(24, call.Headers[SystemIdentity.Header].Length));
    }

    [Fact]
    public async Task Own_telemetry_is_not_taken_by_the_systems_own_ingest()
    {
        await using var other = await HookReceiver.StartAsync();
        await using var app = await QueryApp.StartAsync($"--OTEL_EXPORTER_OTLP_ENDPOINT={other.Url}");
        var start = Stopwatch.GetTimestamp();
        // The header as this app's exporter sends it; only the system itself knows what it says.
        await app.GetAsync("/health");
        while (other.Calls.IsEmpty && Stopwatch.GetElapsedTime(start) < Deadline)
            await Task.Delay(50, CancellationToken.None);
        var identity = other.Calls.First().Headers[SystemIdentity.Header];
        using var own = Request(identity);
        using var refused = await app.Client.SendAsync(own, CancellationToken.None);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains(SystemIdentity.Refusal, await refused.Content.ReadAsStringAsync(CancellationToken.None), StringComparison.Ordinal);
        using var metrics = Request(identity, "/v1/metrics");
        using var refusedToo = await app.Client.SendAsync(metrics, CancellationToken.None);
        Assert.Equal(HttpStatusCode.BadRequest, refusedToo.StatusCode);
        using var foreign = Request("another");
        using var taken = await app.Client.SendAsync(foreign, CancellationToken.None);
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
    }

    private static HttpRequestMessage Request(string identity, string path = "/v1/traces") => new(HttpMethod.Post, path)
    {
        Content = new StringContent("""{"resourceSpans":[]}""", Encoding.UTF8, "application/json"), Headers = { { SystemIdentity.Header, identity } },
    };

    private static TracerProvider Provider(TrackReceiver receiver) => Sdk.CreateTracerProviderBuilder()
        .ConfigureResource(resource => resource.AddService("test"))
        .AddSource("test.monitor")
        .AddAzureMonitorTraceExporter(options =>
        {
            options.ConnectionString = receiver.ConnectionString;
            options.TracesPerSecond = null;
        })
        .Build();

    private static JsonElement Data(JsonElement envelope) => envelope.GetProperty("data").GetProperty("baseData");

    private static long Now() => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks / 10;
}
