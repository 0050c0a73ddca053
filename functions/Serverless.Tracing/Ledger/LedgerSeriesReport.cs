namespace Serverless.Tracing.Ledger;

/// <summary>
/// What a running total of a sender's own metrics said: how many spans it has lost since it started. How many more these are than before is derived
/// when the ledger's minute is closed (docs/ledger.md), never when it comes: instances do not know what others were told.
/// </summary>
/// <param name="Source">Who sent it.</param>
/// <param name="Series">What tells the total from others: a hash of resource, scope, name, attributes and start.</param>
/// <param name="Cause">What it counts.</param>
/// <param name="StartNs">Since when it counts, in nanoseconds since 1970; 0 where that is not known.</param>
/// <param name="TimeNs">When it was read, in nanoseconds since 1970; 0 where that is not known.</param>
/// <param name="Value">The total, in spans; not negative.</param>
public sealed record LedgerSeriesReport(LedgerSource Source, UInt128 Series, LedgerReason Cause, ulong StartNs, ulong TimeNs, long Value);
