using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Serverless.Functions.Finalizing;

/// <summary>
/// Plans as soon as the traces that were assembled in this process are quiet, and every ten seconds while more come. Only a hint: an instance may be gone by then, and
/// what it leaves is planned by the timer each minute. So a system to which nothing comes runs no timer of ten seconds.
/// </summary>
public sealed class PromptPlanner(PlanningTurn turn, TracingSettings settings, TimeProvider clock, ILogger<PromptPlanner> logger)
    : IHostedService, IDisposable
{
    // For receipts that are written a moment after they are dated.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    // The start itself should not wait for it.
    private static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private DateTimeOffset _lastAssembled = DateTimeOffset.MinValue;
    private Task? _planning;

    /// <summary>Whether something is waited for.</summary>
    internal bool IsPlanning
    {
        get
        {
            lock (_gate)
                return _planning is not null;
        }
    }

    private TimeSpan Quiet => TimeSpan.FromSeconds(settings.QuietSeconds) + Slack;

    /// <summary>Something was assembled: it will be planned when it is quiet.</summary>
    public void Assembled()
    {
        lock (_gate)
        {
            _lastAssembled = clock.GetUtcNow();
            PlanAt(_lastAssembled + Quiet);
        }
    }

    /// <summary>Plans once, soon: there may be what instances that are gone have left.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            PlanAt(clock.GetUtcNow() + AfterStart);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Task? planning;
        lock (_gate)
        {
            _stopping.Cancel();
            planning = _planning;
        }

        if (planning is not null)
            await planning.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private void PlanAt(DateTimeOffset next)
    {
        if (_planning is null && !_stopping.IsCancellationRequested)
            _planning = Task.Run(() => PlanAsync(next, _stopping.Token));
    }

    private async Task PlanAsync(DateTimeOffset next, CancellationToken cancellation)
    {
        try
        {
            do
            {
                var wait = next - clock.GetUtcNow();
                if (wait > TimeSpan.Zero)
                    await Task.Delay(wait, clock, cancellation);
                next = clock.GetUtcNow() + PlanningTurn.Interval;
            }
            while (!IsOver(await TryPlanAsync(cancellation), next - PlanningTurn.Interval));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // What is left is planned by the timer.
        }
    }

    private async Task<bool> TryPlanAsync(CancellationToken cancellation)
    {
        try
        {
            return await turn.TryRunAsync(cancellation);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            // Whatever it is, it must not end the planning.
            logger.LogWarning(e, "Quiet traces could not be planned, and will be a little later: {Reason}", e.Message);
            return false;
        }
    }

    private bool IsOver(bool hasPlanned, DateTimeOffset began)
    {
        lock (_gate)
        {
            if (!hasPlanned || _lastAssembled + Quiet > began)
                return false;
            _planning = null;
            return true;
        }
    }
}
