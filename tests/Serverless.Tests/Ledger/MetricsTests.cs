using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Serverless.Tests.Ingest;
using Serverless.Tests.Querying;

namespace Serverless.Tests.Ledger;

public sealed partial class MetricsTests(StartedApp started) : IClassFixture<StartedApp>
{
    private QueryApp App => started.App;

    [Fact]
    public async Task What_was_accepted_and_refused_is_in_valid_text_under_our_names_and_Jaegers()
    {
        using var body = new StringContent(
            """
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"me\"t\\ri\ncs"}}]},
            "scopeSpans":[{"spans":[{"traceId":"000000000000000000000000000000f1","spanId":"0000000000000001","name":"a"},
            {"traceId":"000000000000000000000000000000f2","spanId":"0000000000000002","name":"b"}]}]}]}
            """, System.Text.Encoding.UTF8, "application/json");
        using var posted = await App.Client.PostAsync("/v1/traces", body, CancellationToken.None);
        Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
        using var nonsense = new StringContent("nonsense", System.Text.Encoding.UTF8, "application/json");
        using var refused = await App.Client.PostAsync("/api/v2/spans", nonsense, CancellationToken.None);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);

        const string stored = """serverless_spans_stored_total{protocol="otlp",service="me\"t\\ri\ncs"}""";
        var answer = await App.UntilAsync("/metrics", a => a.Status == HttpStatusCode.OK && a.Text.Contains(stored, StringComparison.Ordinal) && a.Text.Contains("serverless_requests_refused_total{", StringComparison.Ordinal));
        Assert.StartsWith("text/plain; version=0.0.4", answer.Header("Content-Type"), StringComparison.Ordinal);
        var samples = Parse(answer.Text);
        Assert.Equal(2, samples[stored]);
        Assert.Equal(2, samples["""jaeger_collector_spans_received_total{svc="me\"t\\ri\ncs",transport="http",format="otlp",debug="false"}"""]);
        Assert.Equal(1, samples["""serverless_requests_refused_total{protocol="zipkin",reason="malformed"}"""]);
        Assert.Equal(2, samples["serverless_queue_latency_seconds_count"]);
        Assert.Equal(2, samples["""jaeger_collector_in_queue_latency_bucket{le="+Inf"}"""]);
        Assert.Equal(0, samples["serverless_conservation_remainder"]);
        Assert.Equal(1, samples["""jaeger_agent_reporter_batches_failures_total{format="any"}"""]);
    }

    /// <summary>The samples by name and labels; each metric is announced once, and its samples come together.</summary>
    private static Dictionary<string, double> Parse(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var samples = new Dictionary<string, double>(StringComparer.Ordinal);
        var announced = new HashSet<string>(StringComparer.Ordinal);
        var (metric, type) = ("", "");
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                metric = line.Split(' ')[2];
                Assert.True(announced.Add(metric), line);
                continue;
            }

            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                type = line.Split(' ')[3];
                Assert.Equal(metric, line.Split(' ')[2]);
                Assert.Contains(type, (string[])["counter", "gauge", "histogram"]);
                continue;
            }

            var match = Sample().Match(line);
            Assert.True(match.Success, line);
            var name = match.Groups["name"].Value;
            Assert.Contains(name, type == "histogram" ? [metric + "_bucket", metric + "_sum", metric + "_count"] : (string[])[metric]);
            Assert.True(samples.TryAdd(name + match.Groups["labels"].Value, double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture)), line);
        }

        return samples;
    }

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<labels>\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*")*\})? (?<value>\S+)$""")]
    private static partial Regex Sample();
}
