using Serverless.Functions.Accounting.Clients;
using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting;

/// <summary>What the ledger knows of a window of time.</summary>
/// <param name="Minutes">Its minutes, by partition, closed or not; of one minute and partition there are several where batches of it came late.</param>
/// <param name="ClosedUntil">For each partition the last minute that is closed.</param>
public sealed record LedgerWindow(IReadOnlyList<LedgerMinute> Minutes, IReadOnlyList<(string Partition, DateTimeOffset Minute)> ClosedUntil)
{
    /// <summary>What the finalizer did with the reports of the window; its counts are in <see cref="Minutes"/> too.</summary>
    internal FinalizedWindow Finalized { get; init; } = FinalizedWindow.None;

    /// <summary>What senders lost by their own account; what of it is in the window is in <see cref="Minutes"/> too.</summary>
    internal ClientWindow Clients { get; init; } = ClientWindow.None;

    /// <summary>All counts of the window.</summary>
    public LedgerCounts Counts()
    {
        var counts = new LedgerCounts(int.MaxValue / 2, int.MaxValue / 2);
        foreach (var minute in Minutes)
            counts.Add(minute.Counts);
        return counts;
    }

    /// <summary>From the moment a request came to the moment its spans were written, in nanoseconds, by span.</summary>
    public ExponentialHistogram Latency()
    {
        var latency = new ExponentialHistogram();
        foreach (var minute in Minutes)
            latency.Add(minute.Latency);
        return latency;
    }

    /// <summary>Events that no receipt covers, by partition, without those that a later one covered after all.</summary>
    public IEnumerable<(string Partition, SequenceRange Events)> Holes()
    {
        foreach (var partition in Minutes.GroupBy(minute => minute.Partition))
        {
            var filled = partition.SelectMany(minute => minute.Filled).OrderBy(range => range.First).ToList();
            foreach (var hole in partition.SelectMany(minute => minute.Holes).OrderBy(hole => hole.First))
            {
                var first = hole.First;
                foreach (var part in filled.Where(part => part.First >= hole.First && part.Last <= hole.Last))
                {
                    if (part.First > first)
                        yield return (partition.Key, new SequenceRange(first, part.First - 1));
                    first = part.Last + 1;
                }

                if (first <= hole.Last)
                    yield return (partition.Key, new SequenceRange(first, hole.Last));
            }
        }
    }
}
