using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Store;

/// <summary>A silence as it is stored and as the API takes it: Alertmanager's shape.</summary>
public sealed record SilenceRecord
{
    /// <summary>Its id.</summary>
    public string? Id { get; init; }

    /// <summary>The labels.</summary>
    public IReadOnlyList<MatcherRecord>? Matchers { get; init; }

    /// <summary>From when; now where it is left out.</summary>
    public DateTimeOffset? StartsAt { get; init; }

    /// <summary>Until when.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>Who made it.</summary>
    public string? CreatedBy { get; init; }

    /// <summary>Why.</summary>
    public string? Comment { get; init; }

    /// <summary>The silence.</summary>
    /// <exception cref="ArgumentException">A matcher is malformed.</exception>
    public Silence ToSilence() => new()
    {
        Id = Id ?? "", Matchers = [.. (Matchers ?? []).Select(m => new LabelMatcher(m.Name, m.Value, m.IsEqual, m.IsRegex))],
        StartsAt = StartsAt ?? DateTimeOffset.MinValue, EndsAt = EndsAt ?? DateTimeOffset.MinValue, CreatedBy = CreatedBy ?? "", Comment = Comment ?? "",
    };
}
