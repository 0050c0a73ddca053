using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Serverless.Benchmarks.Budgets;
using Serverless.Benchmarks.Load;

// load [options]      drives a running system over HTTP and says what it cost (LoadOptions.Usage)
// budgets [--accept]  compares what every benchmark allocates with budgets.json
// anything else       is BenchmarkDotNet's own command line, for example --filter '*Otlp*'
switch (args)
{
    case ["load", .. var options]:
        return await LoadCommand.RunAsync(options);
    case ["budgets", .. var options]:
        return BudgetsCommand.Run(options);
    default:
        // In this process: this BenchmarkDotNet does not know .NET 10, so it cannot build a project for it.
        var job = (args.Contains("--short") ? Job.ShortRun : Job.Default).WithToolchain(InProcessEmitToolchain.Instance);
        var config = DefaultConfig.Instance.AddJob(job).AddDiagnoser(MemoryDiagnoser.Default);
        BenchmarkSwitcher.FromAssembly(typeof(LoadCommand).Assembly).Run([.. args.Except(["--short"])], config);
        return 0;
}
