using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Accounting;

/// <summary>Closes the ledger's minutes, and sees to it that it is told what could not be told before. The host runs one at a time, however many instances there are.</summary>
public sealed class CloseMinutesFunction(MinuteCloser closer, LedgerTotalsStore totals, WorkTotalsStore work, LedgerSpill spill, ILogger<CloseMinutesFunction> logger)
{
    /// <summary>Runs at 20 seconds past each minute.</summary>
    [Function("close-minutes")]
    public async Task RunAsync([TimerTrigger("20 * * * * *")] TimerInfo timer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(timer);
        await SendKeptAsync(cancellation);
        await closer.RunAsync(cancellation);
        await totals.FoldAsync(cancellation);
        await work.FoldAsync(cancellation);
    }

    /// <summary>Sends what a process kept that is gone; what cannot be sent now holds up nothing.</summary>
    private async Task SendKeptAsync(CancellationToken cancellation)
    {
        try
        {
            await spill.SendAsync(cancellation);
        }
        catch (Exception e) when (e is HubException or StorageException)
        {
            logger.LogInformation(e, "What is kept for the ledger waits for the next minute: {Reason}", e.Message);
        }
    }
}
