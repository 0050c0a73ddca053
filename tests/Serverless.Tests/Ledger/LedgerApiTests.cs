using System.Net;
using System.Text;
using System.Text.Json;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Serverless.Tests.Ingest;
using Serverless.Tests.Querying;

namespace Serverless.Tests.Ledger;

public sealed class LedgerApiTests(StartedApp started) : IClassFixture<StartedApp>
{
    private const string Otlp = "/v1/traces";
    private const string Json = "application/json";

    private QueryApp App => started.App;

    [Fact]
    public async Task An_accepted_request_is_counted_by_sender_and_its_receipt_says_where_it_is()
    {
        var (status, receipt) = await PostAsync(Otlp, """
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"ledger-shop"}},
            {"key":"telemetry.sdk.name","value":{"stringValue":"opentelemetry"}},{"key":"telemetry.sdk.language","value":{"stringValue":"java"}},
            {"key":"telemetry.sdk.version","value":{"stringValue":"1.32.0"}},{"key":"service.instance.id","value":{"stringValue":"i-1"}}]},
            "scopeSpans":[{"spans":[{"traceId":"000000000000000000000000000000e1","spanId":"0000000000000001","name":"a"},
            {"traceId":"000000000000000000000000000000e2","spanId":"0000000000000002","name":"b"},{"traceId":"00","spanId":"x","name":"bad"}]}]}]}
            """);
        Assert.Equal(HttpStatusCode.OK, status);

        var answer = await App.UntilAsync($"/api/receipts/{receipt}", a => a.Status == HttpStatusCode.OK && a.Json.GetProperty("status").GetString() == "stored");
        Assert.Equal(2, answer.Json.GetProperty("accepted").GetInt32());
        Assert.Equal(2, answer.Json.GetProperty("events").EnumerateArray().Sum(e => e.GetProperty("spans").GetInt32()));

        var rows = await RowsAsync("/api/ledger?groupBy=service,sender,instance,protocol,stage&service=ledger-shop");
        foreach (var stage in (string[])["accepted", "stored"])
        {
            var row = Assert.Single(rows, row => row.GetProperty("stage").GetString() == stage);
            Assert.Equal(
                ("opentelemetry/java/1.32.0", "i-1", "otlp", 2),
                (row.GetProperty("sender").GetString(), row.GetProperty("instance").GetString(), row.GetProperty("protocol").GetString(), row.GetProperty("count").GetInt32()));
        }

        Assert.Equal(1, await CountAsync("/api/ledger?stage=refused&reason=invalid_span&service=ledger-shop"));
    }

