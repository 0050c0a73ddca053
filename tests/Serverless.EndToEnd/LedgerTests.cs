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

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>
    /// Every kill tears the logs' ends, cuts batches and has some delivered again: the ledger has every acknowledged span, says what was delivered twice,
    /// and misses nothing.
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

        await using var last = await SystemProcess.StartAsync(folder.Path, ["--partitions", $"{PartitionsOfHub}"]);
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

        long Sum(string stage) => minutes.Sum(minute => minute.GetProperty(stage).GetInt64());
    }
}
