using Serverless.Functions.Alerting.Evaluation;

namespace Serverless.Functions.Alerting.Store;

/// <summary>What one evaluation has to tell a receiver; written together with the states that changed, so that none is lost.</summary>
/// <param name="Receiver">Who.</param>
/// <param name="At">The time of the evaluation.</param>
/// <param name="Events">What.</param>
public sealed record OutboxEntry(string Receiver, DateTimeOffset At, IReadOnlyList<AlertEvent> Events);
