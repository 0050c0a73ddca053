namespace Serverless.Tracing.Alerting;

/// <summary>What an alert may be.</summary>
public enum AlertStatus
{
    /// <summary>The condition is not met.</summary>
    Ok = 0,

    /// <summary>The condition is met, but not yet for as long as the rule asks for.</summary>
    Pending = 1,

    /// <summary>The condition has been met for long enough.</summary>
    Firing = 2,

    /// <summary>It fired, and the condition is no longer met.</summary>
    Resolved = 3,
}
