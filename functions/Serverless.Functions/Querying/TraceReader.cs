using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

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
