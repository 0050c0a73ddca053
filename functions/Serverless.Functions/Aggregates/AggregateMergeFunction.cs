using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Aggregates;

/// <summary>Merges the small rows of aggregates. The host runs one at a time, however many instances there are.</summary>
public sealed class AggregateMergeFunction(AggregateMerger merger)
{
    /// <summary>Runs every five minutes, twenty seconds after other timers.</summary>
    [Function("merge-aggregates")]
    public Task RunAsync([TimerTrigger("20 */5 * * * *")] TimerInfo timer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(timer);
        return merger.RunAsync(cancellation);
    }
}
