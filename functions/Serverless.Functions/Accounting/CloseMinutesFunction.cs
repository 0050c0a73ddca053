using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Accounting;

/// <summary>Closes the ledger's minutes. The host runs one at a time, however many instances there are.</summary>
public sealed class CloseMinutesFunction(MinuteCloser closer, LedgerTotalsStore totals, WorkTotalsStore work)
{
    /// <summary>Runs at 20 seconds past each minute.</summary>
    [Function("close-minutes")]
    public async Task RunAsync([TimerTrigger("20 * * * * *")] TimerInfo timer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(timer);
        await closer.RunAsync(cancellation);
        await totals.FoldAsync(cancellation);
        await work.FoldAsync(cancellation);
    }
}
