using System.Net;
using System.Text;
using System.Text.Json;
using Serverless.Tests.Ingest;
using Serverless.Tests.Querying;

namespace Serverless.Tests.Cost;

public sealed class CostApiTests(StartedApp started) : IClassFixture<StartedApp>
{
    private QueryApp App => started.App;

    [Fact]
    public async Task What_was_used_is_counted_and_priced_and_shared_by_services()
    {
        await PostAsync("cost-small", 1, "a");
        await PostAsync("cost-large", 3, new string('x', 2_000));
        var answer = await App.UntilAsync("/api/cost", a => a.Status == HttpStatusCode.OK && a.Json.GetProperty("spans").GetInt64() >= 4 && Item(a.Json, "table_write").GetProperty("units").GetDouble() > 3);
        var root = answer.Json;
        Assert.Equal("USD", root.GetProperty("prices").GetProperty("currency").GetString());
        foreach (var name in (string[])["hub_events_spans", "table_write", "table_read", "table_list", "checkpoints", "executions", "gb_seconds", "table_gb_months"])
            Assert.True(Item(root, name).GetProperty("units").GetDouble() > 0, $"{name}: {answer.Text}");
        foreach (var item in root.GetProperty("items").EnumerateArray())
        {
            var cost = item.GetProperty("units").GetDouble() * item.GetProperty("price").GetDouble() / item.GetProperty("per").GetDouble();
            Assert.Equal(cost, item.GetProperty("cost").GetDouble(), 1e-6);
        }

        var total = root.GetProperty("cost").GetDouble();
        Assert.Equal(root.GetProperty("items").EnumerateArray().Sum(item => item.GetProperty("cost").GetDouble()), total, 1e-12);
        Assert.Equal(total / root.GetProperty("spans").GetInt64() * 1e6, root.GetProperty("perMillionSpans").GetDouble(), 1e-6);
        var services = root.GetProperty("services").EnumerateArray().ToDictionary(service => service.GetProperty("service").GetString()!);
        Assert.Equal(total, services.Values.Sum(service => service.GetProperty("cost").GetDouble()), 1e-12);
        Assert.Equal((1, 3), (services["cost-small"].GetProperty("spans").GetInt32(), services["cost-large"].GetProperty("spans").GetInt32()));
        Assert.True(services["cost-large"].GetProperty("bytes").GetInt64() > services["cost-small"].GetProperty("bytes").GetInt64() + 2_000, answer.Text);
        Assert.True(root.GetProperty("storage").GetProperty("bytesByTable").GetProperty("spans").GetInt64() > 2_000, answer.Text);
        Assert.Equal(7, root.GetProperty("storage").GetProperty("retentionDays").GetInt32());
        Assert.Equal(0.03 * 730, root.GetProperty("fixed").GetProperty("costPerMonth").GetDouble(), 1e-9);
    }

    [Fact]
    public async Task A_window_without_spans_has_no_cost_by_spans()
    {
        var root = await App.GetJsonAsync("/api/cost?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z");
        Assert.Equal((0, 0.0), (root.GetProperty("spans").GetInt64(), root.GetProperty("cost").GetDouble()));
        Assert.False(root.TryGetProperty("perMillionSpans", out _));
        Assert.Empty(root.GetProperty("services").EnumerateArray());
    }

    [Theory]
    [InlineData("?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "Parameter 'from' must lie before 'to'.")]
    [InlineData("?from=2026-01-02T00:00:00Z&to=2026-03-01T00:00:00Z", "Parameter 'from' may lie at most 8 days before 'to'.")]
    [InlineData("?start=2026-01-02T00:00:00Z", "There is no parameter 'start' here; there are: from, to.")]
    public async Task A_question_that_is_wrong_is_refused(string query, string detail)
    {
        var answer = await App.GetAsync("/api/cost" + query);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("application/problem+json", answer.Header("Content-Type"));
        Assert.Equal(detail, answer.Json.GetProperty("detail").GetString());
    }

    private static JsonElement Item(JsonElement root, string name) =>
        root.GetProperty("items").EnumerateArray().Single(item => item.GetProperty("item").GetString() == name);

    private async Task PostAsync(string service, int spans, string value)
    {
        var made = string.Join(',', Enumerable.Range(1, spans).Select(i =>
            $$$"""{"traceId":"{{{Guid.NewGuid():N}}}","spanId":"000000000000000{{{i}}}","name":"n","attributes":[{"key":"k","value":{"stringValue":"{{{value}}}{{{i}}}"}}]}"""));
        using var body = new StringContent(
            $$$"""{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"{{{service}}}"}}]},"scopeSpans":[{"spans":[{{{made}}}]}]}]}""",
            Encoding.UTF8, "application/json");
        using var posted = await App.Client.PostAsync("/v1/traces", body, CancellationToken.None);
        Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
    }
}
