using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Evaluation;

/// <summary>Something that happened to an alert, with all that a receiver is told: it is understood when the rule is long gone.</summary>
public sealed record AlertEvent
{
    /// <summary>The rule.</summary>
    public required string Rule { get; init; }

    /// <summary>What the alert was.</summary>
    public required AlertStatus From { get; init; }

    /// <summary>What it is; the same for one that is told again.</summary>
    public required AlertStatus To { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>All labels, name and severity included.</summary>
    public required LabelSet Labels { get; init; }

    /// <summary>What is said about it.</summary>
    public required LabelSet Annotations { get; init; }

    /// <summary>The value when the condition was last met.</summary>
    public required double Value { get; init; }

    /// <summary>When it began to fire.</summary>
    public DateTimeOffset? FiredAt { get; init; }

    /// <summary>When it was resolved.</summary>
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>The silence because of which nobody was told; null where there was none.</summary>
    public string? SilencedBy { get; init; }

    /// <summary>True where the alert has not changed and is told again.</summary>
    public bool IsRepeat { get; init; }
}
