namespace Serverless.Functions.Finalizing;

/// <summary>What the planner has sent once the receipts were planned up to some position.</summary>
/// <param name="Positions">The last receipt planned of each partition of the hub <c>spans</c>.</param>
/// <param name="Sent">The last event of each partition of the hub <c>finalize</c> then.</param>
internal sealed record PlanMark(IReadOnlyDictionary<string, PlanCursor> Positions, IReadOnlyDictionary<string, long> Sent)
{
    /// <summary>Whether all of that is finalized.</summary>
    public bool IsDone(IReadOnlyDictionary<string, FinalizeProgress> progress) =>
        Sent.All(sent => sent.Value < 0 || (progress.TryGetValue(sent.Key, out var done) && done.Sequence >= sent.Value));
}
