using Serverless.EndToEnd.Harness;

namespace Serverless.EndToEnd;

public sealed class CrashTests
{
    private const int Seed = 20;
    private const int Kills = 20;
    private const int KillsWhileStarting = 4;
    private const int Connections = 6;
    private const int LongestBurstMilliseconds = 1_500;
    private const int LongestStartMilliseconds = 1_000;

    /// <summary>
    /// The promise of the whole system. The moments follow from a seed, but not what the system does then: a failure says which
    /// spans, and the folder's own log and tables are the evidence to look at.
    /// </summary>
    [Fact]
    public async Task Every_acknowledged_span_is_found_exactly_once_after_twenty_kills_under_load()
    {
        using var folder = new TestFolder();
        var load = new SpanLoad(new SpanSource(Seed, DateTimeOffset.UtcNow.AddMinutes(-5)), Connections);
        var random = new Random(Seed);
        for (var kill = 0; kill < Kills; kill++)
        {
            if (kill % (Kills / KillsWhileStarting) == 1)
                await KillWhileStartingAsync(folder.Path, random.Next(LongestStartMilliseconds));
            await using var system = await SystemProcess.StartAsync(folder.Path);
            var running = load.RunAsync(system.Address, most: null, TestContext.Current.CancellationToken);
            await Task.Delay(random.Next(LongestBurstMilliseconds), TestContext.Current.CancellationToken);
            system.Kill();
            await running;
        }

        await using var last = await SystemProcess.StartAsync(folder.Path);
        await load.RunAsync(last.Address, most: 0, TestContext.Current.CancellationToken);
        await new SpanCheck(load, last.Address).AssertAsync($", kills {Kills} under load and {KillsWhileStarting} while starting");
    }

    /// <summary>Recovery is work too, and what it leaves half done must not harm.</summary>
    private static async Task KillWhileStartingAsync(string folder, int milliseconds)
    {
        await using var system = SystemProcess.Launch(folder);
        await Task.Delay(milliseconds, TestContext.Current.CancellationToken);
        system.Kill();
    }
}
