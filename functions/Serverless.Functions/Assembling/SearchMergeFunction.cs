using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Assembling;

/// <summary>Merges the small search blocks of closed hours. The host runs one at a time, however many instances there are.</summary>
public sealed class SearchMergeFunction(SearchMerger merger)
{
    /// <summary>Runs at ten past each hour.</summary>
    [Function("merge-search")]
    public Task RunAsync([TimerTrigger("0 10 * * * *")] TimerInfo timer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(timer);
        return merger.RunAsync(cancellation);
    }
}
