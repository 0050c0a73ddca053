using Serverless.Functions.Aggregates;
using Serverless.Functions.Buffering;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;

namespace Serverless.Functions.Querying.Api;

/// <summary>
/// Which traces may have a verdict: those that the finalizer listed under it, and those that are not finalized yet. What is said of each is judged anew by
/// whoever reads it; all others need not be read.
/// </summary>
/// <remarks>
/// Traces in flight are found first, the lists are read then: what is no longer in flight is listed by that time.
/// A batch counts as in flight from its receipt on, which is written right behind its spans and search blocks; what lies between is told by
/// <see cref="VerdictList.IsNewer"/>.
/// </remarks>
public sealed class VerdictCandidates(TableStorage storage, DayTables tables, SpanHub spans, FinalizeHub finalize, FinalizeState state, TracingSettings settings)
{
    private const int PageRows = 100;
    private const int MostInFlight = 50_000;
    private const int MostTraces = 500_000;

    /// <summary>Those that have a span that starts in [from, to], in nanoseconds since 1970.</summary>
    /// <param name="verdicts">Any of these.</param>
    /// <param name="strict">Whether ids must be equal in all their bits.</param>
    /// <param name="fromNs">The first moment.</param>
    /// <param name="toNs">The last moment.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>Null where any trace may have one: the verdict is not listed, there are too many, or the lists cannot be read.</returns>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    internal async Task<VerdictList?> FindAsync(
        IReadOnlyList<VerdictKind> verdicts, bool strict, ulong fromNs, ulong toNs, CancellationToken cancellation)
    {
        // What is listed was judged with ids as the setting has them.
        if (verdicts.Count == 0 || verdicts.Contains(VerdictKind.Complete) || strict != settings.StrictTraceId)
            return null;
        try
        {
            var inFlight = new InFlightReceipts(storage, tables, spans, state);
            await inFlight.ReadAsync(MostInFlight, cancellation);
            if (inFlight.Traces.Count > MostInFlight)
                return null;
            var found = inFlight.Traces.Keys.ToHashSet();
            var partitions = await finalize.PartitionIdsAsync(cancellation);
            foreach (var day in await tables.DaysAsync(DayTables.Verdicts, cancellation))
            {
                var table = DayTables.Name(DayTables.Verdicts, day);
                await Task.WhenAll(partitions.SelectMany(partition => verdicts.Distinct().Select(
                    verdict => AddAsync(found, table, RowKeys.Partition(partition), verdict, fromNs, toNs, cancellation))));
            }

            return found.Count > MostTraces ? null : new VerdictList(found, inFlight.LastReceipted);
        }
        catch (Exception e) when (e is HubException or FormatException)
        {
            return null;
        }
    }

    private async Task AddAsync(
        HashSet<ulong> found, string table, string partitionKey, VerdictKind verdict, ulong fromNs, ulong toNs, CancellationToken cancellation)
    {
        const ulong apart = VerdictRow.MaxSpanOfStartsNs;
        var newest = toNs < ulong.MaxValue - (2 * apart) ? toNs + (2 * apart) : ulong.MaxValue;
        var oldest = fromNs - Math.Min(fromNs, apart);
        foreach (var key in new[] { VerdictRow.KeyOf(verdict, isOngoing: false), VerdictRow.KeyOf(verdict, isOngoing: true) })
        {
            await AddRangeAsync(RowKeys.VerdictRange(key, oldest, newest));
            // Traces without times, and those that are spread over days.
            if (oldest > apart)
                await AddRangeAsync(RowKeys.VerdictRange(key, 0, apart));
        }

        async Task AddRangeAsync((string From, string To) range)
        {
            await foreach (var row in storage.ReadAsync(table, partitionKey, range.From, range.To, PageRows, cancellation))
            {
                var listed = VerdictRow.FromRow(row).Traces;
                lock (found)
                {
                    foreach (var (id, _) in listed)
                        found.Add(id.Low);
                    if (found.Count > MostTraces)
                        return;
                }
            }
        }
    }
}
