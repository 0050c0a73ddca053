using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Buffering;

namespace Serverless.Functions.Accounting;

/// <summary>Closes the ledger's minutes, and sees to it that it is told what could not be told before. The host runs one at a time, however many instances there are.</summary>
public sealed class CloseMinutesFunction(MinuteCloser closer, LedgerTotalsStore totals, WorkTotalsStore work, LedgerSpill spill)
{
    /// <summary>Runs at 20 seconds past each minute.</summary>
    [Function("close-minutes")]
    public async Task RunAsync([TimerTrigger("20 * * * * *")] TimerInfo timer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(timer);
        await closer.RunAsync(cancellation);
        await totals.FoldAsync(cancellation);
        await work.FoldAsync(cancellation);
        // What a process kept that is gone.
        await spill.SendAsync(cancellation);
    }
}
