using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.Tests.Querying;

/// <summary>
/// Traces in which anything may name anything, over HTTP: however the reports are cut into requests, in whatever order and how often they come, every
/// API shows the same trace; what Jaeger's page reads is a forest in which nothing is missing.
/// </summary>
public sealed class AdversarialTraceTests(DependenciesApp shared) : IClassFixture<DependenciesApp>
{
    private readonly long _startUs = (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 3_600_000) * 1_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task The_same_reports_are_the_same_trace_however_they_come(int seed)
    {
        var random = new Random(seed);
        var reports = Reports(random, _startUs);
        string? zipkin = null, jaeger = null;
        for (var way = 0; way < 3; way++)
        {
            // What comes in one request is stored at once: with that the others are compared, until the last of them is stored.
            var id = Guid.NewGuid().ToString("N");
            JsonObject[] all = way == 0 ? reports : [.. reports.Concat(reports.Where(_ => random.Next(3) == 0)).OrderBy(_ => random.Next())];
            for (var at = 0; at < all.Length;)
            {
                var size = way == 0 ? all.Length : random.Next(1, 8);
                await PostAsync(all.Skip(at).Take(size), id);
                at += size;
            }

            var trace = await shared.App.UntilAsync(
                $"/api/v2/trace/{id}", answer => answer.Status == HttpStatusCode.OK && (zipkin is null || Texts(answer.Json, id) == zipkin));
            zipkin ??= Texts(trace.Json, id);
            var page = (await shared.App.GetAsync($"/api/traces/{id}")).Text;
            AssertIsForest(JsonDocument.Parse(page).RootElement.GetProperty("data")[0], trace.Json.GetArrayLength());
            page = page.Replace(id, "-", StringComparison.Ordinal);
            Assert.Equal(jaeger ??= page, page);
            Assert.Equal(reports.Select(report => (string)report["id"]!).ToHashSet(), trace.Json.EnumerateArray().Select(span => span.GetProperty("id").GetString()!).ToHashSet());
        }
    }

    private static string Texts(JsonElement trace, string id) =>
        string.Join('\n', trace.EnumerateArray().Select(span => span.GetRawText().Replace(id, "-", StringComparison.Ordinal)));

    // As the page does: a span is below the first that its first reference names; what is in a circle would not be shown.
    private static void AssertIsForest(JsonElement trace, int count)
    {
        var spans = trace.GetProperty("spans").EnumerateArray().ToArray();
        Assert.Equal(count, spans.Length);
        var byId = new Dictionary<string, JsonElement>();
        foreach (var span in spans)
            byId.TryAdd(span.GetProperty("spanID").GetString()!, span);
        foreach (var span in spans)
        {
            var (at, steps) = (span, 0);
            while (at.GetProperty("references") is { } references && references.GetArrayLength() > 0
                && byId.TryGetValue(references[0].GetProperty("spanID").GetString()!, out var above))
            {
                at = above;
                Assert.True(++steps <= count, $"{span} is in a circle");
            }
        }
    }

    private async Task PostAsync(IEnumerable<JsonObject> reports, string trace)
    {
        var spans = new JsonArray([.. reports.Select(report =>
        {
            var span = report.DeepClone().AsObject();
            span["traceId"] = trace;
            return span;
        })]);
        using var body = new StringContent(spans.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await shared.App.Client.PostAsync("/api/v2/spans", body, CancellationToken.None);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    /// <summary>Reports of one trace, without its id.</summary>
    internal static JsonObject[] Reports(Random random, long startUs)
    {
        var ids = random.Next(3, 25);
        return [.. Enumerable.Range(0, random.Next(5, 50)).Select(_ => Report(random, ids, startUs))];
    }

    private static JsonObject Report(Random random, int ids, long startUs)
    {
        var report = new JsonObject { ["id"] = random.Next(1, ids + 1).ToString("x16", CultureInfo.InvariantCulture) };
        if (random.Next(6) > 0)
            report["parentId"] = random.Next(1, ids + 3).ToString("x16", CultureInfo.InvariantCulture);
        if (random.Next(5) is > 0 and var kind)
            report["kind"] = new[] { "", "CLIENT", "SERVER", "PRODUCER", "CONSUMER" }[kind];
        if (random.Next(4) > 0)
            report["name"] = "n" + random.Next(3);
        if (random.Next(8) > 0)
            report["timestamp"] = startUs + random.Next(200);
        if (random.Next(4) > 0)
            report["duration"] = random.Next(1, 100);
        if (random.Next(5) > 0)
        {
            var endpoint = new JsonObject { ["serviceName"] = "abc"[random.Next(3)].ToString() };
            if (random.Next(2) == 0)
                endpoint["ipv4"] = "10.0.0." + random.Next(1, 3);
            report["localEndpoint"] = endpoint;
        }

        if (random.Next(4) == 0)
            report["shared"] = true;
        if (random.Next(3) == 0)
            report["tags"] = new JsonObject { ["k" + random.Next(2)] = "v" + random.Next(2) };
        if (random.Next(3) == 0)
            report["annotations"] = new JsonArray(new JsonObject { ["timestamp"] = startUs + random.Next(5), ["value"] = "a" + random.Next(2) });
        return report;
    }
}
