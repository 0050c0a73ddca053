using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Serverless.Tests.Querying;

/// <summary>The metrics, dependency and quality APIs of Jaeger over one app with a shop's traces.</summary>
public sealed class JaegerMetricsTests(MetricsApp stored) : IClassFixture<MetricsApp>
{
    private readonly QueryApp _app = stored.App;

    [Theory]
    [InlineData("latencies", "unable to parse param 'quantile': strconv.ParseFloat: parsing \"\": invalid syntax")]
    [InlineData("latencies?quantile=x&service=a", "unable to parse param 'quantile': strconv.ParseFloat: parsing \"x\": invalid syntax")]
    [InlineData("latencies?quantile=2&service=a", "unable to parse param 'quantile': a quantile is a number from 0 to 1, not 2")]
    [InlineData("latencies?quantile=0.5", "unable to parse param 'service': please provide at least one service name")]
    [InlineData("calls", "unable to parse param 'service': please provide at least one service name")]
    [InlineData("errors?service=a&groupByOperation=maybe", "unable to parse param 'groupByOperation': strconv.ParseBool: parsing \"maybe\": invalid syntax")]
    [InlineData("calls?service=a&spanKind=SERVER", "unable to parse param 'spanKind': unsupported span kind: 'SERVER'")]
    [InlineData("calls?service=a&endTs=x", "unable to parse param 'endTs': strconv.ParseInt: parsing \"x\": invalid syntax")]
    [InlineData("calls?service=a&lookback=1h", "unable to parse param 'lookback': strconv.ParseInt: parsing \"1h\": invalid syntax")]
    [InlineData("calls?service=a&step=1s", "unable to parse param 'step': strconv.ParseInt: parsing \"1s\": invalid syntax")]
    [InlineData("calls?service=a&step=0", "unable to parse param 'step': zero or negative query resolution step widths are not accepted. Try a positive integer")]
    [InlineData("calls?service=a&step=1", "unable to parse param 'step': exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)")]
    [InlineData("calls?service=a&ratePer=ever", "unable to parse param 'ratePer': strconv.ParseInt: parsing \"ever\": invalid syntax")]
    [InlineData("calls?service=a&ratePer=0", "unable to parse param 'ratePer': duration must be greater than 0")]
    public async Task What_cannot_be_understood_is_400(string path, string text)
    {
        var answer = await _app.GetAsync("/api/metrics/" + path);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(text, answer.Json.GetProperty("errors")[0].GetProperty("msg").GetString());
        Assert.Equal(400, answer.Json.GetProperty("errors")[0].GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task A_family_has_the_name_type_labels_and_points_that_the_page_reads()
    {
        var family = await _app.GetJsonAsync($"/api/metrics/calls?service=web&endTs={stored.EndMs}&lookback=120000&step=60000&ratePer=600000");

        Assert.Equal(
            $$$"""{"name":"service_call_rate","type":"GAUGE","help":"calls/sec, grouped by service","metrics":[{"labels":[{"name":"service_name","value":"web"}],"metricPoints":[{"gaugeValue":{"doubleValue":0},"timestamp":"{{{Time(stored.EndMs - 120_000)}}}"},{"gaugeValue":{"doubleValue":0},"timestamp":"{{{Time(stored.EndMs - 60_000)}}}"},{"gaugeValue":{"doubleValue":0.016666666666666666},"timestamp":"{{{Time(stored.EndMs)}}}"}]}]}""",
            family.GetRawText());
    }

    [Fact]
    public async Task Each_measure_has_its_unit_and_a_point_without_spans_is_NaN()
    {
        // Ten calls of the web service took 1..10 ms, two of them failed.
        var latencies = await PointsAsync("latencies", "&quantile=0.95&service=web");
        Assert.Equal("NaN", latencies[0].GetString());
        Assert.InRange(latencies[^1].GetDouble(), 9.0, 11.0);
        Assert.InRange((await PointsAsync("latencies", "&quantile=0.5&service=web"))[^1].GetDouble(), 4.5, 5.6);
        Assert.Equal(["NaN", "0.2"], (await PointsAsync("errors", "&service=web")).Select(point => point.ToString()).Distinct());
        Assert.Equal(["NaN", "0"], (await PointsAsync("errors", "&service=app")).Select(point => point.ToString()).Distinct());
        // Where a rate is asked for less than a minute, it is for a minute.
        Assert.Equal(10 / 60.0, (await PointsAsync("calls", "&service=web", rateMs: 1))[^1].GetDouble(), 9);
    }

    [Theory]
    [InlineData("calls", "service_operation_call_rate", "calls/sec, grouped by service & operation")]
    [InlineData("errors", "service_operation_error_rate", "error rate, computed as a fraction of errors/sec over calls/sec, grouped by service & operation")]
    [InlineData("latencies", "service_operation_latencies", "0.75th quantile latency, grouped by service & operation")]
    public async Task By_operation_each_has_a_label_of_its_own(string measure, string name, string help)
    {
        var family = await _app.GetJsonAsync($"/api/metrics/{measure}?quantile=0.75&service=web&service=app&groupByOperation=true&endTs={stored.EndMs}&step=60000");

        Assert.Equal((name, help), (family.GetProperty("name").GetString(), family.GetProperty("help").GetString()));
        Assert.Equal(["app handle", "web GET /cart", "web GET /home"], family.GetProperty("metrics").EnumerateArray().Select(Labels));
    }

    [Fact]
    public async Task Several_services_are_a_metric_each_and_kinds_are_chosen()
    {
        Assert.Equal(["app", "web"], (await MetricsAsync("&service=web&service=app&service=nobody")).Select(Labels));
        Assert.Equal(["job"], (await MetricsAsync("&service=web&service=job&spanKind=server&spanKind=client")).Select(Labels).Except(["web"]));
        Assert.Equal(["app", "web"], (await MetricsAsync("&service=web&service=app&spanKind=client&spanKind=server")).Select(Labels));
        Assert.Empty(await MetricsAsync("&service=web&spanKind=internal"));
        Assert.Empty(await MetricsAsync("&service="));
    }

    [Fact]
    public async Task By_default_an_hour_is_looked_at_every_five_seconds()
    {
        var family = await _app.GetJsonAsync("/api/metrics/calls?service=web");
        var points = family.GetProperty("metrics")[0].GetProperty("metricPoints");
        Assert.Equal(721, points.GetArrayLength());
        Assert.Equal(10 / 600.0, points[720].GetProperty("gaugeValue").GetProperty("doubleValue").GetDouble(), 9);
    }

    [Fact]
    public async Task The_shortest_step_is_a_minute() =>
        Assert.Equal("""{"data":60000,"total":0,"limit":0,"offset":0,"errors":null}""", (await _app.GetJsonAsync("/api/metrics/minstep")).GetRawText());

    [Fact]
    public async Task Dependencies_are_links_with_calls_of_all_services_or_of_one()
    {
        Assert.Equal(
            """{"data":[{"parent":"app","child":"db","callCount":10},{"parent":"job","child":"queue","callCount":1},{"parent":"web","child":"app","callCount":10}],"total":0,"limit":0,"offset":0,"errors":null}""",
            (await _app.GetJsonAsync("/api/dependencies")).GetRawText());
        Assert.Equal(
            """[{"parent":"job","child":"queue","callCount":1}]""",
            (await _app.GetJsonAsync($"/api/dependencies?endTs={stored.EndMs}&lookback=604800000&service=queue")).GetProperty("data").GetRawText());
        Assert.Equal("[]", (await _app.GetJsonAsync("/api/dependencies?service=nobody")).GetProperty("data").GetRawText());
        Assert.Equal("[]", (await _app.GetJsonAsync($"/api/dependencies?endTs={stored.EndMs - 7_200_000}&lookback=3600000")).GetProperty("data").GetRawText());
        Assert.Equal("[]", (await _app.GetJsonAsync("/api/dependencies?lookback=-1")).GetProperty("data").GetRawText());
    }

    [Theory]
    [InlineData("endTs=x", "unable to parse param 'endTs': strconv.ParseInt: parsing \"x\": invalid syntax")]
    [InlineData("lookback=1d", "unable to parse param 'lookback': strconv.ParseInt: parsing \"1d\": invalid syntax")]
    public async Task Dependencies_with_malformed_times_are_400(string parameters, string text)
    {
        var answer = await _app.GetAsync("/api/dependencies?" + parameters);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(text, answer.Json.GetProperty("errors")[0].GetProperty("msg").GetString());
    }

    [Theory]
    [InlineData("/analytics/v1/dependencies?end=0&start=0&service=app", "web GET /cart, app handle", "web GET /home, app handle")]
    [InlineData("/api/deep-dependencies?service=web&operation=GET%20/cart", "web GET /cart, app handle")]
    [InlineData("/api/deep-dependencies?service=app&operation=nothing")]
    public async Task Every_path_leads_through_the_service(string path, params string[] expected)
    {
        var answer = (await _app.GetJsonAsync(path)).GetProperty("dependencies").EnumerateArray().ToArray();

        Assert.Equal(
            expected,
            answer.Select(one => string.Join(", ", one.GetProperty("path").EnumerateArray().Select(step => $"{step.GetProperty("service")} {step.GetProperty("operation")}")))
                .Order(StringComparer.Ordinal));
        foreach (var attribute in answer.SelectMany(one => one.GetProperty("attributes").EnumerateArray()))
        {
            Assert.Equal("exemplar_trace_id", attribute.GetProperty("key").GetString());
            await _app.GetJsonAsync($"/api/traces/{attribute.GetProperty("value").GetString()}");
        }
    }

    [Fact]
    public async Task Deep_dependencies_need_a_service()
    {
        var answer = await _app.GetAsync("/analytics/v1/dependencies?end=0&start=0");
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("parameter 'service' is required", answer.Json.GetProperty("errors")[0].GetProperty("msg").GetString());
    }

    [Fact]
    public async Task Quality_is_scored_by_verdicts_with_traces_that_show_it()
    {
        var quality = await _app.GetJsonAsync("/api/quality-metrics?hours=2");

        Assert.Equal(["completeness", "propagation", "consistency"], quality.GetProperty("scores").EnumerateArray().Select(score => score.GetProperty("key").GetString()));
        Assert.All(quality.GetProperty("scores").EnumerateArray(), score => Assert.InRange(score.GetProperty("value").GetInt32(), 1, score.GetProperty("max").GetInt32()));
        var parents = Metric(quality, "ParentsPresent");
        Assert.Equal((10, 1), (parents.GetProperty("passCount").GetInt32(), parents.GetProperty("failureCount").GetInt32()));
        Assert.Equal(MetricsApp.Broken, parents.GetProperty("failureExamples")[0].GetProperty("traceID").GetString());
        Assert.Equal("000000000000000c", parents.GetProperty("failureExamples")[0].GetProperty("spanIDs")[0].GetString());
        Assert.Equal($"/trace/{MetricsApp.Broken}", parents.GetProperty("details")[0].GetProperty("rows")[0].GetProperty("trace").GetProperty("linkTo").GetString());
        Assert.Equal(1, Metric(quality, "CompleteTrace").GetProperty("failureCount").GetInt32());
        Assert.Equal(11, Metric(quality, "HeadersForwarded").GetProperty("passCount").GetInt32());
        Assert.Equal(100, quality.GetProperty("scores")[1].GetProperty("value").GetInt32());
    }

    [Fact]
    public async Task Quality_of_one_service_is_that_of_its_traces()
    {
        var quality = await _app.GetJsonAsync("/api/quality-metrics?hours=2&service=web");
        Assert.Equal(10, Metric(quality, "CompleteTrace").GetProperty("passCount").GetInt32());
        Assert.All(quality.GetProperty("scores").EnumerateArray(), score => Assert.Equal(100, score.GetProperty("value").GetInt32()));
        Assert.False(quality.TryGetProperty("bannerText", out _));

        var none = await _app.GetJsonAsync("/api/quality-metrics?service=nobody");
        Assert.Equal("No traces of nobody began in the last 1 h.", none.GetProperty("bannerText").GetProperty("value").GetString());
        Assert.Equal(0, Metric(none, "CompleteTrace").GetProperty("failureCount").GetInt32());
    }

    [Theory]
    [InlineData("x", "unable to parse param 'hours': strconv.ParseInt: parsing \"x\": invalid syntax")]
    [InlineData("0", "unable to parse param 'hours': a number of hours from 1 to 8784 is expected, not 0")]
    public async Task Quality_of_malformed_hours_is_400(string hours, string text)
    {
        var answer = await _app.GetAsync($"/api/quality-metrics?hours={hours}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(text, answer.Json.GetProperty("errors")[0].GetProperty("msg").GetString());
    }

    private static JsonElement Metric(JsonElement quality, string name) =>
        quality.GetProperty("metrics").EnumerateArray().Single(metric => metric.GetProperty("name").GetString() == name);

    private async Task<JsonElement[]> MetricsAsync(string parameters) =>
        [.. (await _app.GetJsonAsync($"/api/metrics/calls?endTs={stored.EndMs}&step=60000{parameters}")).GetProperty("metrics").EnumerateArray()];

    private async Task<JsonElement[]> PointsAsync(string measure, string parameters, long rateMs = 600_000)
    {
        var family = await _app.GetJsonAsync(
            $"/api/metrics/{measure}?endTs={stored.EndMs}&lookback=600000&step=60000&ratePer={rateMs.ToString(CultureInfo.InvariantCulture)}{parameters}");
        var metric = Assert.Single(family.GetProperty("metrics").EnumerateArray());
        return [.. metric.GetProperty("metricPoints").EnumerateArray().Select(point => point.GetProperty("gaugeValue").GetProperty("doubleValue"))];
    }

    private static string Labels(JsonElement metric) => string.Join(' ', metric.GetProperty("labels").EnumerateArray().Select((label, i) =>
    {
        Assert.Equal(i == 0 ? "service_name" : "operation", label.GetProperty("name").GetString());
        return label.GetProperty("value").GetString();
    }));

    private static string Time(long ms) =>
        DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
