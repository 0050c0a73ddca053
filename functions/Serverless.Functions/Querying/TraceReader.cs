using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying;

/// <summary>Reads traces by id: every row of every day, merged, so that each span is there once.</summary>
public sealed class TraceReader(TableStorage storage, DayTables tables)
{
    private const int PageRows = 1_000;

    /// <summary>The spans of a trace, by start; empty where there is no such trace.</summary>
    /// <param name="id">The trace.</param>
    /// <param name="strict">False to take every trace whose id has the same low 64 bits, as Zipkin's lenient mode does.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    public async Task<IReadOnlyList<Span>> ReadAsync(TraceId id, bool strict, CancellationToken cancellation)
    {
        var spans = await ReadSpansAsync(id.Low, cancellation);
        if (strict)
            spans.RemoveAll(span => span.TraceId != id);
        return SpanMerger.Merge(spans);
    }

    /// <summary>The traces whose ids have the same low 64 bits: each by itself where that is strict, else as one.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    public async Task<IReadOnlyList<IReadOnlyList<Span>>> ReadAllAsync(ulong traceLow, bool strict, CancellationToken cancellation)
    {
        var spans = await ReadSpansAsync(traceLow, cancellation);
        if (spans.Count == 0)
            return [];
        return strict
            ? [.. spans.GroupBy(span => span.TraceId).Select(trace => SpanMerger.Merge([.. trace]))]
            : [SpanMerger.Merge(spans)];
    }

    /// <summary>Those of <see cref="ReadAllAsync"/> that match a query.</summary>
    /// <remarks>
    /// Of two reports that contradict each other the merged span has one only; whoever asks for what the other said is to find it too, as in Zipkin's
    /// and Jaeger's stores, which keep reports apart.
    /// </remarks>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    public async Task<IReadOnlyList<IReadOnlyList<Span>>> FindAllAsync(ulong traceLow, bool strict, TraceQuery query, CancellationToken cancellation)
    {
        var spans = await ReadSpansAsync(traceLow, cancellation);
        var matching = new List<IReadOnlyList<Span>>();
        foreach (var reports in strict ? spans.GroupBy(span => span.TraceId).Select(trace => trace.ToList()) : [spans])
        {
            var trace = SpanMerger.Merge(reports);
            // The merged spans come first: it is by them that the trace's time is known.
            if (TraceMatcher.Matches(trace, query) || (reports.Count > trace.Count && TraceMatcher.Matches([.. trace, .. reports], query)))
                matching.Add(trace);
        }

        return matching;
    }

    private async Task<List<Span>> ReadSpansAsync(ulong traceLow, CancellationToken cancellation)
    {
        var days = await tables.DaysAsync(DayTables.Spans, cancellation);
        var reads = new Task<List<StoredRow>>[days.Count];
        for (var i = 0; i < reads.Length; i++)
            reads[i] = ReadDayAsync(DayTables.Name(DayTables.Spans, days[i]), traceLow, cancellation);
        var spans = new List<Span>();
        foreach (var rows in await Task.WhenAll(reads))
            Decode(rows, traceLow, spans);
        return spans;
    }

    private async Task<List<StoredRow>> ReadDayAsync(string table, ulong traceLow, CancellationToken cancellation)
    {
        var (from, to) = RowKeys.TraceRange(traceLow);
        var rows = new List<StoredRow>();
        await foreach (var row in storage.ReadAsync(table, RowKeys.Shard(Shards.Of(traceLow)), from, to, PageRows, cancellation))
            rows.Add(row);
        return rows;
    }

    private static void Decode(List<StoredRow> rows, ulong traceLow, List<Span> spans)
    {
        for (var first = 0; first < rows.Count;)
        {
            var end = first + 1;
            while (end < rows.Count && RowKeys.TraceAndBatch(rows[end].RowKey).SequenceEqual(RowKeys.TraceAndBatch(rows[first].RowKey)))
                end++;
            SpanDecoder.Decode(end == first + 1 ? rows[first].Data : Join(rows, first, end), traceLow, spans);
            first = end;
        }
    }

    private static byte[] Join(List<StoredRow> rows, int first, int end)
    {
        var joined = new MemoryStream();
        for (var i = first; i < end; i++)
            joined.Write(rows[i].Data);
        return joined.ToArray();
    }
}
