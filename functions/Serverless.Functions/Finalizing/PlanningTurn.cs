using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Finalizing;

/// <summary>
/// Has one instance plan at a time, and not more often than every ten seconds. Were two to plan at once nothing would be wrong, but traces would be read twice.
/// </summary>
public sealed class PlanningTurn(FinalizePlanner planner, FinalizeState state, TimeProvider clock)
{
    /// <summary>The time between two plannings.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    // Of an instance that was killed while it planned, the next one does not wait for longer.
    private static readonly TimeSpan LongestTurn = FinalizePlanner.LongestRun + TimeSpan.FromSeconds(5);

    // Clocks of instances differ a little, and waits are not exact.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    /// <summary>Plans, unless another instance does, or did a moment ago.</summary>
    /// <returns>Whether it planned.</returns>
    /// <exception cref="StorageException">The tables cannot be read or written; what was not sent is sent by the next run.</exception>
    /// <exception cref="HubException">The hub cannot be reached; what was not sent is sent by the next run.</exception>
    public async Task<bool> TryRunAsync(CancellationToken cancellation)
    {
        var began = clock.GetUtcNow();
        try
        {
            var (until, etag) = await state.PlanningAsync(cancellation);
            // A time that far ahead is that of a clock that was wrong.
            if (until > began && until <= began + LongestTurn + Slack)
                return false;
            await state.WritePlanningAsync(began + LongestTurn, etag, cancellation);
        }
        catch (StorageConflictException)
        {
            return false;
        }

        try
        {
            await planner.RunAsync(cancellation);
        }
        finally
        {
            // Also when the app stops: who comes next need not wait.
            await EndAsync(began + Interval - Slack, CancellationToken.None);
        }

        return true;
    }

    private async Task EndAsync(DateTimeOffset until, CancellationToken cancellation)
    {
        try
        {
            var (_, etag) = await state.PlanningAsync(cancellation);
            await state.WritePlanningAsync(until, etag, cancellation);
        }
        catch (StorageConflictException)
        {
            // It took so long that another one took over.
        }
    }
}
