using Serverless.Functions.Buffering;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Querying;
using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Alerting.Measures;

/// <summary>
/// What is wrong with the traces of a window, by service: the lists of traces by verdict lead to them, and the traces themselves say the service. Where
/// there are very many, the newest are looked at and stand for the others.
/// </summary>
public sealed class TraceFindings(TableStorage storage, DayTables tables, SpanHub hub, TraceReader traces, TracingSettings settings)
{
    private const int MostTraces = 200;
    private const int AtOnce = 8;
    private const int PageRows = 100;

    // A larger one says enough by its first spans, and would take the memory of all others.
    private const int MostSpans = 20_000;

    private const ulong NanosecondsPerTick = 100;

    /// <summary>Spans whose parent did not come, of the traces that began in [from, to).</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="HubException">The hub cannot be asked for its partitions.</exception>
    public Task<IReadOnlyDictionary<string, double>> OrphansAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) =>
        CountAsync(VerdictKind.ParentMissing, from, to, Orphans, cancellation);

    /// <summary>Breaks of the context of the traces that began in [from, to), by the service that lost it.</summary>
    /// <inheritdoc cref="OrphansAsync"/>
    public Task<IReadOnlyDictionary<string, double>> BreaksAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) =>
        CountAsync(
            VerdictKind.PropagationBroken, from, to,
            // Both traces of a break have it; it counts in the one that it opened.
            (id, stored) => (stored.Summary?.Breaks ?? []).Where(found => found.Opened.TraceId == id).Select(found => (found.Service, 1)),
            cancellation);

    private IEnumerable<(string Service, int Count)> Orphans(TraceId id, StoredTrace stored) =>
        stored.Rows.Sum(row => row.Spans.Count) > MostSpans
            ? []
            : stored.Assemble(settings.StrictTraceId, TimeSpan.MaxValue)
                .Where(trace => !settings.StrictTraceId || trace.Summary.TraceId == id)
                .SelectMany(trace => trace.Tree.Findings)
                .Where(finding => finding.Oddity is TreeOddity.MissingParent or TreeOddity.MissingClientHalf)
                .Select(finding => (finding.Span.ServiceName, 1));

    private async Task<IReadOnlyDictionary<string, double>> CountAsync(
        VerdictKind verdict, DateTimeOffset from, DateTimeOffset to, Func<TraceId, StoredTrace, IEnumerable<(string Service, int Count)>> find,
        CancellationToken cancellation)
    {
        var ids = await ListAsync(verdict, Nanoseconds(from), Nanoseconds(to), cancellation);
        var looked = ids.OrderByDescending(trace => trace.Value).Take(MostTraces).ToArray();
        var counts = new Dictionary<string, double>(StringComparer.Ordinal);
        var gate = new Lock();
        await Parallel.ForEachAsync(looked, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (trace, stop) =>
        {
            var stored = await traces.ReadStoredAsync(trace.Key.Low, stop);
            var found = find(trace.Key, stored).ToArray();
            lock (gate)
            {
                foreach (var (service, count) in found)
                    counts[service] = counts.GetValueOrDefault(service) + count;
            }
        });
        var scale = looked.Length == 0 ? 1 : (double)ids.Count / looked.Length;
        return counts.ToDictionary(count => count.Key, count => count.Value * scale, StringComparer.Ordinal);
    }

    private async Task<Dictionary<TraceId, ulong>> ListAsync(VerdictKind verdict, ulong fromNs, ulong toNs, CancellationToken cancellation)
    {
        var found = new Dictionary<TraceId, ulong>();
        var (first, end) = RowKeys.VerdictRange((byte)verdict, fromNs, toNs + VerdictRow.MaxSpanOfStartsNs);
        // Spans arrive after they start; a day of grace is for senders whose clock is ahead.
        var oldest = DateOnly.FromDateTime(DateTime.UnixEpoch.AddTicks((long)(fromNs / NanosecondsPerTick))).AddDays(-1);
        foreach (var day in (await tables.DaysAsync(DayTables.Verdicts, cancellation)).Where(day => day >= oldest))
        {
            foreach (var partition in await hub.PartitionIdsAsync(cancellation))
            {
                await foreach (var row in storage.ReadAsync(
                    DayTables.Name(DayTables.Verdicts, day), RowKeys.Partition(partition), first, end, PageRows, cancellation))
                {
                    foreach (var (id, startNs) in VerdictRow.FromRow(row).Traces)
                    {
                        if (startNs >= fromNs && startNs < toNs)
                            found[id] = startNs;
                    }
                }
            }
        }

        return found;
    }

    private static ulong Nanoseconds(DateTimeOffset time) => (ulong)Math.Max(0, (time - DateTimeOffset.UnixEpoch).Ticks) * NanosecondsPerTick;
}
