namespace Serverless.Tracing.Alerting;

/// <summary>
/// The states of an alert: ok, pending, firing, resolved. The same evaluation at the same time gives the same state,
/// whoever makes it, so that it may be repeated.
/// </summary>
public static class AlertMachine
{
    /// <summary>How long a resolved alert is still shown.</summary>
    public static readonly TimeSpan ResolvedRetention = TimeSpan.FromMinutes(15);

    /// <summary>What an alert becomes by one evaluation.</summary>
    /// <param name="labels">The labels by which the rule's values are told apart.</param>
    /// <param name="before">What it was; null for ok.</param>
    /// <param name="isTrue">Whether the condition is met.</param>
    /// <param name="value">The value, where it is.</param>
    /// <param name="now">The time of the evaluation.</param>
    /// <param name="timing">The rule's timing.</param>
    /// <returns>What it is now; null for ok.</returns>
    public static AlertState? Step(LabelSet labels, AlertState? before, bool isTrue, double value, DateTimeOffset now, AlertTiming timing)
    {
        var isActive = before?.Status is AlertStatus.Pending or AlertStatus.Firing;
        if (isTrue)
        {
            var state = isActive
                ? before! with { TrueAt = now, Value = value }
                : new AlertState { Labels = labels, Status = AlertStatus.Pending, ActiveAt = now, TrueAt = now, Value = value };
            return state.Status == AlertStatus.Pending && now - state.ActiveAt >= timing.For
                ? state with { Status = AlertStatus.Firing, FiredAt = now }
                : state;
        }

        return before?.Status switch
        {
            AlertStatus.Firing when now - before.TrueAt < timing.KeepFiringFor => before,
            AlertStatus.Firing => before with { Status = AlertStatus.Resolved, ResolvedAt = now },
            AlertStatus.Resolved when now - before.ResolvedAt < ResolvedRetention => before,
            _ => null,
        };
    }
}