    [Fact]
    public async Task A_refused_request_is_counted_and_its_body_kept_and_can_be_sent_again()
    {
        var (status, receipt) = await PostAsync("/api/v2/spans", "[{\"traceId\":\"nonsense\"}]", "ledger-test/1.0");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        var answer = await App.UntilAsync($"/api/receipts/{receipt}", a => a.Status == HttpStatusCode.OK);
        Assert.Equal(("refused", "malformed", 400), (answer.Json.GetProperty("status").GetString(), answer.Json.GetProperty("reason").GetString(), answer.Json.GetProperty("httpStatus").GetInt32()));
        var sample = await App.GetJsonAsync($"/api/refused/{receipt}");
        Assert.Equal("[{\"traceId\":\"nonsense\"}]", Encoding.UTF8.GetString(sample.GetProperty("body").GetBytesFromBase64()));
        Assert.True(sample.GetProperty("isWhole").GetBoolean());
        Assert.Contains((await App.GetJsonAsync("/api/refused?reason=malformed")).GetProperty("refused").EnumerateArray(), s => s.GetProperty("id").GetString() == receipt);
        Assert.Equal(1, await CountAsync("/api/ledger?stage=refused_requests&reason=malformed&sender=ledger-test/1.0"));

        using var replayed = await App.Client.PostAsync($"/api/refused/{receipt}/replay", null, CancellationToken.None);
        var told = JsonDocument.Parse(await replayed.Content.ReadAsStringAsync(CancellationToken.None)).RootElement;
        Assert.Equal((HttpStatusCode.OK, 400), (replayed.StatusCode, told.GetProperty("httpStatus").GetInt32()));
        await App.UntilAsync($"/api/receipts/{told.GetProperty("receipt").GetString()}", a => a.Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_poisoned_event_is_in_quarantine_and_in_the_ledger_and_is_not_sent_again_while_it_cannot_be_decoded()
    {
        await using var producer = new EventHubProducerClient(App.ConnectionString, "spans");
        using (var batch = await producer.CreateBatchAsync(CancellationToken.None))
        {
            Assert.True(batch.TryAdd(new EventData(Encoding.UTF8.GetBytes("no event of spans"))));
            await producer.SendAsync(batch, CancellationToken.None);
        }

        var list = await App.UntilAsync("/api/quarantine", a => a.Status == HttpStatusCode.OK && a.Json.GetProperty("events").GetArrayLength() == 1);
        var quarantined = list.Json.GetProperty("events")[0];
        Assert.Contains("no event of spans", quarantined.GetProperty("reason").GetString());
        var id = quarantined.GetProperty("id").GetString();
        Assert.Equal("no event of spans", (await App.GetAsync($"/api/quarantine/{id}")).Text);
        using var replayed = await App.Client.PostAsync($"/api/quarantine/{id}/replay", null, CancellationToken.None);
        Assert.Equal(HttpStatusCode.Conflict, replayed.StatusCode);
        Assert.Contains("still cannot be decoded", await replayed.Content.ReadAsStringAsync(CancellationToken.None));
        await App.UntilAsync("/api/ledger", a => a.Json.GetProperty("hub").GetProperty("quarantinedEvents").GetInt64() == 1);
        var conservation = await App.GetJsonAsync("/api/ledger/conservation");
        Assert.True(conservation.GetProperty("conserved").GetBoolean(), conservation.ToString());
    }

    [Theory]
    [InlineData("/api/ledger?groupBy=colour", 400, "Parameter 'groupBy' is some of minute, protocol, service, sender, instance, stage, reason, not 'colour'.")]
    [InlineData("/api/ledger?start=2026-01-01T00:00:00Z&end=2025-01-01T00:00:00Z", 400, "Parameter 'start' must lie before 'end'.")]
    [InlineData("/api/receipts/12", 400, "Parameter 'id' is the 24 hex digits that the header Span-Receipt told, not '12'.")]
    [InlineData("/api/quarantine/12", 400, "Parameter 'id' is one that /api/quarantine lists, not '12'.")]
    [InlineData("/api/refused/0123456789abcdef01234567", 404, "No sample of a refused request 0123456789abcdef01234567 is kept: of many only some are, and they are dropped with their day.")]
    [InlineData("/api/quarantine/20260101-0-0000000000000000", 404, "No event 20260101-0-0000000000000000 is in quarantine; it may be past its retention.")]
    public async Task What_cannot_be_answered_is_a_problem_with_a_clear_text(string path, int status, string detail)
    {
        var answer = await App.GetAsync(path);
        Assert.Equal(status, (int)answer.Status);
        Assert.Equal("application/problem+json", answer.Header("Content-Type"));
        Assert.Equal(detail, answer.Json.GetProperty("detail").GetString());
    }

    private async Task<(HttpStatusCode Status, string Receipt)> PostAsync(string path, string body, string? agent = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, Json) };
        if (agent is not null)
            request.Headers.Add("User-Agent", agent);
        using var answer = await App.Client.SendAsync(request, CancellationToken.None);
        return (answer.StatusCode, Assert.Single(answer.Headers.GetValues("Span-Receipt")));
    }

    private async Task<IReadOnlyList<JsonElement>> RowsAsync(string path) => [.. (await App.GetJsonAsync(path)).GetProperty("rows").EnumerateArray()];

    private async Task<long> CountAsync(string path) => (await RowsAsync(path)).Sum(row => row.GetProperty("count").GetInt64());
}
