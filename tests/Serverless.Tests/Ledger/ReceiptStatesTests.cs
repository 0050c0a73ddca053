using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Local;
using Serverless.Tests.Alerting.Scenarios;
using Serverless.Tests.Scenarios;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Ledger;

/// <summary>What the API says of requests, from the moment they are answered on, and of what was refused.</summary>
public sealed class ReceiptStatesTests
{
    private const int CrcAt = 16;
    private const int SpansAt = 4;

    private static readonly TimeSpan Held = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(true, "exported")]
    [InlineData(false, "finalized")]
    public async Task A_receipt_tells_each_state_with_its_time(bool exports, string last)
    {
        await using var app = await ScenarioApp.StartAsync("--Tracing:ExportsAnalytics", exports.ToString());
        await app.PassAsync(ScenarioApp.Step, () => app.PostAsync(Traffic.Ordinary(app.Now)));
        app.IsAssemblerHeld = true;
        var held = app.Break(new Fault("table.transaction", FaultKind.Delay, Count: 1, Delay: Held, Target: DayTables.Search + "*"));
        var (accepted, id) = (app.Now, await AcceptedAsync(app));

        var receipt = await app.App.GetJsonAsync($"/api/receipts/{id}");
        var e = Assert.Single(receipt.GetProperty("events").EnumerateArray());
        Assert.Equal(("in_hub", 1, 1, 0), (Text(receipt, "status"), Number(receipt, "accepted"), Number(receipt, "waiting"), Number(receipt, "stored")));
        Assert.Equal((Time(accepted), Time(accepted)), (Text(receipt, "receivedAt"), Text(e, "enqueuedAt")));
        Assert.False(e.TryGetProperty("storedAt", out _));
        var (partition, sequence) = (Text(e, "partition"), e.GetProperty("sequence").GetInt64());
        Assert.Equal(1, (await app.ConservationAsync()).GetProperty("hubLag").EnumerateArray().Single(lag => Text(lag, "partition") == partition).GetProperty("events").GetInt64());

        await held();
        app.Clock.Advance(Held);
        app.IsAssemblerHeld = false;
        await app.AssembledAsync();
        var stored = app.Now;
        receipt = await app.App.GetJsonAsync($"/api/receipts/{id}");
        e = Assert.Single(receipt.GetProperty("events").EnumerateArray());
        Assert.Equal(("stored", 0, 1, 0), (Text(receipt, "status"), Number(receipt, "waiting"), Number(receipt, "stored"), Number(receipt, "finalized")));
        Assert.Equal((partition, sequence, Time(accepted), Time(stored)), (Text(e, "partition"), e.GetProperty("sequence").GetInt64(), Text(e, "enqueuedAt"), Text(e, "storedAt")));
        Assert.False(e.TryGetProperty("finalizedAt", out _));

        await app.PassAsync(TimeSpan.FromMinutes(1));
        foreach (var minutes in (int[])[0, 10])
        {
            // The same when its minute has long been closed.
            await app.PassAsync(TimeSpan.FromMinutes(minutes));
            receipt = await app.App.GetJsonAsync($"/api/receipts/{id}");
            e = Assert.Single(receipt.GetProperty("events").EnumerateArray());
            Assert.Equal((last, 1, exports ? 1 : 0), (Text(receipt, "status"), Number(receipt, "finalized"), Number(receipt, "exported")));
            Assert.InRange(DateTimeOffset.Parse(Text(e, "finalizedAt"), CultureInfo.InvariantCulture), stored, stored.AddMinutes(1));
            Assert.Equal(exports, e.TryGetProperty("exportedAt", out _));
            Assert.Equal((partition, sequence), (Text(e, "partition"), e.GetProperty("sequence").GetInt64()));
        }
    }

    [Fact]
    public async Task A_receipt_is_found_behind_poisoned_events_and_one_that_nobody_gave_is_not()
    {
        await using var app = await ScenarioApp.StartAsync();
        var unknown = await app.App.GetAsync("/api/receipts/0123456789abcdef01234567");
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (unknown.Status, unknown.Header("Content-Type")));
        Assert.StartsWith("No request 0123456789abcdef01234567 is in the hub or in the tables.", unknown.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);

        // A poisoned event in front of it is no obstacle.
        app.IsAssemblerHeld = true;
        app.Faults.Add(new Fault("table.transaction", FaultKind.Delay, Count: 2, Delay: Held, Target: DayTables.Quarantine + "*"));
        foreach (var partition in (string[])["0", "1"])
            await SpanLossRuleTests.PoisonAsync(app, "nonsense"u8.ToArray(), partition);
        var id = await AcceptedAsync(app);
        Assert.Equal("in_hub", Text(await app.App.GetJsonAsync($"/api/receipts/{id}"), "status"));
        app.IsAssemblerHeld = false;
        app.Clock.Advance(Held);
        await app.AssembledAsync();
        Assert.Equal("stored", Text(await app.App.GetJsonAsync($"/api/receipts/{id}"), "status"));
    }

    [Fact]
    public async Task Of_a_refused_body_the_first_kilobyte_is_kept_and_only_a_whole_one_can_be_sent_again()
    {
        await using var app = await ScenarioApp.StartAsync();
        var body = Encoding.ASCII.GetBytes("[{\"traceId\":\"nonsense\",\"name\":\"" + new string('x', 5_000));
        var (status, id) = await PostAsync(app, "/api/v2/spans", "application/json", body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        await app.AssembledAsync();
        var sample = await app.App.GetJsonAsync($"/api/refused/{id}");
        Assert.Equal(body[..1024], sample.GetProperty("body").GetBytesFromBase64());
        Assert.Equal(
            ("malformed", 400, body.Length, false, "/api/v2/spans", "application/json", "zipkin"),
            (Text(sample, "reason"), Number(sample, "httpStatus"), Number(sample, "bodyLength"), sample.GetProperty("isWhole").GetBoolean(), Text(sample, "path"), Text(sample, "contentType"), Text(sample, "protocol")));
        using var replay = await app.App.Client.PostAsync($"/api/refused/{id}/replay", null, CancellationToken.None);
        Assert.Equal(HttpStatusCode.Conflict, replay.StatusCode);
        Assert.Contains($"Of the {body.Length} bytes of request {id} only 1024 are kept; it cannot be sent again.", await replay.Content.ReadAsStringAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData("text/csv", null, "unsupported_type")]
    [InlineData("application/json", "zstd", "encoding")]
    public async Task What_is_refused_by_its_head_is_kept_as_well(string type, string? encoding, string reason)
    {
        await using var app = await ScenarioApp.StartAsync();
        var (status, id) = await PostAsync(app, "/v1/traces", type, "what,ever"u8.ToArray(), encoding);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, status);
        await app.AssembledAsync();
        var sample = await app.App.GetJsonAsync($"/api/refused/{id}");
        Assert.Equal((reason, "what,ever", true), (Text(sample, "reason"), Encoding.UTF8.GetString(sample.GetProperty("body").GetBytesFromBase64()), sample.GetProperty("isWhole").GetBoolean()));
    }

    [Fact]
    public async Task A_refused_body_is_accepted_when_it_is_sent_again_after_what_kept_it_out_is_gone()
    {
        await using var app = await ScenarioApp.StartAsync();
        await app.RestartAsync("--Tracing:Decoding:MaxSpans", "1");
        var trace = Traffic.NextId();
        var calls = Enumerable.Range(0, 2).Select(_ => ("java", new Traffic.Call("again", trace, Traffic.NextId(), 0, SpanKind.Server, app.Now, 1)));
        var (status, id) = await PostAsync(app, "/v1/traces", "application/json", Traffic.Otlp(calls));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        await app.AssembledAsync();
        await app.RestartAsync();
        using var replay = await app.App.Client.PostAsync($"/api/refused/{id}/replay", null, CancellationToken.None);
        var told = JsonDocument.Parse(await replay.Content.ReadAsStringAsync(CancellationToken.None)).RootElement;
        Assert.Equal((HttpStatusCode.OK, 200), (replay.StatusCode, Number(told, "httpStatus")));
        await app.AssembledAsync();
        var receipt = await app.App.GetJsonAsync($"/api/receipts/{Text(told, "receipt")}");
        Assert.Equal(("stored", 2), (Text(receipt, "status"), Number(receipt, "stored")));
        Assert.Equal(HttpStatusCode.OK, (await app.App.GetAsync($"/api/v2/trace/{trace:x16}")).Status);
    }

    [Fact]
    public async Task What_the_hub_has_twice_is_told_once_whoever_sent_it_again()
    {
        await using var app = await ScenarioApp.StartAsync();
        var id = await AcceptedAsync(app);
        await app.AssembledAsync();
        var first = Assert.Single((await app.App.GetJsonAsync($"/api/receipts/{id}")).GetProperty("events").EnumerateArray());
        var (partition, sequence) = (Text(first, "partition"), first.GetProperty("sequence").GetInt64());
        var tail = app.App.Services.GetRequiredService<SpanHubTail>();
        var body = Assert.Single(await tail.ReadAsync(partition, sequence, sequence, 1, CancellationToken.None)).Body;

        // The hub's own client repeats a send whose answer did not come: the same event, to the byte.
        await SpanLossRuleTests.PoisonAsync(app, body.ToArray(), partition);
        await app.AssembledAsync();
        // While the minute is open, when the trace was quiet once; and when it is closed.
        await AssertToldOnceAsync(3);
        await AssertToldOnceAsync(10);

        Assert.True((await app.ConservationAsync()).GetProperty("conserved").GetBoolean());

        async Task AssertToldOnceAsync(int steps)
        {
            await app.PassAsync(ScenarioApp.Step * steps);
            var receipt = await app.App.GetJsonAsync($"/api/receipts/{id}");
            Assert.Equal(("exported", 1, 1, 1), (Text(receipt, "status"), Number(receipt, "accepted"), Number(receipt, "stored"), Number(receipt, "exported")));
            Assert.Equal([false, true], receipt.GetProperty("events").EnumerateArray().Select(e => e.TryGetProperty("resent", out _)));
            foreach (var (stage, spans) in new[] { ("accepted", 1), ("resent", 1), ("stored", 2) })
                Assert.Equal([$"told {stage} {spans}"], await app.LedgerAsync($"groupBy=service,stage&service=told&stage={stage}"));
        }
    }

    [Fact]
    public async Task A_receipt_is_found_whenever_its_batch_is_written()
    {
        await using var app = await ScenarioApp.StartAsync();
        await AcceptedAsync(app);
        await app.AssembledAsync();
        for (var at = 1; at <= 12; at++)
        {
            app.IsAssemblerHeld = true;
            var held = app.Break(new Fault("table.transaction", FaultKind.Delay, Count: 1, Delay: Held, Target: DayTables.Search + "*"));
            var id = await AcceptedAsync(app);
            await held();
            // Written just before the answer's operation of this number.
            var (operations, write) = (0, at);
            var each = new Fault("table.*", FaultKind.Delay);
            app.Faults.Struck += Write;
            app.Faults.Add(each);
            var receipt = await app.App.GetAsync($"/api/receipts/{id}");
            Assert.True(receipt.Status == HttpStatusCode.OK, $"Written before operation {at}: {receipt.Status} {receipt.Text}");
            Assert.Equal(1, Number(receipt.Json, "accepted"));
            app.Faults.Struck -= Write;
            app.Faults.Clear();
            Release();

            void Write(Fault fault, string operation)
            {
                if (ReferenceEquals(fault, each) && Interlocked.Increment(ref operations) == write)
                    Release();
            }
        }

        void Release()
        {
            app.Clock.Advance(Held);
            app.IsAssemblerHeld = false;
            app.AssembledAsync().GetAwaiter().GetResult();
        }
    }

    [Theory]
    [InlineData(2, "partly_stored")]
    [InlineData(0, "refused")]
    public async Task A_span_that_the_hub_does_not_take_is_not_told_as_stored(int others, string status)
    {
        await using var app = await ScenarioApp.StartAsync();
        var random = new Random(3);
        var values = new byte[45_000];
        var tags = string.Join(',', Enumerable.Range(0, 30).Select(i =>
        {
            random.NextBytes(values);
            return $"\"k{i}\":\"{Convert.ToBase64String(values)}\"";
        }));
        var spans = Enumerable.Range(1, others).Select(i => $$$"""{"traceId":"{{{i}}}","id":"1","localEndpoint":{"serviceName":"told"}}""")
            .Append($$$"""{"traceId":"ff","id":"1","localEndpoint":{"serviceName":"told"},"tags":{{{{tags}}}}}""");
        var (answer, id) = await PostAsync(app, "/api/v2/spans", "application/json", Encoding.UTF8.GetBytes($"[{string.Join(',', spans)}]"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer);
        await app.AssembledAsync();
        var receipt = await app.App.GetJsonAsync($"/api/receipts/{id}");
        Assert.Equal(status, Text(receipt, "status"));
        if (others == 0)
            Assert.Equal("too_large", Text(receipt, "reason"));
        else
            Assert.Equal((others + 1, others), (Number(receipt, "accepted"), Number(receipt, "stored")));
    }

    [Theory]
    [InlineData(0x00, 3)]
    [InlineData(0x7F, 0)]
    public async Task The_quarantine_says_as_many_spans_as_the_ledger_and_no_number_that_cannot_be(byte highestByteOfSpans, int expected)
    {
        await using var app = await ScenarioApp.StartAsync();
        var damaged = LedgerStore.Event("late", 3, id: Traffic.NextId());
        damaged[CrcAt] ^= 0x55;
        damaged[SpansAt + 3] = highestByteOfSpans;
        await SpanLossRuleTests.PoisonAsync(app, damaged);
        await app.AssembledAsync();
        var listed = Assert.Single((await app.App.GetJsonAsync("/api/quarantine")).GetProperty("events").EnumerateArray());
        Assert.Equal(expected, Number(listed, "spans"));
        await app.PassAsync(ScenarioApp.Step);
        Assert.Equal(expected == 0 ? [] : [$" accepted {expected}", $" quarantined {expected}"], (await app.LedgerAsync("groupBy=service,stage")).Order(StringComparer.Ordinal));
    }

    /// <summary>An event of a version that is not known yet, as after a rollback; the update brings what reads it.</summary>
    [Fact]
    public async Task An_event_in_quarantine_that_can_be_decoded_after_all_is_sent_again_once()
    {
        await using var app = await ScenarioApp.StartAsync();
        var body = LedgerStore.Event("late", 3, id: Traffic.NextId());
        var damaged = body.ToArray();
        damaged[CrcAt] ^= 0x55;
        await SpanLossRuleTests.PoisonAsync(app, damaged);
        await app.AssembledAsync();
        var id = Text(Assert.Single((await app.App.GetJsonAsync("/api/quarantine")).GetProperty("events").EnumerateArray()), "id");
        Assert.Equal(HttpStatusCode.Conflict, (await ReplayAsync(app, id)).Status);

        // Somebody repairs it, as a reader of another version would.
        var note = id.Split('-');
        await app.Storage.WriteAsync(
            DayTables.Quarantine + note[0], RowKeys.Partition(note[1]), [new StoredRow(RowKeys.Part(Convert.ToInt64(note[2], 16), 1), body)], CancellationToken.None);
        var (status, text) = await ReplayAsync(app, id);
        Assert.Equal((HttpStatusCode.OK, $$"""{"id":"{{id}}","spans":3}"""), (status, text));
        await app.AssembledAsync();
        (status, text) = await ReplayAsync(app, id);
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("was sent again already", text);

        await app.PassAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(
            [" accepted 3", " quarantined 3", "late exported 3", "late finalized 3", "late resent 3", "late stored 3"],
            (await app.LedgerAsync("groupBy=service,stage")).Order(StringComparer.Ordinal));
        Assert.True((await app.ConservationAsync()).GetProperty("conserved").GetBoolean());
        using var gone = await app.App.Client.DeleteAsync($"/api/quarantine/{id}", CancellationToken.None);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.App.GetAsync($"/api/quarantine/{id}")).Status);
        using var again = await app.App.Client.DeleteAsync($"/api/quarantine/{id}", CancellationToken.None);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    private static async Task<(HttpStatusCode Status, string Text)> ReplayAsync(ScenarioApp app, string id)
    {
        using var answer = await app.App.Client.PostAsync($"/api/quarantine/{id}/replay", null, CancellationToken.None);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(CancellationToken.None));
    }

    private static async Task<string> AcceptedAsync(ScenarioApp app)
    {
        var (status, id) = await PostAsync(app, "/v1/traces", "application/json", Traffic.Otlp(
            [("java", new Traffic.Call("told", Traffic.NextId(), Traffic.NextId(), 0, SpanKind.Server, app.Now, 1))]));
        Assert.Equal(HttpStatusCode.OK, status);
        return id;
    }

    private static async Task<(HttpStatusCode Status, string Receipt)> PostAsync(ScenarioApp app, string path, string type, byte[] body, string? encoding = null)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        if (encoding is not null)
            content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        using var answer = await app.App.Client.PostAsync(path, content, CancellationToken.None);
        return (answer.StatusCode, Assert.Single(answer.Headers.GetValues("Span-Receipt")));
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private static int Number(JsonElement json, string name) => json.GetProperty(name).GetInt32();

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
}
