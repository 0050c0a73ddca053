using Serverless.Functions.Querying;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Finalizing;

/// <summary>Decides for one trace what is new in it since its summary, reads further days where it has to, and makes the next version.</summary>
internal sealed class TraceJudgement(TraceReader reader, TracingSettings settings, TimeProvider clock, FinalizeItemId item, DateOnly day, IReadOnlyList<DateOnly> earlierDays)
{
    // A trace that looks complete may have begun just before midnight; one that does not may lack what came long before.
    private static readonly TimeSpan SlackOfComplete = TimeSpan.FromHours(1);
    private static readonly TimeSpan SlackOfIncomplete = TimeSpan.FromHours(24);

    private readonly TimeSpan _lateAfter = TimeSpan.FromSeconds(settings.QuietSeconds);

    /// <summary>Reads the rows of the item's day.</summary>
    public async Task<StoredTraceRows> ReadAsync(ulong traceLow, CancellationToken cancellation)
    {
        var rows = new StoredTraceRows(traceLow);
        await reader.ReadDaysAsync(rows, traceLow, [day], cancellation);
        return rows;
    }

    /// <summary>The trace's next version; null where nothing is new.</summary>
    /// <param name="traceLow">The low 64 bits of its id.</param>
    /// <param name="rows">The rows of the item's day.</param>
    /// <param name="found">Breaks of propagation that were found of it.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="TraceSkippedException">It cannot be finalized.</exception>
    public async Task<FinalizedTrace?> FinalizeAsync(
        ulong traceLow, StoredTraceRows rows, IReadOnlyList<PropagationBreak> found, CancellationToken cancellation)
    {
        IReadOnlyList<AssembledTrace>? traces = null;
        while (true)
        {
            var more = MoreDays(rows, traces);
            if (more.Length > 0)
            {
                var had = rows.Count;
                await reader.ReadDaysAsync(rows, traceLow, more, cancellation);
                if (traces is not null && rows.Count == had)
                    break;
                traces = null;
                continue;
            }

            if (traces is not null)
                break;
            Check(rows);
            if (!IsNew(rows, found))
                return null;
            var stored = rows.Decode(settings.MaxFinalizedSpans);
            traces = stored.Assemble(stored.Rows, BreaksOf(rows.Summary, found), settings.StrictTraceId, _lateAfter);
            if (traces.Count == 0)
                return null;
        }

        return Finalize(traceLow, rows.Decode(settings.MaxFinalizedSpans), traces!, BreaksOf(rows.Summary, found));
    }

    private FinalizedTrace? Finalize(ulong traceLow, StoredTrace stored, IReadOnlyList<AssembledTrace> traces, IReadOnlyList<PropagationBreak> breaks)
    {
        var summary = stored.Summary;
        var before = BatchesBefore(summary);
        if (stored.IsCut && before.Count > 0)
            throw new TraceSkippedException("too_many_spans", $"it has more than {settings.MaxFinalizedSpans} spans, and was finalized with fewer");
        var known = before.ToHashSet();
        var added = stored.Rows.Where(row => known.Add(row.Row)).ToArray();
        var (now, then) = (default(AssembledTrace), default(AssembledTrace));
        if (added.Length > 0)
        {
            now = traces.Count == 1 ? traces[0] : AssembledTrace.Assemble(stored.Reports);
            known = [.. before];
            var rowsBefore = before.Count > 0 ? stored.Rows.Where(row => known.Contains(row.Row)).ToArray() : [];
            if (rowsBefore.Length > 0)
                then = AssembledTrace.Assemble(StoredTrace.ReportsOf(rowsBefore));
        }

        var next = new SummaryRow
        {
            Version = before.Count + added.Length + breaks.Count,
            Item = item,
            FinalizedAt = clock.GetUtcNow(),
            Before = before,
            Added = [.. added.Select(row => row.Row)],
            IsCut = stored.IsCut,
            Breaks = breaks,
            Traces = [.. traces.Select(trace => trace.Summary)],
        };
        return new FinalizedTrace(traceLow, next, summary?.Day == day ? summary.ETag : null, traces, added, now, then);
    }

    private static void Check(StoredTraceRows rows)
    {
        if (rows.SummaryDamage is { } damage)
            throw new TraceSkippedException("damaged", damage);
        if (rows.Count > SummaryRow.MaxBatches)
            throw new TraceSkippedException("too_many_batches", $"it came in more than {SummaryRow.MaxBatches} batches");
    }

    private bool IsNew(StoredTraceRows rows, IReadOnlyList<PropagationBreak> found)
    {
        if (rows.Summary is not { } summary || summary.Item == item)
            return true;
        if (summary.IsCut)
            return false;
        if (BreaksOf(summary, found).Count > summary.Breaks.Count)
            return true;
        var known = summary.Included.ToHashSet();
        return rows.Batches.Any(batch => !known.Contains(batch));
    }

    // What this item itself wrote in an earlier attempt does not count as known.
    private IReadOnlyList<IncludedBatch> BatchesBefore(SummaryRow? summary) =>
        summary is null ? [] : summary.Item == item ? summary.Before : [.. summary.Included];

    private static IReadOnlyList<PropagationBreak> BreaksOf(SummaryRow? summary, IReadOnlyList<PropagationBreak> found)
    {
        if (found.Count == 0)
            return summary?.Breaks ?? [];
        return [.. (summary?.Breaks ?? []).Concat(found).DistinctBy(KeyOf).Take(SummaryRow.MaxBreaks)];
    }

    // Its times may change with the adjustment for skew.
    private static (SpanId Received, SpanId Opened, TraceId In, TraceId Of) KeyOf(PropagationBreak found) =>
        (found.Received.SpanId, found.Opened.SpanId, found.Received.TraceId, found.Opened.TraceId);

    private DateOnly[] MoreDays(StoredTraceRows rows, IReadOnlyList<AssembledTrace>? traces)
    {
        if (earlierDays.Count == 0)
            return [];
        var read = rows.Days.ToHashSet();
        var from = rows.HasRows ? day : DateOnly.MinValue;
        foreach (var trace in traces ?? [])
        {
            if (FirstDay(trace.Summary) is var first && first < from)
                from = first;
        }

        var ofSummary = rows.Summary?.Included.Select(batch => batch.Day).ToHashSet() ?? [];
        return [.. earlierDays.Where(earlier => !read.Contains(earlier) && (earlier >= from || ofSummary.Contains(earlier)))];
    }

    private static DateOnly FirstDay(TraceSummary trace)
    {
        var isIncomplete = trace.OrphanCount > 0 || trace.Verdicts.Contains(VerdictKind.RootMissing) || trace.Verdicts.Contains(VerdictKind.ParentMissing);
        var start = DateTime.UnixEpoch.AddTicks((long)(trace.StartNs / TimeSpan.NanosecondsPerTick));
        return DateOnly.FromDateTime(start == DateTime.UnixEpoch ? start : start - (isIncomplete ? SlackOfIncomplete : SlackOfComplete));
    }
}
