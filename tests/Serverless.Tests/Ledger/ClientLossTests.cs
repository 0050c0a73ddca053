using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Serverless.Functions.Alerting;
using Serverless.Functions.Alerting.Measures;
using Serverless.Functions.Alerting.Rules;
using Serverless.Tests.Alerting;
using Serverless.Tests.Ingest;
using Serverless.Tests.Protocols.Otlp;
using Serverless.Tests.Protocols.Zipkin;
using Serverless.Tests.Querying;

namespace Serverless.Tests.Ledger;

/// <summary>Senders that lose spans, over HTTP: what they say of it reaches the ledger, the metrics, and those who are alerted.</summary>
public sealed class ClientLossTests
{
    private const string Protobuf = "application/x-protobuf";

    [Theory]
    [InlineData(OtlpExportProtocol.HttpProtobuf, MetricReaderTemporalityPreference.Cumulative)]
    [InlineData(OtlpExportProtocol.Grpc, MetricReaderTemporalityPreference.Cumulative)]
    [InlineData(OtlpExportProtocol.HttpProtobuf, MetricReaderTemporalityPreference.Delta)]
    public async Task The_metrics_of_an_OpenTelemetry_SDK_say_what_it_lost(OtlpExportProtocol protocol, MetricReaderTemporalityPreference temporality)
    {
        await using var app = await QueryApp.StartAsync("--grpc-port", "0");
        var name = $"test.losses.{protocol}.{temporality}";
        using var meter = new Meter(name);
        var failed = meter.CreateCounter<long>("otelcol_exporter_send_failed_spans");
        var processed = meter.CreateCounter<double>("otel.sdk.processor.span.processed");
        var other = meter.CreateHistogram<double>("http.server.request.duration");
        using (var provider = Sdk.CreateMeterProviderBuilder().AddMeter(name)
            .ConfigureResource(resource => resource.AddService("net-collector", serviceInstanceId: "i-1"))
            .AddOtlpExporter((options, reader) =>
            {
                options.Protocol = protocol;
                options.Endpoint = protocol == OtlpExportProtocol.Grpc ? app.GrpcAddress! : new Uri(app.Client.BaseAddress!, "/v1/metrics");
                reader.TemporalityPreference = temporality;
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = int.MaxValue;
            })
            .Build())
        {
            for (var round = 0; round < 3; round++)
            {
                failed.Add(5, new KeyValuePair<string, object?>("exporter", "otlp"));
                failed.Add(1, new KeyValuePair<string, object?>("exporter", "other"));
                processed.Add(100);
                processed.Add(2, new KeyValuePair<string, object?>("error.type", "queue_full"));
                other.Record(0.1);
                Assert.True(provider.ForceFlush());
            }
        }

        var rows = await app.UntilAsync(
            "/api/ledger?groupBy=service,sender,instance,reason&stage=client_dropped", a => a.Status == HttpStatusCode.OK && Sum(a) >= 24);
        Assert.Equal(
            [("queue_full", 6L), ("send_failed", 18L)],
            rows.Json.GetProperty("rows").EnumerateArray().Select(r => (r.GetProperty("reason").GetString()!, r.GetProperty("count").GetInt64())).Order());
        var row = rows.Json.GetProperty("rows")[0];
        Assert.Equal(("net-collector", "i-1"), (row.GetProperty("service").GetString(), row.GetProperty("instance").GetString()));
        Assert.StartsWith("opentelemetry/dotnet/", row.GetProperty("sender").GetString(), StringComparison.Ordinal);
        var text = (await app.GetAsync("/metrics")).Text;
        Assert.Contains($$"""serverless_client_spans_dropped_total{service="net-collector",sender="{{row.GetProperty("sender").GetString()}}",cause="send_failed"} 18""", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Protobuf, "", "")]
    [InlineData("application/json", "{}", "{}")]
    public async Task Metrics_are_answered_as_OTLP_says(string type, string answer, string body)
    {
        await using var app = await QueryApp.StartAsync();
        Assert.Equal((HttpStatusCode.OK, answer), await app.PostAsync("/v1/metrics", type, System.Text.Encoding.UTF8.GetBytes(body)));
        var full = type == Protobuf ? OtlpMetricMessages.Full() : OtlpMetricMessages.FullJson();
        Assert.Equal((HttpStatusCode.OK, answer), await app.PostAsync("/v1/metrics", type, IngestClient.Compress(full, "gzip"), "gzip"));
        var (status, text) = await app.PostAsync("/v1/metrics", type, full[..^3]);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("at byte ", text, StringComparison.Ordinal);
        var (unsupported, why) = await app.PostAsync("/v1/metrics", "text/plain", full);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, unsupported);
        Assert.Contains("Content-Type 'text/plain' is not supported; use application/x-protobuf or application/json.", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sender_that_drops_is_told_of_once_and_once_when_it_is_over()
    {
        await using var app = await QueryApp.StartAsync();
        await using var hook = await HookReceiver.StartAsync();
        for (var total = 1; total <= 4; total++)
        {
            var body = OtlpMetricMessages.Request("collector", OtlpMetricMessages.Sum(
                "otelcol_exporter_enqueue_failed_spans", OtlpMetricMessages.Cumulative, true, OtlpMetricMessages.Point(total * 10, time: (ulong)total))).ToArray();
            Assert.Equal(HttpStatusCode.OK, (await app.PostAsync("/v1/metrics", Protobuf, body)).Status);
        }

        await app.UntilAsync("/api/ledger?stage=client_dropped", a => a.Status == HttpStatusCode.OK && Sum(a) == 40);
        await AssertToldOnceAsync(app, hook, "ClientSpansDropped", "of collector lost 40 spans in 5m: enqueue_failed");
    }

    [Fact]
    public async Task A_Jaeger_client_whose_batches_do_not_arrive_is_told_of_once_and_once_when_it_is_over()
    {
        await using var app = await QueryApp.StartAsync();
        await using var hook = await HookReceiver.StartAsync();
        foreach (var (number, dropped) in ((long, long)[])[(1, 2), (2, 2), (5, 9), (4, 9)])
            Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync("/api/traces", "application/x-thrift", Batch(number, dropped))).Status);

