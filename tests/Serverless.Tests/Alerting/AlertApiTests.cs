using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Serverless.Functions.Alerting.Api;
using Serverless.Tests.Querying;

namespace Serverless.Tests.Alerting;

/// <summary>The APIs over HTTP, on the app as it is shipped.</summary>
public sealed class AlertApiTests
{
    [Fact]
    public async Task Rules_and_alerts_are_told_as_Prometheus_tells_them()
    {
        await using var app = await QueryApp.StartAsync();
        var rules = await app.GetJsonAsync("/api/v1/rules");
        Assert.Equal("success", rules.GetProperty("status").GetString());
        var group = rules.GetProperty("data").GetProperty("groups").EnumerateArray().Single(g => g.GetProperty("name").GetString() == "spans-dropped");
        Assert.Equal(["name", "file", "rules", "interval", "limit", "evaluationTime", "lastEvaluation"], group.EnumerateObject().Select(p => p.Name));
        var rule = group.GetProperty("rules")[0];
        Assert.Equal("SpansDropped", rule.GetProperty("name").GetString());
        Assert.Equal("alerting", rule.GetProperty("type").GetString());
        Assert.Equal("inactive", rule.GetProperty("state").GetString());
        Assert.Equal(120, rule.GetProperty("duration").GetDouble());
        Assert.Equal("""{"severity":"critical"}""", rule.GetProperty("labels").GetRawText());
        Assert.Equal("docs/runbooks/spans-dropped.md", rule.GetProperty("annotations").GetProperty("runbook_url").GetString());
        Assert.Equal("""{"status":"success","data":{"alerts":[]}}""", (await app.GetAsync("/api/v1/alerts")).Text);

        Assert.Equal(
            ["hub-lag"],
            (await app.GetJsonAsync("/api/v1/rules?rule_name[]=HubLagging&type=alert")).GetProperty("data").GetProperty("groups").EnumerateArray().Select(g => g.GetProperty("name").GetString()));
        Assert.Empty((await app.GetJsonAsync("/api/v1/rules?type=record")).GetProperty("data").GetProperty("groups").EnumerateArray());
        var wrong = await app.GetAsync("/api/v1/rules?type=x");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Equal("""{"status":"error","errorType":"bad_data","error":"invalid parameter \"type\": not supported value \"x\""}""", wrong.Text);
    }

    [Fact]
    public async Task A_silence_is_made_listed_and_ended()
    {
        await using var app = await QueryApp.StartAsync();
        var end = DateTimeOffset.UtcNow.AddHours(1);
        var made = await PostAsync(app, "/api/alerts/silences", new
        {
            matchers = new[] { new { name = "service", value = "shop.*", isRegex = true } }, endsAt = end, createdBy = "me", comment = "deployment",
        });
        Assert.True(made.Status == HttpStatusCode.Created, made.Json.GetRawText());
        var id = made.Json.GetProperty("id").GetString();
        var listed = Assert.Single((await app.GetJsonAsync("/api/alerts/silences")).EnumerateArray());
        Assert.Equal((id, "active"), (listed.GetProperty("id").GetString(), listed.GetProperty("status").GetProperty("state").GetString()));
        Assert.Equal("""[{"name":"service","value":"shop.*","isRegex":true,"isEqual":true}]""", listed.GetProperty("matchers").GetRawText());
        Assert.Equal(HttpStatusCode.NoContent, (await app.Client.DeleteAsync($"/api/alerts/silences/{id}", CancellationToken.None)).StatusCode);
        Assert.Equal("expired", (await app.GetJsonAsync("/api/alerts/silences"))[0].GetProperty("status").GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.DeleteAsync($"/api/alerts/silences/{id}", CancellationToken.None)).StatusCode);

