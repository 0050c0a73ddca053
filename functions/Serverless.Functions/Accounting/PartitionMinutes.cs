using Serverless.Functions.Assembling;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting;

/// <summary>
/// Sorts what the ledger was told of a partition's batches into minutes: each event is counted once, however often and however cut it was delivered; what
/// no batch covers is a hole, what several cover an overlap.
/// </summary>
/// <param name="partition">The partition of the hub <c>spans</c>.</param>
/// <param name="next">The number of the first event that is not counted yet.</param>
/// <param name="closedUntil">The last minute that is closed: what comes of it is late.</param>
/// <param name="isResent">Whether the hub has an event twice, and this is not the one that counts.</param>
internal sealed class PartitionMinutes(string partition, long next, DateTimeOffset closedUntil, Func<LedgerEvent, bool> isResent)
{
    private readonly SortedDictionary<DateTimeOffset, LedgerMinute> _minutes = [];
    private readonly List<LedgerMinute> _late = [];
    private readonly List<SequenceRange> _holes = [];
    private long _next = next;

    /// <summary>The number of the first event that is not counted yet.</summary>
    public long Next => _next;

    /// <summary>The minutes that are not closed, the oldest first.</summary>
    public IReadOnlyCollection<LedgerMinute> Minutes => _minutes.Values;

    /// <summary>What came of closed minutes, one for each batch.</summary>
    public IReadOnlyList<LedgerMinute> Late => _late;

    /// <summary>Takes holes over that were told before, and may be filled.</summary>
    public void Know(IEnumerable<SequenceRange> holes) => _holes.AddRange(holes);

    /// <summary>Adds a batch; batches come in the order of their first event.</summary>
    public void Add(LedgerRow row)
    {
        LedgerMinute? minute;
        if (row.Minute <= closedUntil)
            _late.Add(minute = new LedgerMinute(partition, row.Minute));
        else if (!_minutes.TryGetValue(row.Minute, out minute))
            _minutes.Add(row.Minute, minute = new LedgerMinute(partition, row.Minute));
        minute.Batches.Add(row.Batch);
        for (var i = 0; i < row.Events.Count; i++)
            Add(minute, row.Events[i], row.Sections[i], row.AssembledAt);
        minute.Reach(_next);
    }

    private void Add(LedgerMinute minute, in LedgerEvent e, LedgerSection section, DateTimeOffset assembledAt)
    {
        if (e.Sequence < _next && !TryFill(minute, e.Sequence))
        {
            minute.CountReplay(e, section);
            return;
        }

        if (e.Sequence > _next)
            minute.Holes.Add(new SequenceRange(_next, e.Sequence - 1));
        _next = Math.Max(_next, e.Sequence + 1);
        minute.Count(e, section, assembledAt, isResent(e));
    }

    private bool TryFill(LedgerMinute minute, long sequence)
    {
        var at = _holes.FindIndex(hole => hole.First <= sequence && sequence <= hole.Last);
        if (at < 0)
            return false;
        var hole = _holes[at];
        _holes.RemoveAt(at);
        if (hole.First < sequence)
            _holes.Add(hole with { Last = sequence - 1 });
        if (sequence < hole.Last)
            _holes.Add(hole with { First = sequence + 1 });
        minute.Fill(sequence);
        return true;
    }
}
