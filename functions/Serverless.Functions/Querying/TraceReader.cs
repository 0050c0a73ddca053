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
        var reports = (await ReadStoredAsync(id.Low, cancellation)).Reports;
        return SpanMerger.Merge(strict ? [.. reports.Where(span => span.TraceId == id)] : reports);
    }

    /// <summary>The traces whose ids have the same low 64 bits: each by itself where that is strict, else as one.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    public async Task<IReadOnlyList<IReadOnlyList<Span>>> ReadAllAsync(ulong traceLow, bool strict, CancellationToken cancellation)
    {
        var reports = (await ReadStoredAsync(traceLow, cancellation)).Reports;
        if (reports.Count == 0)
            return [];
        return strict
            ? [.. reports.GroupBy(span => span.TraceId).Select(trace => SpanMerger.Merge([.. trace]))]
            : [SpanMerger.Merge(reports)];
    }

    /// <summary>All that is stored of the traces whose ids have the same low 64 bits, of every day: reports by batch, and the summary.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    public async Task<StoredTrace> ReadStoredAsync(ulong traceLow, CancellationToken cancellation)
    {
        var rows = new StoredTraceRows(traceLow);
        await ReadDaysAsync(rows, traceLow, await tables.DaysAsync(DayTables.Spans, cancellation), cancellation);
        return rows.Decode(int.MaxValue);
    }

    /// <summary>Adds the rows of some days, all at once.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    internal async Task ReadDaysAsync(StoredTraceRows into, ulong traceLow, IReadOnlyList<DateOnly> days, CancellationToken cancellation)
    {
        var reads = new Task<List<StoredRow>>[days.Count];
        for (var i = 0; i < reads.Length; i++)
            reads[i] = ReadDayAsync(DayTables.Name(DayTables.Spans, days[i]), traceLow, cancellation);
        await Task.WhenAll(reads);
        for (var i = 0; i < reads.Length; i++)
            into.Add(days[i], await reads[i]);
    }

    private async Task<List<StoredRow>> ReadDayAsync(string table, ulong traceLow, CancellationToken cancellation)
    {
        var (from, to) = RowKeys.TraceRange(traceLow);
        var rows = new List<StoredRow>();
        await foreach (var row in storage.ReadAsync(table, RowKeys.Shard(Shards.Of(traceLow)), from, to, PageRows, cancellation))
            rows.Add(row);
        return rows;
    }
}
