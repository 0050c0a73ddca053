using Serverless.Functions.Alerting.Delivery;
using Serverless.Functions.Alerting.Evaluation;

namespace Serverless.Functions.Alerting;

/// <summary>Evaluates the alert rules and sends what there is to tell.</summary>
/// <remarks>
/// Rules are evaluated once a minute. A message that waits for others of its group, or is to be tried again before the next minute, is waited for here: time that is
/// billed only where there is something to tell.
/// </remarks>
internal sealed class AlertRound(AlertEvaluation evaluation, NotificationMaker maker, AlertDelivery delivery, TimeProvider clock)
{
    // The next round begins a minute after this one did.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(45);

    // What is due now and is not sent waits for another message.
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(5);

    /// <summary>Until when a message is waited for; null while none is.</summary>
    public DateTimeOffset? WaitsUntil { get; private set; }

    /// <summary>One round.</summary>
    /// <exception cref="Storage.StorageException">The table of alerts cannot be read or written; nothing is lost by trying again.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var end = clock.GetUtcNow() + LongestWait;
        await evaluation.RunAsync(cancellation);
        while (true)
        {
            var toMake = await maker.RunAsync(cancellation);
            var toSend = await delivery.RunAsync(cancellation);
            if ((toMake < toSend || toSend is null ? toMake : toSend) is not { } next)
                return;
            var soonest = clock.GetUtcNow() + ShortestWait;
            next = next > soonest ? next : soonest;
            if (next > end)
                return;
            WaitsUntil = next;
            await Task.Delay(next - clock.GetUtcNow(), clock, cancellation);
            WaitsUntil = null;
        }
    }
}
