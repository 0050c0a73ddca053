using BenchmarkDotNet.Running;
using Serverless.Benchmarks.Load;

// load …    drives a running system over HTTP and says what it cost (see LoadOptions.Usage)
// otherwise BenchmarkDotNet's own command line, for example --filter '*Otlp*'
switch (args)
{
    case ["load", .. var options]:
        return await LoadCommand.RunAsync(options);
    default:
        BenchmarkSwitcher.FromAssembly(typeof(LoadCommand).Assembly).Run(args);
        return 0;
}
