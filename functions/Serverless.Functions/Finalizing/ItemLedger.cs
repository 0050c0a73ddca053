using System.Runtime.InteropServices;
using Serverless.Functions.Accounting;
using Serverless.Functions.Querying;
using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Finalizing;

/// <summary>
/// Counts for the ledger what an attempt at an item makes of reports: of each span the first report is finalized, others are folded into it. Of all reports that a
/// trace has got since it was finalized last, each is one or the other; so both are what is new, as the aggregates are.
/// </summary>
/// <param name="receipts">Tells the minutes of batches.</param>
/// <param name="strict">Whether trace ids of 64 and of 128 bits are different traces.</param>
internal sealed class ItemLedger(ReceiptMinutes receipts, bool strict)
{
    // More batches without receipts are counted together: that is one that a crash cut off, not many.
    private const int MostWithoutReceipt = 200;

    // Those of one item; what is forgotten is told from its resource again.
    private const int MostSources = 4_096;

    private readonly Dictionary<DateTimeOffset, FinalizedReports> _minutes = [];
    private readonly Dictionary<BatchId, FinalizedReports> _withoutReceipt = [];
    private readonly Dictionary<(Resource Resource, SpanProtocol Protocol), LedgerSource> _sources = [];

    /// <summary>Counts what a trace got.</summary>
    /// <param name="trace">Its next version.</param>
    /// <param name="isExported">Whether its spans go to analytics.</param>
    /// <param name="cancellation">Ends the reading of receipts.</param>
    public async ValueTask AddAsync(FinalizedTrace trace, bool isExported, CancellationToken cancellation)
    {
        if (trace.Added.Count == 0)
            return;
        var spans = HasRepeats(trace) ? new ReportedSpans(strict) : null;
        if (spans is not null)
        {
            // A batch that was cut off by a crash comes again, cut differently: that one counts.
            foreach (var row in trace.Known)
            {
                if (await receipts.FindAsync(row.Row, cancellation) is not null)
                    spans.Add(row.Spans);
            }
        }

        List<StoredReports>? withoutReceipt = null;
        foreach (var row in trace.Added)
        {
            if (await receipts.FindAsync(row.Row, cancellation) is not { } minute)
            {
                (withoutReceipt ??= []).Add(row);
                continue;
            }

            if (!_minutes.TryGetValue(minute, out var reports))
                _minutes.Add(minute, reports = new FinalizedReports());
            Add(reports, row, spans, isExported);
        }

        foreach (var row in withoutReceipt ?? [])
        {
            var key = _withoutReceipt.Count < MostWithoutReceipt || _withoutReceipt.ContainsKey(row.Row.Batch) ? row.Row.Batch : default(BatchId) with { Partition = "" };
            if (!_withoutReceipt.TryGetValue(key, out var reports))
                _withoutReceipt.Add(key, reports = new FinalizedReports());
            Add(reports, row, spans, isExported);
        }
    }

    /// <summary>The rows.</summary>
    public List<StoredRow> ToRows(long sequence)
    {
        var sections = new LedgerSectionWriter();
        return
        [
            .. _minutes.Select(minute => minute.Value.ToRow(FinalizedReports.KeyOf(minute.Key, sequence), sections)),
            .. _withoutReceipt.Select(batch => batch.Value.ToRow(FinalizedReports.KeyOf(batch.Key, sequence), sections)),
        ];
    }

    /// <summary>All counts together, but for batches without a receipt: one that was cut off comes again, and counts then.</summary>
    public LedgerCounts Sum()
    {
        var sum = new LedgerCounts();
        foreach (var reports in _minutes.Values)
            sum.Add(reports.Counts);
        return sum;
    }

    private static bool HasRepeats(FinalizedTrace trace)
    {
        var reports = trace.Added.Sum(row => row.Spans.Count) + trace.Known.Sum(row => row.Spans.Count);
        return reports != trace.Traces.Sum(assembled => assembled.Summary.SpanCount);
    }

    private void Add(FinalizedReports to, StoredReports row, ReportedSpans? spans, bool isExported)
    {
        to.Add(row.Row.Batch, row.Spans.Count);
        for (var first = 0; first < row.Spans.Count;)
        {
            // The spans of a frame share their resources, and mostly come resource by resource.
            var (resource, protocol) = (row.Spans[first].Resource, row.Spans[first].Protocol);
            var added = 0;
            var end = first;
            for (; end < row.Spans.Count && ReferenceEquals(row.Spans[end].Resource, resource) && row.Spans[end].Protocol == protocol; end++)
                added += spans?.Add(row.Spans[end]) ?? 1;
            Count(to.Counts, SourceOf(resource, protocol), added, end - first, isExported);
            first = end;
        }
    }

    private static void Count(LedgerCounts counts, LedgerSource source, int added, int reports, bool isExported)
    {
        counts.Add(source, LedgerStage.Finalized, LedgerReason.None, added);
        counts.Add(source, LedgerStage.Deduped, LedgerReason.None, reports - added);
        if (isExported)
            counts.Add(source, LedgerStage.Exported, LedgerReason.None, added);
    }

    private LedgerSource SourceOf(Resource resource, SpanProtocol protocol)
    {
        if (_sources.TryGetValue((resource, protocol), out var known))
            return known;
        if (_sources.Count >= MostSources)
            _sources.Clear();
        return _sources[(resource, protocol)] = LedgerSources.Of(protocol, resource);
    }

    /// <summary>The reports of a trace, and how many spans they are: as the assembler merges them, whose answer depends on all reports of an id.</summary>
    private sealed class ReportedSpans(bool strict)
    {
        // What an id has more is folded: a sender that gives all its spans one id would have them compared over and over.
        private const int MostCompared = 64;

        private readonly Dictionary<(TraceId Trace, SpanId Span), (List<Span> Reports, int Spans)> _ids = [];

        public void Add(IReadOnlyList<Span> reports)
        {
            foreach (var report in reports)
                Add(report);
        }

        /// <summary>Takes a report.</summary>
        /// <returns>How many spans there are more: mostly 1 or 0.</returns>
        public int Add(Span report)
        {
            ref var id = ref CollectionsMarshal.GetValueRefOrAddDefault(_ids, (strict ? report.TraceId : new TraceId(0, report.TraceId.Low), report.Id), out _);
            var before = id.Spans;
            if (id.Reports is { Count: MostCompared })
                return 0;
            (id.Reports ??= []).Add(report);
            id.Spans = id.Reports.Count == 1 ? 1 : SpanMerger.Merge(id.Reports).Count;
            return id.Spans - before;
        }
    }
}