        // 3 never came, 4 came late.
        await app.UntilAsync("/api/ledger?stage=client_batches", a => a.Status == HttpStatusCode.OK && Sum(a) == 4);
        await app.UntilAsync("/api/ledger?stage=client_batches_lost", a => a.Status == HttpStatusCode.OK && Sum(a) == 1);
        await app.UntilAsync("/api/ledger?stage=client_dropped&reason=queue_full", a => a.Status == HttpStatusCode.OK && Sum(a) == 9);
        var metrics = (await app.GetAsync("/metrics")).Text;
        Assert.Contains("""serverless_client_batches_lost{service="shop",sender="jaeger/Go-2.30.0"} 1""", metrics, StringComparison.Ordinal);
        Assert.Contains("jaeger_agent_client_stats_batches_received_total 4", metrics, StringComparison.Ordinal);
        Assert.Contains("jaeger_agent_client_stats_batches_sent_total 5", metrics, StringComparison.Ordinal);
        Assert.Contains("""jaeger_agent_client_stats_spans_dropped_total{cause="full-queue"} 9""", metrics, StringComparison.Ordinal);
        await AssertToldOnceAsync(app, hook, "BatchesLost", "1 batches of shop (jaeger/Go-2.30.0) never arrived");
        await AssertToldOnceAsync(app, hook, "ClientSpansDropped", "jaeger/Go-2.30.0 of shop lost 9 spans in 5m: queue_full");
    }

    [Fact]
    public async Task What_was_cut_is_told_by_what_it_was_and_what_senders_cut_apart_from_it()
    {
        await using var app = await QueryApp.StartAsync();
        var name = new string('n', 5_000);
        var links = string.Join(',', Enumerable.Repeat("{}", 1_100));
        var json = $$$"""
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"cutter"}}]},"scopeSpans":[{"spans":[
            {"traceId":"000000000000000000000000000000c1","spanId":"0000000000000001","name":"{{{name}}}","droppedAttributesCount":4,"droppedEventsCount":2},
            {"traceId":"000000000000000000000000000000c1","spanId":"0000000000000002","name":"{{{name}}}","links":[{{{links}}}],"droppedLinksCount":1},
            {"traceId":"000000000000000000000000000000c2","spanId":"0000000000000003","name":"a","droppedAttributesCount":3}]}]}]}
            """;
        Assert.Equal(HttpStatusCode.OK, (await app.PostAsync("/v1/traces", "application/json", System.Text.Encoding.UTF8.GetBytes(json))).Status);
        await app.UntilAsync("/api/ledger?stage=stored&service=cutter", a => a.Status == HttpStatusCode.OK && Sum(a) == 3);
        foreach (var (stage, reason, expected) in ((string, string, long)[])
            [("truncated", "name", 1), ("truncated", "several", 1), ("client_truncated", "attributes", 7), ("client_truncated", "events", 2)])
            Assert.Equal(expected, Sum(await app.GetAsync($"/api/ledger?stage={stage}&reason={reason}")));
        Assert.Equal(2, Sum(await app.GetAsync("/api/ledger?stage=truncated")));
        Assert.Contains("""serverless_spans_truncated_total{protocol="otlp",service="cutter",what="several"} 1""", (await app.GetAsync("/metrics")).Text, StringComparison.Ordinal);
    }

    /// <summary>Lets a shipped rule look at the app's ledger, every 15 seconds of a clock that is ahead, for half an hour.</summary>
    private static async Task AssertToldOnceAsync(QueryApp app, HookReceiver hook, string rule, string summary)
    {
        hook.Calls.Clear();
        var rules = AlertRules.Load(Path.Combine(AppContext.BaseDirectory, "alerts"));
        using var bench = new AlertBench(
            new AlertSettings
            {
                AllowedHosts = [$"http://{hook.Host}"], Receivers = [new ReceiverSettings { Name = "hook", Type = "webhook", Url = hook.Url, GroupWaitSeconds = 0 }],
            },
            app.Services.GetServices<IMeasureSource>().OfType<LedgerMeasures>().Single(),
            rules.Rules.Single(shipped => shipped.Name == rule));
        bench.Clock.Advance(DateTimeOffset.UtcNow - bench.Clock.GetUtcNow());
        await bench.RunForAsync(TimeSpan.FromMinutes(35));
        var alerts = hook.Calls.SelectMany(call => call.Json.GetProperty("alerts").EnumerateArray()).ToArray();
        Assert.Equal(["firing", "resolved"], alerts.Select(alert => alert.GetProperty("status").GetString()));
        Assert.Contains(summary, alerts[0].GetProperty("annotations").GetProperty("summary").GetString(), StringComparison.Ordinal);
    }

    private static byte[] Batch(long number, long dropped)
    {
        var process = new ThriftBytes().Text(1, "shop").Field(ThriftBytes.ListType, 2)
            .List(ThriftBytes.Struct, Tag("client-uuid", "7a1"), Tag("jaeger.version", "Go-2.30.0")).Stop();
        var span = new ThriftBytes().I64(1, number).I64(2, 0).I64(3, number).I64(4, 0).Text(5, "op").I32(7, 1).I64(8, Now()).I64(9, 5).Stop();
        return new ThriftBytes().Field(ThriftBytes.Struct, 1).Raw(process.ToArray())
            .Field(ThriftBytes.ListType, 2).List(ThriftBytes.Struct, span).I64(3, number)
            .Field(ThriftBytes.Struct, 4).Raw(new ThriftBytes().I64(1, dropped).I64(2, 0).I64(3, 0).Stop().ToArray()).Stop().ToArray();
    }

    private static ThriftBytes Tag(string key, string value) => new ThriftBytes().Text(1, key).I32(2, 0).Text(3, value).Stop();

    private static long Now() => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks / 10;

    private static long Sum(QueryAnswer answer) => answer.Json.GetProperty("rows").EnumerateArray().Sum(row => row.GetProperty("count").GetInt64());
}
