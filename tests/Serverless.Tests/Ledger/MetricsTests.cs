using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions;
using Serverless.Functions.Accounting.Api;
using Serverless.Tests.Ingest;
using Serverless.Tests.Querying;

namespace Serverless.Tests.Ledger;

public sealed class MetricsTests(StartedApp started) : IClassFixture<StartedApp>
{
    private const string OpenMetrics = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1";

    /// <summary>What the alerts and dashboards of Jaeger's mixin read, of version 1 and 2, that has a value here.</summary>
    private static readonly string[] MixinNames =
    [
        "jaeger_tracer_reporter_spans_total", "jaeger_agent_reporter_batches_failures_total", "jaeger_agent_reporter_batches_submitted_total",
        "jaeger_collector_spans_dropped_total", "jaeger_collector_spans_received_total", "jaeger_collector_queue_length", "jaeger_collector_in_queue_latency",
        "jaeger_query_requests_total", "jaeger_query_latency", "jaeger_agent_http_server_errors_total", "jaeger_agent_http_server_total",
        "jaeger_collector_spans_rejected_total", "jaeger_collector_spans_saved_by_svc_total", "jaeger_agent_reporter_spans_failures_total",
        "otelcol_receiver_accepted_spans_total", "otelcol_receiver_refused_spans_total", "otelcol_receiver_accepted_spans", "otelcol_exporter_sent_spans_total",
        "otelcol_exporter_send_failed_spans_total", "otelcol_exporter_queue_size", "http_server_request_duration_seconds",
    ];

    private QueryApp App => started.App;

    [Fact]
    public async Task What_was_accepted_and_refused_is_in_valid_text_under_our_names_and_Jaegers()
    {
        await PostAsync("me\\\"t\\\\ri\\ncs");
        using var nonsense = new StringContent("nonsense", Encoding.UTF8, "application/json");
        using var refused = await App.Client.PostAsync("/api/v2/spans", nonsense, CancellationToken.None);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);

