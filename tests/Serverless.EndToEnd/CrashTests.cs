using Serverless.EndToEnd.Harness;

namespace Serverless.EndToEnd;

public sealed class CrashTests
{
    private const int DefaultSeed = 20;
    private const string SeedVariable = "SERVERLESS_TEST_SEED";
    private const int Connections = 6;
    private const int StartsKilledOfFive = 1;
    private const int LongestStartMilliseconds = 1_000;

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), out var seed) ? seed : DefaultSeed;

    /// <summary>
    /// The promise of the whole system. The moments follow from a seed, but not what the system does then: a failure says which
    /// spans, and the folder's own log and tables are the evidence to look at. With delays, whatever is acknowledged or ticked off
    /// before it is durable stays so for milliseconds instead of microseconds, and no kill misses it. With payloads, segments of the
    /// hub and of the tables come to their end within seconds, and are replaced while they are written to.
    /// </summary>
    [Theory]
    [InlineData(20, 1_500, 0, 4, "")]
    [InlineData(6, 1_000, 0, 4, "hub.send:delay:1:30;hub.checkpoint:delay:0.5:30")]
    [InlineData(6, 1_000, 0, 4, "table.*:delay:0.5:30")]
    [InlineData(8, 1_500, 6_000, 1, "")]
    public async Task Every_acknowledged_span_is_found_exactly_once_after_kills_under_load(
        int kills, int longestBurstMilliseconds, int payloadChars, int partitions, string delays)
    {
        using var folder = new TestFolder();
        var load = new SpanLoad(new SpanSource((ulong)Seed, DateTimeOffset.UtcNow.AddMinutes(-5), payloadChars), Connections);
        var random = new Random(Seed);
        var killsWhileStarting = 0;
        string[] arguments = ["--partitions", $"{partitions}", "--faults", delays];
        for (var kill = 0; kill < kills; kill++)
        {
            if (kill % 5 < StartsKilledOfFive)
            {
                await KillWhileStartingAsync(folder.Path, arguments, random.Next(LongestStartMilliseconds));
                killsWhileStarting++;
            }

            await using var system = await SystemProcess.StartAsync(folder.Path, arguments);
            var running = load.RunAsync(system.Address, most: null, TestContext.Current.CancellationToken);
            await Task.Delay(random.Next(longestBurstMilliseconds), TestContext.Current.CancellationToken);
            system.Kill();
            await running;
        }

        await using var last = await SystemProcess.StartAsync(folder.Path);
        await load.RunAsync(last.Address, most: 0, TestContext.Current.CancellationToken);
        await new SpanCheck(load, last.Address).AssertAsync($", kills {kills} under load and {killsWhileStarting} while starting, payload {payloadChars}, partitions {partitions}, delays {delays}, seed {Seed}");
        Assert.Equal(0, await last.StopAsync());
        var receipts = await ReceiptCheck.AssertNoHolesAsync(folder.Path);
        TestContext.Current.TestOutputHelper?.WriteLine($"{receipts} receipts without a hole");
    }

    /// <summary>Recovery is work too, and what it leaves half done must not harm.</summary>
    private static async Task KillWhileStartingAsync(string folder, string[] arguments, int milliseconds)
    {
        await using var system = SystemProcess.Launch(folder, arguments);
        await Task.Delay(milliseconds, TestContext.Current.CancellationToken);
        system.Kill();
    }
}
