using System.Globalization;
using Serverless.Tests.Scenarios;

namespace Serverless.Tests.Ledger;

/// <summary>Whatever goes wrong, alone or together: the ledger says of every span what became of it, and of none what did not.</summary>
public sealed class LossOracleTests
{
    private const int Rounds = 8;

    private static readonly string[] Settings =
    [
        "--Tracing:MaxBodyBytes", LossOracle.MaxBodyBytes.ToString(CultureInfo.InvariantCulture),
        "--Tracing:MaxDecodedBytes", LossOracle.MaxDecodedBytes.ToString(CultureInfo.InvariantCulture),
        "--Tracing:MaxPendingBytes", "1",
    ];

    public static TheoryData<string> Faults => [.. LossOracle.FaultNames];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task With_one_fault_the_ledger_names_the_fate_of_every_span(string fault)
    {
        await using var app = await ScenarioApp.StartAsync(Settings);
        var oracle = new LossOracle(app, seed: 1);
        await oracle.OrdinaryAsync();
        await oracle.RunAsync(fault);
        await app.PassAsync(ScenarioApp.Step);
        await oracle.RunAsync(fault);
        await oracle.OrdinaryAsync();
        await oracle.AssertAsync();
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task With_all_faults_together_the_ledger_names_the_fate_of_every_span(int seed)
    {
        await using var app = await ScenarioApp.StartAsync(Settings);
        var oracle = new LossOracle(app, seed);
        var random = new Random(seed);
        foreach (var faults in Enumerable.Range(0, Rounds).Select(_ => random.GetItems(LossOracle.FaultNames.ToArray(), 4)))
        {
            foreach (var fault in faults)
                await oracle.RunAsync(fault);
            await oracle.OrdinaryAsync();
            if (random.Next(2) == 0)
                await app.PassAsync(ScenarioApp.Step * random.Next(1, 4));
        }

        await oracle.AssertAsync();
    }
}
