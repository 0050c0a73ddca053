using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Probing;

/// <summary>Probes the system. The host runs one at a time, however many instances there are; without <c>Tracing:Probe:Url</c> it does nothing.</summary>
public sealed class ProbeFunction(Prober prober)
{
    /// <summary>Runs at 5 seconds past each minute, apart from what else runs at its beginning.</summary>
    [Function("probe")]
    public Task RunAsync([TimerTrigger("5 * * * * *")] TimerInfo timer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(timer);
        return prober.RunAsync(cancellation);
    }
}
