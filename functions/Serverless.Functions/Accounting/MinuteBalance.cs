using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting;

/// <summary>
/// Whether of a minute what came in is what came out: accepted + resent + replayed = finalized + deduped + quarantined + discarded + in flight + remainder.
/// </summary>
/// <param name="Minute">The minute in which the hub took the events.</param>
/// <param name="Counts">All its counts, of all partitions.</param>
public sealed record MinuteBalance(DateTimeOffset Minute, LedgerCounts Counts)
{
    /// <summary>All its events have been assembled.</summary>
    public bool IsClosed { get; init; }

    /// <summary>All that was stored in it should be finalized, but for traces that go on.</summary>
    public bool IsSettled { get; init; }

    /// <summary>Stored reports that are not finalized, and need not be yet.</summary>
    public long InFlight { get; init; }

    /// <summary>Accepted spans that are neither stored nor accounted for; there should be none.</summary>
    public long NotStored { get; init; }

    /// <summary>Stored reports that should be finalized and are not, or, below 0, that were finalized and never stored; there should be none.</summary>
    public long NotFinalized { get; init; }

    /// <summary>By source what does not add up; only where something does not.</summary>
    public IReadOnlyList<(LedgerSource Source, long Reports)> Sources { get; init; } = [];

    /// <summary>The batches of which not all reports were finalized; only where that is amiss.</summary>
    public IReadOnlyList<BatchRemainder> Batches { get; init; } = [];

    /// <summary>Nothing is amiss.</summary>
    public bool IsConserved => NotStored == 0 && NotFinalized == 0;
}