        var noEnd = await PostAsync(app, "/api/alerts/silences", new { matchers = new[] { new { name = "a", value = "b" } }, createdBy = "me", comment = "why" });
        Assert.Equal((HttpStatusCode.BadRequest, "'endsAt' is missing: a silence has an end."), (noEnd.Status, noEnd.Json.GetProperty("detail").GetString()));
        var all = await PostAsync(app, "/api/alerts/silences", new { matchers = new[] { new { name = "a", value = ".*", isRegex = true } }, endsAt = end, createdBy = "me", comment = "why" });
        Assert.Equal("'matchers' would match every alert; name at least one label with a value.", all.Json.GetProperty("detail").GetString());
        var bad = await PostAsync(app, "/api/alerts/silences", new { matchers = new[] { new { name = "a", value = "(", isRegex = true } }, endsAt = end, createdBy = "me", comment = "why" });
        Assert.StartsWith("The expression '(' for 'a' cannot be used:", bad.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_says_what_is_wrong_with_a_rule_or_what_it_would_have_done()
    {
        await using var app = await QueryApp.StartAsync();
        var wrong = await PostAsync(app, "/api/alerts/test", new { yaml = AlertBench.DroppedYaml.Replace("severity: critical", "severity: bad", StringComparison.Ordinal) });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        var error = Assert.Single(wrong.Json.GetProperty("errors").EnumerateArray());
        Assert.Equal((12, "severity"), (error.GetProperty("line").GetInt32(), error.GetProperty("key").GetString()));
        var kql = await PostAsync(app, "/api/alerts/test", new { yaml = AlertBench.DroppedYaml.Replace("  ledger:\n    measure: spans_dropped\n    by: [service]", "  kql: Spans", StringComparison.Ordinal) });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, kql.Status);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(app, "/api/alerts/test", new { rule = "None" })).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(app, "/api/alerts/test", new { rule = "HubLagging", step = "1s", from = DateTimeOffset.UtcNow.AddDays(-1) })).Status);

        var red = await PostAsync(app, "/api/alerts/test", new { rule = "ErrorRateAgainstLastWeek", step = "5m" });
        Assert.True(red.Status == HttpStatusCode.OK, red.Json.GetRawText());
        Assert.Equal((13, 0), (red.Json.GetProperty("evaluations").GetInt32(), red.Json.GetProperty("alerts").GetArrayLength()));
    }

    [Fact]
    public async Task A_dry_run_gives_the_timeline_of_each_alert()
    {
        using var bench = new AlertBench(new Serverless.Functions.Alerting.AlertSettings());
        var rule = AlertBench.Rule(AlertBench.DroppedYaml);
        var start = bench.Clock.GetUtcNow();
        bench.Drop("shop", 4);
        var run = new Serverless.Functions.Alerting.Evaluation.DryRun(bench.Evaluator, new Serverless.Functions.Alerting.AlertSettings());
        var outcome = await run.RunAsync(rule, start, start.AddMinutes(30), TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.Equal(31, outcome.Evaluations);
        Assert.Equal(
            ["Firing 1", "Resolved 2", "Ok 17"], outcome.Changes.Select(c => $"{c.To} {(c.At - start).TotalMinutes}"));
        Assert.Equal(2, outcome.Told.Count);
        Assert.Empty(bench.Table.Keys);
    }

    [Fact]
    public async Task The_history_is_paged_and_its_parameters_are_checked()
    {
        await using var app = await QueryApp.StartAsync();
        Assert.True((await app.GetJsonAsync("/api/alerts/history?limit=5")).GetProperty("entries").GetArrayLength() <= 5);
        var wrong = await app.GetAsync("/api/alerts/history?limit=5000");
        Assert.Equal("'limit' must be a whole number from 1 to 1000, not '5000'.", wrong.Json.GetProperty("detail").GetString());
        Assert.Equal("application/problem+json", wrong.Header("Content-Type"));
    }

    [Theory]
    [InlineData(1, "1e+00")]
    [InlineData(0, "0e+00")]
    [InlineData(0.015, "1.5e-02")]
    [InlineData(-123456.75, "-1.2345675e+05")]
    [InlineData(1e100, "1e+100")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    public void Numbers_are_written_as_Go_writes_them(double value, string expected) => Assert.Equal(expected, PrometheusAnswers.Number(value));

    private static async Task<(HttpStatusCode Status, JsonElement Json)> PostAsync(QueryApp app, string path, object body)
    {
        using var response = await app.Client.PostAsJsonAsync(path, body, CancellationToken.None);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(CancellationToken.None)).RootElement);
    }
}
