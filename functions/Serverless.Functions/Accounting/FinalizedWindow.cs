using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting;

/// <summary>What the finalizer did with the reports of a window of time: of items that are done for good.</summary>
internal sealed class FinalizedWindow(IReadOnlyDictionary<string, PlanCursor> settled, IReadOnlyDictionary<string, FinalizeProgress> progress)
{
    private const int MostSources = 3_000;
    private const int MostChars = 150_000;

    private readonly Dictionary<DateTimeOffset, LedgerCounts> _minutes = [];
    private readonly Dictionary<BatchId, (long Reports, DateTimeOffset LastAt)> _batches = [];
    private readonly List<(BatchId Batch, LedgerCounts Counts)> _withoutReceipt = [];

    public static FinalizedWindow None { get; } = new(new Dictionary<string, PlanCursor>(), new Dictionary<string, FinalizeProgress>());

    /// <summary>How far each partition of the hub <c>finalize</c> was done.</summary>
    public IReadOnlyDictionary<string, FinalizeProgress> Progress => progress;

    /// <summary>How many reports of a batch were finalized, and when the last of them were.</summary>
    public (long Reports, DateTimeOffset LastAt) Of(BatchId batch) => _batches.GetValueOrDefault(batch);

    /// <summary>Whether the planner has sent a batch's traces, and all that it had sent is done; but for those that younger batches bring again.</summary>
    public bool IsSettled(BatchId batch) =>
        settled.TryGetValue(batch.Partition, out var cursor) && string.CompareOrdinal(batch.ToString(), cursor.RowKey) <= 0;

    /// <summary>Takes a row of a minute.</summary>
    public void Add(DateTimeOffset minute, FinalizedReports reports, DateTimeOffset writtenAt)
    {
        CountsOf(minute).Add(reports.Counts);
        Add(reports, writtenAt);
    }

    /// <summary>Takes a row of a batch that had no receipt when it was finalized.</summary>
    public void Add(BatchId batch, FinalizedReports reports, DateTimeOffset writtenAt)
    {
        _withoutReceipt.Add((batch, reports.Counts));
        Add(reports, writtenAt);
    }

    /// <summary>The counts, by minute. Batches that have a receipt by now count in its minute, others are none.</summary>
    public IEnumerable<LedgerMinute> ToMinutes(IReadOnlyList<LedgerMinute> stored)
    {
        foreach (var (batch, counts) in _withoutReceipt)
        {
            if (stored.FirstOrDefault(minute => minute.Partition == batch.Partition && minute.Batches.Contains(batch)) is { } minute)
                CountsOf(minute.Minute).Add(counts);
        }

        _withoutReceipt.Clear();
        foreach (var (time, counts) in _minutes)
        {
            var minute = new LedgerMinute(LedgerMinute.OfFinalizer, time);
            minute.Counts.Add(counts);
            yield return minute;
        }
    }

    private LedgerCounts CountsOf(DateTimeOffset minute)
    {
        if (!_minutes.TryGetValue(minute, out var counts))
            _minutes.Add(minute, counts = new LedgerCounts(MostSources, MostChars));
        return counts;
    }

    private void Add(FinalizedReports reports, DateTimeOffset writtenAt)
    {
        foreach (var (batch, count) in reports.Batches)
        {
            var known = _batches.GetValueOrDefault(batch);
            _batches[batch] = (known.Reports + count, known.LastAt > writtenAt ? known.LastAt : writtenAt);
        }
    }
}
