namespace Serverless.Tracing.Ledger;

/// <summary>What a count of the ledger is of.</summary>
/// <param name="Source">Who sent it.</param>
/// <param name="Stage">What became of it.</param>
/// <param name="Reason">Why, where the stage has reasons.</param>
public readonly record struct LedgerKey(LedgerSource Source, LedgerStage Stage, LedgerReason Reason = LedgerReason.None);
