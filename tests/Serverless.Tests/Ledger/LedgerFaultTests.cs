using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Local;
using Serverless.Tests.Local.Functions;
using Serverless.Tests.Querying;

namespace Serverless.Tests.Ledger;

/// <summary>Refusals while the hub takes nothing: they are told when it does again.</summary>
public sealed class LedgerFaultTests
{
    [Fact]
    public async Task Spans_refused_because_the_hub_is_away_are_in_the_ledger_when_it_is_back()
    {
        await using var app = await QueryApp.StartAsync("--Tracing:SendSeconds", "0.2");
        app.Faults.AddAll("hub.send:fail:1");
        for (var i = 0; i < 3; i++)
        {
            using var body = new StringContent($$$"""[{"traceId":"f{{{i}}}","id":"1","localEndpoint":{"serviceName":"away"}},{"traceId":"f{{{i}}}","id":"2","localEndpoint":{"serviceName":"away"}}]""", Encoding.UTF8, "application/json");
            using var answer = await app.Client.PostAsync("/api/v2/spans", body, CancellationToken.None);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        }

        app.Faults.Clear();
        await app.UntilAsync(
            "/api/ledger?groupBy=stage,reason&service=away",
            answer => answer.Status == HttpStatusCode.OK && answer.Json.GetProperty("rows").EnumerateArray().Any(row =>
                row.GetProperty("stage").GetString() == "refused" && row.GetProperty("reason").GetString() == "unavailable" && row.GetProperty("count").GetInt64() == 6));
    }

    [Fact]
    public async Task Refusals_while_the_hub_is_away_outlive_the_process_and_are_counted_once()
    {
        var folder = Directory.CreateTempSubdirectory("spill-").FullName;
        try
        {
            var options = new QueryAppOptions { Folder = folder };
            await using (var app = await QueryApp.StartAsync(options, "--Tracing:SendSeconds", "0.2"))
            {
                app.Faults.AddAll("hub.send:fail:1");
                Assert.Equal(HttpStatusCode.ServiceUnavailable, await PostAsync(app, """[{"traceId":"f1","id":"1","localEndpoint":{"serviceName":"away"}},{"traceId":"f1","id":"2","localEndpoint":{"serviceName":"away"}}]"""));
                Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(app, "[{"));
                var publisher = app.Services.GetRequiredService<SpanPublisher>();
                await Poll.UntilAsync(() => publisher.HasToldAll, "what was refused is kept");
                Assert.NotEqual(0, await KeptAsync(app));
            }

            await using (var app = await QueryApp.StartAsync(options))
            {
                // The hub has it, and does not say so: it is sent again.
                app.Faults.Add(new Fault("hub.send", FaultKind.LoseAnswer, Count: 1, Target: SpanHub.Name));
                var spill = app.Services.GetRequiredService<LedgerSpill>();
                await Assert.ThrowsAsync<HubException>(() => spill.SendAsync(CancellationToken.None));
                Assert.NotEqual(0, await KeptAsync(app));
                await spill.SendAsync(CancellationToken.None);
                Assert.Equal(0, await KeptAsync(app));
                await app.UntilAsync("/api/ledger/conservation", answer => answer.Json.GetProperty("hubLag").EnumerateArray().All(lag => lag.GetProperty("events").GetInt64() == 0));
                var counts = (await app.GetJsonAsync("/api/ledger?groupBy=service,stage,reason")).GetProperty("rows").EnumerateArray().Select(row =>
                    $"{row.GetProperty("service").GetString()} {row.GetProperty("stage").GetString()} {row.GetProperty("reason").GetString()} {row.GetProperty("count").GetInt64()}");
                Assert.Equal(
                    [" refused_requests malformed 1", "away refused unavailable 2", "away refused_requests unavailable 1"],
                    counts.Where(count => !count.Contains("refused_bytes")).Order(StringComparer.Ordinal));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<int> KeptAsync(QueryApp app)
    {
        var rows = 0;
        await foreach (var _ in app.Services.GetRequiredService<TableStorage>().ReadAsync("state", "ledger-spill", "", null, 100, CancellationToken.None))
            rows++;
        return rows;
    }

    private static async Task<HttpStatusCode> PostAsync(QueryApp app, string json)
    {
        using var body = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await app.Client.PostAsync("/api/v2/spans", body, CancellationToken.None);
        return answer.StatusCode;
    }
}
