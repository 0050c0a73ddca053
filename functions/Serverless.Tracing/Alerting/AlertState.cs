namespace Serverless.Tracing.Alerting;

/// <summary>The alert of one rule and one set of labels, from when its condition was first met until it is forgotten.</summary>
public sealed record AlertState
{
    /// <summary>The labels by which the rule's values are told apart.</summary>
    public required LabelSet Labels { get; init; }

    /// <summary>What it is now; never <see cref="AlertStatus.Ok"/>, which is to have no state.</summary>
    public required AlertStatus Status { get; init; }

    /// <summary>Since when the condition has been met.</summary>
    public required DateTimeOffset ActiveAt { get; init; }

    /// <summary>When the condition was last met.</summary>
    public required DateTimeOffset TrueAt { get; init; }

    /// <summary>The value when the condition was last met.</summary>
    public required double Value { get; init; }

    /// <summary>What there is to say besides the value; null for nothing.</summary>
    public string? Detail { get; init; }

    /// <summary>When it began to fire.</summary>
    public DateTimeOffset? FiredAt { get; init; }

    /// <summary>When it was resolved.</summary>
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>When it was last handed to the receivers as firing; null where that was not yet done, for instance because it is silenced.</summary>
    public DateTimeOffset? NotifiedAt { get; init; }
}
