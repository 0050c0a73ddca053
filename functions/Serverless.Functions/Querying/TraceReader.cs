using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying;

/// <summary>Reads traces by id: every row of every day and of the archive, merged, so that each span is there once.</summary>
public sealed class TraceReader(TableStorage storage, DayTables tables, TraceArchive archive)
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
        var spans = Decode(await ReadRowsAsync(traceLow, cancellation), traceLow);
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

    /// <summary>Copies what is stored of a trace into the archive, whole rows.</summary>
    /// <returns>False where there is no such trace, neither among the days' nor in the archive.</returns>
    /// <exception cref="StorageException">The tables cannot be read or written.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    public async Task<bool> ArchiveAsync(TraceId id, bool strict, CancellationToken cancellation)
    {
        var rows = await ReadRowsAsync(id.Low, cancellation);
        if (!Decode(rows, id.Low).Exists(span => !strict || span.TraceId == id))
            return Decode(await archive.ReadAsync(id.Low, cancellation), id.Low).Exists(span => !strict || span.TraceId == id);
        await archive.AddAsync(id.Low, rows, cancellation);
        return true;
    }

    private async Task<List<Span>> ReadSpansAsync(ulong traceLow, CancellationToken cancellation)
    {
        var archived = archive.ReadAsync(traceLow, cancellation);
        return Decode(Unite(await ReadRowsAsync(traceLow, cancellation), await archived), traceLow);
    }

    private async Task<List<StoredRow>> ReadRowsAsync(ulong traceLow, CancellationToken cancellation)
    {
        var days = await tables.DaysAsync(DayTables.Spans, cancellation);
        var reads = new Task<List<StoredRow>>[days.Count];
        for (var i = 0; i < reads.Length; i++)
            reads[i] = ReadDayAsync(DayTables.Name(DayTables.Spans, days[i]), traceLow, cancellation);
        return [.. (await Task.WhenAll(reads)).SelectMany(rows => rows)];
    }

    private static List<StoredRow> Unite(List<StoredRow> rows, List<StoredRow> archived)
    {
        if (archived.Count == 0)
            return rows;
        var known = rows.Select(row => row.RowKey).ToHashSet(StringComparer.Ordinal);
        return [.. rows, .. archived.Where(row => !known.Contains(row.RowKey))];
    }

    private async Task<List<StoredRow>> ReadDayAsync(string table, ulong traceLow, CancellationToken cancellation)
    {
        var (from, to) = RowKeys.TraceRange(traceLow);
        var rows = new List<StoredRow>();
        await foreach (var row in storage.ReadAsync(table, RowKeys.Shard(Shards.Of(traceLow)), from, to, PageRows, cancellation))
        {
            if (RowKeys.HoldsSpans(row.RowKey))
                rows.Add(row);
        }

        return rows;
    }

    private static List<Span> Decode(List<StoredRow> rows, ulong traceLow)
    {
        var spans = new List<Span>();
        for (var first = 0; first < rows.Count;)
        {
            var end = first + 1;
            while (end < rows.Count && RowKeys.AreOfOneBatch(rows[end].RowKey, rows[first].RowKey))
                end++;
            SpanDecoder.Decode(end == first + 1 ? rows[first].Data : Join(rows, first, end), traceLow, spans);
            first = end;
        }

        return spans;
    }

    private static byte[] Join(List<StoredRow> rows, int first, int end)
    {
        var joined = new MemoryStream();
        for (var i = first; i < end; i++)
            joined.Write(rows[i].Data);
        return joined.ToArray();
    }
}
