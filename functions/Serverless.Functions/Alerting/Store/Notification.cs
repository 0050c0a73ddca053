using System.Text.Json.Serialization;
using Serverless.Functions.Alerting.Evaluation;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Store;

/// <summary>A message to a receiver. What it says and its id stay the same however often it is tried.</summary>
public sealed record Notification
{
    /// <summary>By which a receiver recognises one that it has had.</summary>
    public required string Id { get; init; }

    /// <summary>Who.</summary>
    public required string Receiver { get; init; }

    /// <summary>What its alerts have in common.</summary>
    public required LabelSet GroupLabels { get; init; }

    /// <summary>What happened, in the order of time.</summary>
    public required IReadOnlyList<AlertEvent> Events { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Until when it is tried.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>When it is tried next.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; init; }

    /// <summary>Why the last try failed.</summary>
    public string? Error { get; init; }

    /// <summary>Whether anything that it tells of still fires.</summary>
    [JsonIgnore]
    public bool IsFiring => Events.GroupBy(e => e.Labels).Any(g => g.Last().To == AlertStatus.Firing);
}
