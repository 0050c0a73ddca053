namespace Serverless.Tracing.Alerting;

/// <summary>For a time, alerts with certain labels are not sent to anybody.</summary>
public sealed record Silence
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>All of them have to match.</summary>
    public required IReadOnlyList<LabelMatcher> Matchers { get; init; }

    /// <summary>From when.</summary>
    public required DateTimeOffset StartsAt { get; init; }

    /// <summary>Until when.</summary>
    public required DateTimeOffset EndsAt { get; init; }

    /// <summary>Who made it.</summary>
    public string CreatedBy { get; init; } = "";

    /// <summary>Why.</summary>
    public string Comment { get; init; } = "";

    /// <summary>Whether an alert is silenced by it.</summary>
    public bool Silences(LabelSet labels, DateTimeOffset now) =>
        now >= StartsAt && now < EndsAt && Matchers.All(matcher => matcher.Matches(labels));
}
