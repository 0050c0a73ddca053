using System.Net;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Local;
using Serverless.Tests.Scenarios;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Alerting.Scenarios;

/// <summary>The rules about spans that are lost, each over the whole app.</summary>
public sealed class SpanLossRuleTests
{
    [Fact]
    public async Task SpansDropped_names_the_service_and_sender_whose_spans_are_invalid()
    {
        await using var app = await ScenarioApp.StartAsync();
        await new AlertScenario(app, "SpansDropped")
        {
            Labels = ["sender=opentelemetry/go/1.0 service=agency"],
            Ordinary = () => app.PostAsync(Agency(invalid: 0)),
            Disturbed = () => app.PostAsync(Agency(invalid: 2)),
        }.RunAsync();

        // In one request with spans of others, as a collector sends them.
        Traffic Agency(int invalid)
        {
            var traffic = Traffic.Ordinary(app.Now);
            for (var i = 0; i < 40; i++)
                traffic.Add(new Traffic.Call("agency", Traffic.NextId(), i < invalid ? 0 : Traffic.NextId(), 0, SpanKind.Server, app.Now.AddSeconds(-1), 5), "go");
            return traffic;
        }
    }

    [Fact]
    public async Task SpansDropped_names_the_services_whose_requests_the_hub_does_not_take()
    {
        await using var app = await ScenarioApp.StartAsync();
        var refused = new HashSet<HttpStatusCode>();
        await new AlertScenario(app, "SpansDropped")
        {
            Labels = ["sender=opentelemetry/java/1.0 service=shop", "sender=opentelemetry/java/1.0 service=cart"],
            Ordinary = () => app.PostAsync(Shop()),
            Disturbed = async () =>
            {
                app.Faults.Add(new Fault("hub.send", FaultKind.Fail, Target: SpanHub.Name));
                using var body = new ByteArrayContent(Shop().Requests().Single().Body);
                body.Headers.TryAddWithoutValidation("Content-Type", "application/json");
                using var answer = await app.WhileTimePassesAsync(app.App.Client.PostAsync("/v1/traces", body, CancellationToken.None));
                refused.Add(answer.StatusCode);
                app.Faults.Clear();
                await app.PostAsync(Shop());
            },
        }.RunAsync();
        Assert.Equal([HttpStatusCode.ServiceUnavailable], refused);

        Traffic Shop()
        {
            var traffic = new Traffic(app.Now);
            for (var i = 0; i < 40; i++)
                traffic.AddShop();
            return traffic;
        }
    }

    [Fact]
    public async Task QuarantineNotEmpty_tells_of_a_poisoned_event_until_it_is_deleted()
    {
        await using var app = await ScenarioApp.StartAsync();
        await new AlertScenario(app, "QuarantineNotEmpty")
        {
            Labels = ["reason=Not a frame: no event of spans at byte #."],
            Breaks = () => PoisonAsync(app, "no event of spans"u8.ToArray()),
            Heals = async () =>
            {
                var listed = Assert.Single((await app.App.GetJsonAsync("/api/quarantine")).GetProperty("events").EnumerateArray());
                using var answer = await app.App.Client.DeleteAsync($"/api/quarantine/{listed.GetProperty("id").GetString()}", CancellationToken.None);
                Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
            },
        }.RunAsync();
    }

    [Fact]
    public async Task ConservationViolated_names_the_service_whose_rows_are_lost_before_they_are_finalized()
    {
        await using var app = await ScenarioApp.StartAsync();
        var trace = Traffic.NextId();
        await new AlertScenario(app, "ConservationViolated")
        {
            Labels = ["protocol=otlp sender=opentelemetry/java/1.0 service=lost"],
            Breaks = async () =>
            {
                await app.PostAsync(new Traffic(app.Now).Add(new Traffic.Call("lost", trace, Traffic.NextId(), 0, SpanKind.Server, app.Now, 5)));
                await app.AssembledAsync();
                await DeleteTraceAsync(app, trace);
            },
        }.RunAsync();
        var minute = Assert.Single((await app.ConservationAsync()).GetProperty("minutes").EnumerateArray(), m => m.GetProperty("remainder").GetInt64() != 0);
        Assert.Equal((0, 1), (minute.GetProperty("notStored").GetInt64(), minute.GetProperty("notFinalized").GetInt64()));
        Assert.Equal("lost", Assert.Single(minute.GetProperty("sources").EnumerateArray()).GetProperty("service").GetString());
    }

    /// <summary>An event whose receipt is gone is one that was never assembled, as far as anybody can know.</summary>
    [Fact]
    public async Task ConservationViolated_tells_of_an_event_that_vanished()
    {
        await using var app = await ScenarioApp.StartAsync();
        string? partition = null;
        var sequence = -1L;
        await new AlertScenario(app, "ConservationViolated")
        {
            Labels = [""],
            Breaks = async () =>
            {
                var before = await LastReceiptsAsync(app);
                await app.PostAsync(new Traffic(app.Now).Add(new Traffic.Call("lost", Traffic.NextId(), Traffic.NextId(), 0, SpanKind.Server, app.Now, 5)));
                await app.AssembledAsync();
                var batch = Assert.Single((await LastReceiptsAsync(app)).Except(before));
                (partition, sequence) = (batch.Partition, batch.FirstSequence);
                await app.Storage.DeleteAsync(Table(app, DayTables.Receipts), RowKeys.Partition(batch.Partition), [batch.ToString(), RowKeys.LedgerOf(batch)], CancellationToken.None);
            },
        }.RunAsync();
        var conservation = await app.ConservationAsync();
        var hole = Assert.Single(conservation.GetProperty("holes").EnumerateArray());
        Assert.Equal((partition, sequence, sequence), (hole.GetProperty("partition").GetString(), hole.GetProperty("first").GetInt64(), hole.GetProperty("last").GetInt64()));
        Assert.False(conservation.GetProperty("conserved").GetBoolean());
    }

    internal static async Task PoisonAsync(ScenarioApp app, byte[] body, string? partition = null)
    {
        await using var producer = new EventHubProducerClient(app.App.ConnectionString, SpanHub.Name);
        using var batch = await producer.CreateBatchAsync(new CreateBatchOptions { PartitionId = partition }, CancellationToken.None);
        Assert.True(batch.TryAdd(new EventData(body)));
        await producer.SendAsync(batch, CancellationToken.None);
    }

    private static async Task DeleteTraceAsync(ScenarioApp app, ulong trace)
    {
        var (table, shard) = (Table(app, DayTables.Spans), RowKeys.Shard(Shards.Of(trace)));
        var keys = new List<string>();
        await foreach (var row in app.Storage.ReadAsync(table, shard, $"{trace:x16}", $"{trace:x16}~", 10, CancellationToken.None))
            keys.Add(row.RowKey);
        Assert.NotEmpty(keys);
        await app.Storage.DeleteAsync(table, shard, keys, CancellationToken.None);
    }

    private static async Task<HashSet<BatchId>> LastReceiptsAsync(ScenarioApp app)
    {
        var batches = new HashSet<BatchId>();
        foreach (var partition in (string[])["0", "1"])
        {
            await foreach (var row in app.Storage.ReadAsync(Table(app, DayTables.Receipts), RowKeys.Partition(partition), "", RowKeys.AfterReceipts, 500, CancellationToken.None))
                batches.Add(BatchId.Parse(row.RowKey));
        }

        return batches;
    }

    private static string Table(ScenarioApp app, string kind) => DayTables.Name(kind, DateOnly.FromDateTime(app.Now.UtcDateTime));
}
