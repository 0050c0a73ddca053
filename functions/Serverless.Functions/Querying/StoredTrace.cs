using Serverless.Functions.Finalizing;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying;

/// <summary>All that is stored of the traces whose ids have the same low 64 bits.</summary>
/// <param name="Low">The low 64 bits.</param>
/// <param name="Rows">What the batches brought; the newest day first, batches in order.</param>
/// <param name="Summary">What the finalizer found out last; null where it was not there yet.</param>
public sealed record StoredTrace(ulong Low, IReadOnlyList<StoredReports> Rows, SummaryRow? Summary)
{
    /// <summary>There are more reports than were read.</summary>
    public bool IsCut { get; init; }

    /// <summary>All reports.</summary>
    public IReadOnlyList<Span> Reports => ReportsOf(Rows);

    /// <summary>Assembles and judges what was read: each full id by itself where ids are strict, else all as one trace. In the order of the ids.</summary>
    /// <param name="strict">Whether ids must be equal in all their bits.</param>
    /// <param name="lateAfter">A span that arrives after the trace was quiet for this long, and this long after its own end, is late.</param>
    /// <param name="options">How to assemble.</param>
    public IReadOnlyList<AssembledTrace> Assemble(bool strict, TimeSpan lateAfter, AssemblyOptions? options = null) =>
        Assemble(Rows, Summary?.Breaks ?? [], strict, lateAfter, options);

    internal IReadOnlyList<AssembledTrace> Assemble(
        IReadOnlyList<StoredReports> rows, IReadOnlyList<PropagationBreak> breaks, bool strict, TimeSpan lateAfter, AssemblyOptions? options = null) =>
        [.. Apart(rows, breaks, strict, lateAfter).Select(trace => AssembledTrace.Assemble(trace.Reports, options, trace.Context))];

    /// <summary>The reports of each trace, with what is known of it besides.</summary>
    internal IReadOnlyList<(IReadOnlyList<Span> Reports, JudgeContext Context)> Apart(bool strict, TimeSpan lateAfter) =>
        Apart(Rows, Summary?.Breaks ?? [], strict, lateAfter);

    /// <summary>One of those, merged.</summary>
    internal ReadTrace Merge((IReadOnlyList<Span> Reports, JudgeContext Context) trace) => new(
        SpanMerger.Merge(trace.Reports), trace.Context, Summary is { } summary ? new FinalizedVersion(summary.Version, summary.FinalizedAt) : null);

    /// <summary>The trace of an id, merged; without spans where there is none.</summary>
    internal ReadTrace Read(TraceId id, bool strict, TimeSpan lateAfter)
    {
        foreach (var trace in Apart(strict, lateAfter))
        {
            if (!strict || trace.Reports[0].TraceId == id)
                return Merge(trace);
        }

        return ReadTrace.None;
    }

    private IReadOnlyList<(IReadOnlyList<Span> Reports, JudgeContext Context)> Apart(
        IReadOnlyList<StoredReports> rows, IReadOnlyList<PropagationBreak> breaks, bool strict, TimeSpan lateAfter)
    {
        var reports = ReportsOf(rows);
        if (reports.Count == 0)
            return [];
        var context = new JudgeContext { Arrivals = ArrivalsOf(rows, lateAfter), LateAfter = lateAfter, IsCut = IsCut, Breaks = breaks };
        if (!strict || IsOfOneId(reports))
            return [(reports, context)];
        var ids = reports.Select(span => span.TraceId).Distinct().Order().ToArray();
        return [.. ids.Select(id => (
            (IReadOnlyList<Span>)[.. reports.Where(span => span.TraceId == id)],
            context with
            {
                Arrivals = [.. context.Arrivals.Select(arrival => arrival with { Spans = [.. arrival.Spans.Where(span => span.TraceId == id)] })],
                OtherWidth = Array.Find(ids, other => (other.High == 0) != (id.High == 0)),
                Breaks = [.. breaks.Where(found => found.Received.TraceId == id || found.Opened.TraceId == id)],
            }))];
    }

    internal static IReadOnlyList<Span> ReportsOf(IReadOnlyList<StoredReports> rows)
    {
        if (rows.Count == 1)
            return rows[0].Spans;
        var reports = new List<Span>(rows.Sum(row => row.Spans.Count));
        foreach (var row in rows)
            reports.AddRange(row.Spans);
        return reports;
    }

    // A span is late by its first report: where no report is, no span can be, and nothing has to be compared.
    internal static IReadOnlyList<SpanArrivals> ArrivalsOf(IReadOnlyList<StoredReports> rows, TimeSpan lateAfter) =>
        rows.Count > 1 && rows.Any(row => row.HasLate(lateAfter)) ? [.. rows.Select(row => row.Arrivals)] : [];

    private static bool IsOfOneId(IReadOnlyList<Span> reports)
    {
        for (var i = 1; i < reports.Count; i++)
        {
            if (reports[i].TraceId != reports[0].TraceId)
                return false;
        }

        return true;
    }
}
