using System.Net;
using System.Text;
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
}
