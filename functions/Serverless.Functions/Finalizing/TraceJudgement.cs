using Serverless.Functions.Querying;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Finalizing;

/// <summary>Decides for one trace what is new in it since its summary, reads further days where it has to, and makes the next version.</summary>
internal sealed class TraceJudgement(
    TraceReader reader, PooledSpanDecoder? decoder, TracingSettings settings, TimeProvider clock, FinalizeItemId item, DateOnly day, IReadOnlyList<DateOnly> earlierDays)
{
    // A trace that looks complete may have begun just before midnight.
    private static readonly TimeSpan Slack = TimeSpan.FromHours(1);

    private readonly TimeSpan _lateAfter = TimeSpan.FromSeconds(settings.QuietSeconds);

    /// <summary>Reads the rows of the item's day.</summary>
    public async Task<StoredTraceRows> ReadAsync(ulong traceLow, CancellationToken cancellation)
    {
        var rows = new StoredTraceRows(traceLow, decoder);
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
            traces = stored.Assemble(stored.Rows, BreaksOf(rows, found), settings.StrictTraceId, _lateAfter);
            if (traces.Count == 0)
                return null;
        }

        return Finalize(traceLow, rows, traces!, BreaksOf(rows, found));
    }

    private FinalizedTrace Finalize(ulong traceLow, StoredTraceRows rows, IReadOnlyList<AssembledTrace> traces, IReadOnlyList<PropagationBreak> breaks)
    {
        var stored = rows.Decode(settings.MaxFinalizedSpans);
        var before = BatchesBefore(rows);
        if (stored.IsCut && before.Length > 0)
            throw new TraceSkippedException("too_many_spans", $"it has more than {settings.MaxFinalizedSpans} spans, and was finalized with fewer");
        var added = AddedTo(before, stored);
        var (now, then) = (default(AssembledTrace), default(AssembledTrace));
        StoredReports[] rowsBefore = [];
        if (added.Length > 0)
        {
            now = traces.Count == 1 ? traces[0] : AssembledTrace.Assemble(stored.Reports);
            rowsBefore = RowsOf(before, stored);
            if (rowsBefore.Length > 0)
                then = AssembledTrace.Assemble(StoredTrace.ReportsOf(rowsBefore));
        }

        var next = new SummaryRow
        {
            Version = before.Length + added.Length + breaks.Count,
            Item = item,
            FinalizedAt = clock.GetUtcNow(),
            Before = before,
            Added = [.. added.Select(row => row.Row)],
            IsCut = stored.IsCut,
            Breaks = breaks,
            Traces = [.. traces.Select(trace => trace.Summary)],
        };
        return new FinalizedTrace(traceLow, next, rows.Summaries.Find(summary => summary.Day == day)?.ETag, traces, added, rowsBefore, now, then);
    }

    private static StoredReports[] AddedTo(IncludedBatch[] before, StoredTrace stored)
    {
        // Nearly all traces come once, with one batch.
        if (before.Length == 0 && stored.Rows.Count == 1)
            return [stored.Rows[0]];
        var known = before.ToHashSet();
        return [.. stored.Rows.Where(row => known.Add(row.Row))];
    }

    private static StoredReports[] RowsOf(IncludedBatch[] before, StoredTrace stored)
    {
        if (before.Length == 0)
            return [];
        var counted = before.ToHashSet();
        return [.. stored.Rows.Where(row => counted.Contains(row.Row))];
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
        if (rows.Summaries.Count == 0 || rows.Summaries.Exists(summary => summary.Item == item))
            return true;
        if (rows.Summary is { IsCut: true })
            return false;
        if (found.Count > 0 && BreaksOf(rows, found).Length > BreaksOf(rows, []).Length)
            return true;
        var known = BatchesBefore(rows).ToHashSet();
        return rows.Batches.Any(batch => !known.Contains(batch));
    }

    // What this item itself wrote in an earlier attempt does not count as known. There is more than one summary where a trace goes on after days.
    private IncludedBatch[] BatchesBefore(StoredTraceRows rows) => rows.Summaries.Count == 0
        ? []
        : [.. rows.Summaries.SelectMany(summary => summary.Item == item ? summary.Before : summary.Included).Distinct()];

    private static PropagationBreak[] BreaksOf(StoredTraceRows rows, IReadOnlyList<PropagationBreak> found) => rows.Summaries.Count + found.Count == 0
        ? []
        : [.. rows.Summaries.SelectMany(summary => summary.Breaks).Concat(found).DistinctBy(KeyOf).Take(SummaryRow.MaxBreaks)];

    // Its times may change with the adjustment for skew.
    private static (SpanId Received, SpanId Opened, TraceId In, TraceId Of) KeyOf(PropagationBreak found) =>
        (found.Received.SpanId, found.Opened.SpanId, found.Received.TraceId, found.Opened.TraceId);

    private DateOnly[] MoreDays(StoredTraceRows rows, IReadOnlyList<AssembledTrace>? traces)
    {
        if (earlierDays.Count == 0)
            return [];
        var from = rows.HasRows ? day : DateOnly.MinValue;
        foreach (var trace in traces ?? [])
        {
            if (FirstDay(trace.Summary) is var first && first < from)
                from = first;
        }

        if (from == day && rows.Summaries.Count == 0)
            return [];
        var read = rows.Days.ToHashSet();
        var ofSummary = rows.Summaries.SelectMany(summary => summary.Included).Select(batch => batch.Day).ToHashSet();
        return [.. earlierDays.Where(earlier => !read.Contains(earlier) && (earlier >= from || ofSummary.Contains(earlier)))];
    }

    // What a trace lacks may have come any time before, and so may all of it where no span says when it was.
    private static DateOnly FirstDay(TraceSummary trace)
    {
        var isIncomplete = trace.OrphanCount > 0 || trace.Verdicts.Contains(VerdictKind.RootMissing) || trace.Verdicts.Contains(VerdictKind.ParentMissing);
        return isIncomplete || trace.StartNs == 0
            ? DateOnly.MinValue
            : DateOnly.FromDateTime(DateTime.UnixEpoch.AddTicks((long)(trace.StartNs / TimeSpan.NanosecondsPerTick)) - Slack);
    }
}
