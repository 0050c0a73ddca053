using System.Diagnostics;
using Serverless.EndToEnd.Harness;

namespace Serverless.EndToEnd;

public sealed class FinalizeCrashTests
{
    private const int Seed = 21;
    private const int Connections = 4;
    private const int MostRequestsPerBurst = 400;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // Quiet after a second, so that finalizing is under way all the time.
    private static readonly Dictionary<string, string> Settings = new() { ["Tracing__QuietSeconds"] = "1" };

    /// <summary>Spans of a trace come seconds apart, so that traces are finalized more than once, and the process is killed while it does.</summary>
    [Theory]
    [InlineData(8, "")]
    [InlineData(5, "table.*:delay:0.3:20;hub.send:loseanswer:0.05;table.transaction:loseanswer:0.05")]
    public async Task After_kills_under_load_the_aggregates_are_those_of_the_traces(int kills, string faults)
    {
        using var folder = new TestFolder();
        var load = new SpanLoad(new SpanSource(Seed, DateTimeOffset.UtcNow.AddMinutes(-1)), Connections);
        var random = new Random(Seed);
        string[] arguments = ["--partitions", "3", "--faults", faults];
        for (var kill = 0; kill < kills; kill++)
        {
            await using var system = await SystemProcess.StartAsync(folder.Path, arguments, Settings);
            await load.RunAsync(system.Address, MostRequestsPerBurst, TestContext.Current.CancellationToken);
            await Task.Delay(random.Next(1_000, 7_000), TestContext.Current.CancellationToken);
            system.Kill();
        }

        await using (var last = await SystemProcess.StartAsync(folder.Path, environment: Settings))
        {
            await load.RunAsync(last.Address, most: 0, TestContext.Current.CancellationToken);
            await new SpanCheck(load, last.Address).AssertAsync($", kills {kills}, faults {faults}, seed {Seed}");
        }

        await SettleAsync(folder.Path);
        var spans = await FinalizeCheck.AssertAggregatesAsync(folder.Path);
        Assert.True(spans > 1_000, $"only {spans} spans were counted");
        TestContext.Current.TestOutputHelper?.WriteLine($"{spans} spans counted exactly after {kills} kills");
    }

    /// <summary>Runs the system until nothing is left to be finalized.</summary>
    private static async Task SettleAsync(string folder)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await FinalizeCheck.IsSettledAsync(folder))
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"Not all was finalized within {Patience}.");
            await using var system = await SystemProcess.StartAsync(folder, environment: Settings);
            await Task.Delay(TimeSpan.FromSeconds(8), TestContext.Current.CancellationToken);
            Assert.Equal(0, await system.StopAsync());
        }
    }
}
