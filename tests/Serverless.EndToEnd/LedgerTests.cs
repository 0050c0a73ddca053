using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Serverless.EndToEnd.Harness;

namespace Serverless.EndToEnd;

public sealed class LedgerTests
{
    private const int Seed = 9;
    private const int Connections = 6;
    private const int Kills = 6;
    private const int LongestBurstMilliseconds = 1_200;
    private const int PartitionsOfHub = 2;

    private const string Faults =
        "hub.send:fail:0.05;hub.send:loseanswer:0.05;hub.receive:fail:0.05;hub.checkpoint:fail:0.2;hub.checkpoint:redeliver:0.2;"
        + "table.*:fail:0.05;table.*:throttle:0.05;table.*:loseanswer:0.05";

    private static readonly string[] Dimensions = ["protocol", "service", "sender", "stage"];
    private static readonly string[] Compared = ["accepted", "resent", "stored", "finalized"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // Longer than the planner's interval.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(12);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>
    /// Every kill tears the logs' ends, cuts batches and has some delivered again: the ledger has every acknowledged span, says what was delivered twice,
    /// and misses nothing: by protocol, service and stage it has just what is in the hub's log.
    /// </summary>
    [Theory]
    [InlineData("")]
    [InlineData(Faults)]
    public async Task After_kills_under_load_the_ledger_has_every_acknowledged_span_and_misses_none(string faults)
    {
        using var folder = new TestFolder();
        var load = new SpanLoad(new SpanSource(Seed, DateTimeOffset.UtcNow.AddMinutes(-5)), Connections);
        var random = new Random(Seed);
        string[] arguments = ["--partitions", $"{PartitionsOfHub}", "--faults", faults];
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var system = await SystemProcess.StartAsync(folder.Path, arguments);
            var running = load.RunAsync(system.Address, most: null, Token);
            await Task.Delay(random.Next(300, LongestBurstMilliseconds), Token);
            system.Kill();
            await running;
        }

        // Quiet after a second, so that all is finalized soon.
        await using var last = await SystemProcess.StartAsync(
            folder.Path, ["--partitions", $"{PartitionsOfHub}"], new Dictionary<string, string> { ["Tracing__QuietSeconds"] = "1" });
        await load.RunAsync(last.Address, most: 0, Token);
        using var http = new HttpClient { BaseAddress = last.Address };
        var conservation = await Eventually.GetAsync(
            async () =>
            {
                var answer = await http.GetFromJsonAsync<JsonDocument>("/api/ledger/conservation", Token);
                return answer!.RootElement.GetProperty("hubLag").EnumerateArray().All(lag => lag.GetProperty("events").GetInt64() == 0) ? answer : null;
            },
            "everything is assembled");

        var root = conservation.RootElement;
        Assert.True(root.GetProperty("conserved").GetBoolean(), root.ToString());
        Assert.Empty(root.GetProperty("holes").EnumerateArray());
        var acknowledged = Enumerable.Range(0, (int)(load.TraceCount / SpanSource.TracesPerWindow * SpanSource.RequestsPerWindow))
            .Where(request => load.IsAcknowledged(request)).Sum(request => load.Source.SpansOf(request).Count());
        var minutes = root.GetProperty("minutes").EnumerateArray().ToArray();
        var (accepted, resent, stored) = (Sum("accepted"), Sum("resent"), Sum("stored"));
        Assert.InRange(acknowledged, 1, accepted);
        Assert.Equal(accepted + resent, stored);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{acknowledged} spans acknowledged, {accepted} accepted, {resent} resent, {stored} stored, {Sum("replayed")} replayed");

        var counts = await SettledCountsAsync(http);
        Assert.Equal(0, await last.StopAsync());
        var log = await HubLogCheck.ReadAsync(folder.Path);
        log.AssertHasAcknowledged(load);
        Assert.Equal(log.Counts, HubLogCheck.Text(counts.Where(count => Compared.Contains(count.Key[(count.Key.LastIndexOf(' ') + 1)..]))));
        Assert.Equal(log.Spans, SumOf(counts, "exported"));

        long Sum(string stage) => minutes.Sum(minute => minute.GetProperty(stage).GetInt64());
    }

    /// <summary>The ledger's counts, by protocol, service, sender and stage, once all that was stored has been finalized, and no more is.</summary>
    private static async Task<Dictionary<string, long>> SettledCountsAsync(HttpClient http)
    {
        var before = -1L;
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var counts = new Dictionary<string, long>();
            using var answer = await http.GetFromJsonAsync<JsonDocument>("/api/ledger?groupBy=protocol,service,sender,stage", Token);
            foreach (var row in answer!.RootElement.GetProperty("rows").EnumerateArray())
                counts[string.Join(' ', Dimensions.Select(name => row.GetProperty(name).GetString()))] = row.GetProperty("count").GetInt64();

            // What came again may wait until its trace gets more.
            var done = SumOf(counts, "finalized") + SumOf(counts, "deduped");
            if (done == before && done >= SumOf(counts, "stored"))
                return counts;
            before = done;
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"Not all was finalized within {Patience}: {HubLogCheck.Text(counts)}");
            await Task.Delay(BetweenLooks, Token);
        }
    }

    private static long SumOf(Dictionary<string, long> counts, string stage) =>
        counts.Where(count => count.Key.EndsWith(' ' + stage, StringComparison.Ordinal)).Sum(count => count.Value);
}
