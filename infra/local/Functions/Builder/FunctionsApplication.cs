using Serverless.Local;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>The entry to building a function app.</summary>
public class FunctionsApplication
{
    /// <summary>
    /// A builder with the defaults of the host. The local one also reads the runner's options from the arguments (<see cref="RunnerOptions"/>)
    /// and opens the data folder; where that fails it says why on the standard error and ends the process with exit code 1.
    /// </summary>
    public static FunctionsApplicationBuilder CreateBuilder(string[] args) =>
        ProgramExit.Guard(() => new FunctionsApplicationBuilder(args, new RunnerSetup { ExitsProcess = true }), exits: true);
}