        const string stored = """serverless_spans_stored_total{protocol="otlp",service="me\"t\\ri\ncs"}""";
        var answer = await App.UntilAsync("/metrics", a => a.Status == HttpStatusCode.OK && a.Text.Contains(stored, StringComparison.Ordinal) && a.Text.Contains("serverless_requests_refused_total{", StringComparison.Ordinal));
        Assert.StartsWith("text/plain; version=0.0.4", answer.Header("Content-Type"), StringComparison.Ordinal);
        var parsed = PrometheusParser.Parse(answer.Text);
        var samples = parsed.Samples;
        Assert.Equal(2, samples[stored]);
        Assert.Equal(2, samples["""jaeger_collector_spans_received_total{svc="me\"t\\ri\ncs",transport="http",format="otlp",debug="false"}"""]);
        Assert.Equal(2, samples["""jaeger_collector_spans_saved_by_svc_total{debug="false",result="ok",svc="me\"t\\ri\ncs"}"""]);
        Assert.True(samples["""serverless_requests_refused_total{protocol="zipkin",reason="malformed"}"""] >= 1);
        Assert.True(samples["serverless_queue_latency_seconds_count"] >= 2);
        Assert.Equal(samples["serverless_queue_latency_seconds_count"], samples["""jaeger_collector_in_queue_latency_bucket{le="+Inf"}"""]);
        Assert.Equal(0, samples["serverless_conservation_remainder"]);
        Assert.Equal(0, samples["serverless_conservation_not_finalized"]);
        Assert.True(samples["""jaeger_agent_reporter_batches_failures_total{format="any"}"""] >= 1);
        Assert.True(samples["""otelcol_receiver_accepted_spans_total{receiver="otlp",transport="http"}"""] >= 2);
        Assert.All(MixinNames, name => Assert.Contains(name, parsed.Types));
    }

    [Fact]
    public async Task Work_that_is_written_is_told_and_queries_under_Jaegers_names()
    {
        await PostAsync("work");
        await App.GetAsync("/api/services");
        await App.GetAsync("/api/traces/xyz");
        var answer = await App.UntilAsync("/metrics", a => a.Text.Contains("""jaeger_query_requests_total{operation="get_services",result="ok"}""", StringComparison.Ordinal)
            && a.Text.Contains("""serverless_batches_total{stage="assemble"}""", StringComparison.Ordinal));
        var samples = PrometheusParser.Parse(answer.Text).Samples;
        Assert.True(samples["""jaeger_query_latency_count{operation="get_services",result="ok"}"""] >= 1);
        Assert.True(samples["""serverless_table_transactions_total{operation="write"}"""] >= 1);
        Assert.True(samples["""serverless_stored_bytes{table="spans"}"""] >= 1);
        Assert.True(samples["""serverless_executions_total{function="otlp-traces"}"""] >= 1);
        Assert.True(samples["""serverless_execution_seconds_total{group="http"}"""] >= 1);
        Assert.True(samples["""serverless_hub_units_total{hub="spans"}"""] >= 1);
        Assert.True(samples["""serverless_cost_total{item="table_write",currency="USD"}"""] > 0);
    }

    [Fact]
    public async Task Who_would_rather_have_OpenMetrics_gets_it()
    {
        await PostAsync("open");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation("Accept", OpenMetrics);
        using var response = await App.Client.SendAsync(request, CancellationToken.None);
        Assert.Equal("application/openmetrics-text; version=1.0.0; charset=utf-8", response.Content.Headers.NonValidated["Content-Type"].ToString());
        var parsed = PrometheusParser.Parse(await response.Content.ReadAsStringAsync(CancellationToken.None), isOpenMetrics: true);
        Assert.Equal("counter", parsed.Types["serverless_spans_accepted"]);
        Assert.Contains("serverless_requests_total", parsed.Samples);

        request.Headers.Clear();
        var text = await App.GetAsync("/metrics");
        Assert.StartsWith("text/plain", text.Header("Content-Type"), StringComparison.Ordinal);
    }

    /// <summary>Another instance, which never saw a span, on the same storage: as after a restart, or beside the first.</summary>
    [Fact]
    public async Task Every_instance_tells_the_same_counts_whatever_it_did_itself()
    {
        await PostAsync("instances");
        await App.UntilAsync("/metrics", a => a.Text.Contains("""serverless_spans_stored_total{protocol="otlp",service="instances"}""", StringComparison.Ordinal));
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            [new("SpansHub", App.ConnectionString), new("TablesConnection", App.ConnectionString)]).Build();
        await using var other = new ServiceCollection().AddLogging().AddTracing(configuration).AddSingleton<MetricsFunction>().BuildServiceProvider();
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (true)
        {
            // What is written between two questions counts in the later: so the one in the middle has to lie between.
            var before = PrometheusParser.Parse((await App.GetAsync("/metrics")).Text).Counters;
            var middle = PrometheusParser.Parse(await AskAsync(other)).Counters;
            var after = PrometheusParser.Parse((await App.GetAsync("/metrics")).Text).Counters;
            Assert.All(before, sample => Assert.True(middle.TryGetValue(sample.Key, out var value) && value >= sample.Value, $"{sample.Key}: {sample.Value}, then {middle.GetValueOrDefault(sample.Key)}"));
            Assert.All(middle, sample => Assert.True(after.TryGetValue(sample.Key, out var value) && value >= sample.Value, $"{sample.Key}: {sample.Value}, then {after.GetValueOrDefault(sample.Key)}"));
            if (before.Count == after.Count && before.All(sample => after[sample.Key] == sample.Value))
                return;
            Assert.True(DateTime.UtcNow < deadline, "the app never was quiet");
        }
    }

    private static async Task<string> AskAsync(ServiceProvider services)
    {
        var http = new DefaultHttpContext { RequestServices = services };
        using var body = new MemoryStream();
        http.Response.Body = body;
        await (await services.GetRequiredService<MetricsFunction>().GetAsync(http.Request, CancellationToken.None)).ExecuteAsync(http);
        Assert.Equal(StatusCodes.Status200OK, http.Response.StatusCode);
        return Encoding.UTF8.GetString(body.ToArray());
    }

    private async Task PostAsync(string service)
    {
        using var body = new StringContent(
            $$$"""
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"{{{service}}}"}}]},
            "scopeSpans":[{"spans":[{"traceId":"{{{Guid.NewGuid():N}}}","spanId":"0000000000000001","name":"a"},
            {"traceId":"{{{Guid.NewGuid():N}}}","spanId":"0000000000000002","name":"b"}]}]}]}
            """, Encoding.UTF8, "application/json");
        using var posted = await App.Client.PostAsync("/v1/traces", body, CancellationToken.None);
        Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
    }
}
