using System.Text.Json.Serialization;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Evaluation;

/// <summary>What is kept of a rule between its evaluations: one row, so that all of its alerts change together or not at all.</summary>
public sealed record RuleState
{
    /// <summary>The rule.</summary>
    public required string Rule { get; init; }

    /// <summary>Its file.</summary>
    public required string File { get; init; }

    /// <summary>The labels of all of its alerts: what is said of them when the rule itself is gone has to have them still.</summary>
    public LabelSet RuleLabels { get; init; } = LabelSet.Empty;

    /// <summary>The alerts that are not ok.</summary>
    public IReadOnlyList<AlertState> Alerts { get; init; } = [];

    /// <summary>When it was last evaluated.</summary>
    public DateTimeOffset EvaluatedAt { get; init; }

    /// <summary>How long that took, in seconds.</summary>
    public double EvaluationSeconds { get; init; }

    /// <summary>Why it could not be evaluated; null where it could.</summary>
    public string? Error { get; init; }

    /// <summary>What has to be presented to replace the row; null where there is none yet.</summary>
    [JsonIgnore]
    public string? ETag { get; init; }
}
