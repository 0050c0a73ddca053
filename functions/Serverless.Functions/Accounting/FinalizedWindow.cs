using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting;

/// <summary>What the finalizer did with the reports of a window of time: of items that are done for good.</summary>
internal sealed class FinalizedWindow(IReadOnlyDictionary<string, PlanCursor> settled, IReadOnlyDictionary<string, FinalizeProgress> progress)
{
    // Of a batch that came again only the number is known.
    private static readonly LedgerSource Unknown = new(0, "", "", "");

    private const int MostSources = 3_000;
    private const int MostChars = 150_000;

    private readonly Dictionary<DateTimeOffset, LedgerCounts> _minutes = [];
    private readonly Dictionary<BatchId, (long Reports, DateTimeOffset LastAt)> _batches = [];
    private readonly HashSet<(DateTimeOffset Minute, BatchId Batch)> _batchesOfMinutes = [];
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
        foreach (var batch in reports.Batches.Keys)
            _batchesOfMinutes.Add((minute, batch));
        Add(reports, writtenAt);
    }

    /// <summary>Takes a row of a batch that had no receipt when it was finalized.</summary>
    public void Add(BatchId batch, FinalizedReports reports, DateTimeOffset writtenAt)
    {
        _withoutReceipt.Add((batch, reports.Counts));
        Add(reports, writtenAt);
    }

    /// <summary>
    /// The counts, by minute. Batches that had no receipt count in the minute where they have one by now, and else nowhere. Batches of a closed minute that the ledger does not
    /// know came again long after it was closed: their reports are replayed ones.
    /// </summary>
    public IReadOnlyList<LedgerMinute> ToMinutes(IReadOnlyList<LedgerMinute> stored, IReadOnlyList<(string Partition, DateTimeOffset Minute)> closedUntil)
    {
        var known = stored.SelectMany(minute => minute.Batches).ToHashSet();
        var closed = closedUntil.ToDictionary(partition => partition.Partition, partition => partition.Minute);
        foreach (var (minute, batch) in _batchesOfMinutes)
        {
            if (!known.Contains(batch) && closed.TryGetValue(batch.Partition, out var until) && minute <= until)
                CountsOf(minute).Add(Unknown, LedgerStage.Replayed, LedgerReason.None, _batches[batch].Reports);
        }

        _batchesOfMinutes.Clear();
        foreach (var (batch, counts) in _withoutReceipt)
        {
            if (known.Contains(batch) && stored.FirstOrDefault(minute => minute.Partition == batch.Partition && minute.Batches.Contains(batch)) is { } minute)
                CountsOf(minute.Minute).Add(counts);
        }

        _withoutReceipt.Clear();
        var minutes = new List<LedgerMinute>(_minutes.Count);
        foreach (var (time, counts) in _minutes)
        {
            var minute = new LedgerMinute(LedgerMinute.OfAll, time);
            minute.Counts.Add(counts);
            minutes.Add(minute);
        }

        return minutes;
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
