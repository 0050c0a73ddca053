using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Finalizing;

/// <summary>Looks for services that do not forward trace headers. The host runs one at a time, however many instances there are.</summary>
public sealed class FindBreaksFunction(BreakFinder finder)
{
    /// <summary>Runs every minute.</summary>
    [Function("find-breaks")]
    public Task RunAsync([TimerTrigger("20 * * * * *")] TimerInfo timer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(timer);
        return finder.RunAsync(cancellation);
    }
}
