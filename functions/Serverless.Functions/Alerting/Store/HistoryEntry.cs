using Serverless.Functions.Alerting.Evaluation;

namespace Serverless.Functions.Alerting.Store;

/// <summary>A line of the history: what an evaluation changed, or what became of a message.</summary>
/// <param name="At">When.</param>
/// <param name="Changes">The alerts that changed.</param>
/// <param name="Delivery">What became of a message, or null.</param>
public sealed record HistoryEntry(DateTimeOffset At, IReadOnlyList<AlertEvent> Changes, DeliveryRecord? Delivery);
