using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Finalizing;

/// <summary>Sends the traces that are quiet to be finalized. The host runs one at a time, however many instances there are.</summary>
public sealed class PlanFinalizeFunction(FinalizePlanner planner)
{
    /// <summary>Runs every ten seconds: each run is billed as a second at least, whether there is anything to do or not.</summary>
    [Function("plan-finalize")]
    public Task RunAsync([TimerTrigger("*/10 * * * * *")] TimerInfo timer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(timer);
        return planner.RunAsync(cancellation);
    }
}
