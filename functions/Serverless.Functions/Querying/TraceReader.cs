using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying;

/// <summary>Reads traces by id: every row of every day and of the archive, merged, so that each span is there once.</summary>
public sealed class TraceReader(TableStorage storage, DayTables tables, TraceArchive archive, TracingSettings settings)
{
    private const int PageRows = 1_000;

    private readonly TimeSpan _lateAfter = TimeSpan.FromSeconds(settings.QuietSeconds);

    /// <summary>A trace; without spans where there is none.</summary>
    /// <param name="id">The trace.</param>
    /// <param name="strict">False to take every trace whose id has the same low 64 bits, as Zipkin's lenient mode does.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    public async Task<ReadTrace> ReadAsync(TraceId id, bool strict, CancellationToken cancellation) =>
        (await ReadStoredAsync(id.Low, cancellation)).Read(id, strict, _lateAfter);

    /// <summary>The traces whose ids have the same low 64 bits: each by itself where that is strict, else as one.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    public async Task<IReadOnlyList<ReadTrace>> ReadAllAsync(ulong traceLow, bool strict, CancellationToken cancellation)
    {
        var stored = await ReadStoredAsync(traceLow, cancellation);
        return [.. stored.Apart(strict, _lateAfter).Select(stored.Merge)];
    }

    /// <summary>Those of <see cref="ReadAllAsync"/> that match a query.</summary>
    /// <remarks>
    /// Of two reports that contradict each other the merged span has one only; whoever asks for what the other said is to find it too, as in Zipkin's
    /// and Jaeger's stores, which keep reports apart.
    /// </remarks>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    public async Task<IReadOnlyList<ReadTrace>> FindAllAsync(ulong traceLow, bool strict, TraceQuery query, CancellationToken cancellation)
    {
        var stored = await ReadStoredAsync(traceLow, cancellation);
        var matching = new List<ReadTrace>();
        foreach (var some in stored.Apart(strict, _lateAfter))
        {
            var trace = stored.Merge(some);
            // The merged spans come first: it is by them that the trace's time is known.
            if (TraceMatcher.Matches(trace.Spans, query)
                || (some.Reports.Count > trace.Spans.Count && TraceMatcher.Matches([.. trace.Spans, .. some.Reports], query)))
                matching.Add(trace);
        }

        return matching;
    }

    /// <summary>
    /// All that is stored of the traces whose ids have the same low 64 bits, of every day and of the archive: reports by batch, and the summary.
    /// </summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    public async Task<StoredTrace> ReadStoredAsync(ulong traceLow, CancellationToken cancellation)
    {
        var archived = archive.ReadAsync(traceLow, cancellation);
        var rows = new StoredTraceRows(traceLow);
        await ReadDaysAsync(rows, traceLow, await tables.DaysAsync(DayTables.Spans, cancellation), cancellation);
        rows.AddArchived(await archived);
        return rows.Decode(int.MaxValue);
    }

    /// <summary>Copies what is stored of a trace into the archive, whole rows.</summary>
    /// <returns>False where there is no such trace, neither among the days' nor in the archive.</returns>
    /// <exception cref="StorageException">The tables cannot be read or written.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    public async Task<bool> ArchiveAsync(TraceId id, bool strict, CancellationToken cancellation)
    {
        var rows = new StoredTraceRows(id.Low);
        await ReadDaysAsync(rows, id.Low, await tables.DaysAsync(DayTables.Spans, cancellation), cancellation);
        if (Has(rows))
        {
            await archive.AddAsync(id.Low, [.. rows.TraceRows], cancellation);
            return true;
        }

        var archived = new StoredTraceRows(id.Low);
        archived.AddArchived(await archive.ReadAsync(id.Low, cancellation));
        return Has(archived);

        bool Has(StoredTraceRows some) => some.Decode(int.MaxValue).Reports.Any(span => !strict || span.TraceId == id);
    }

    /// <summary>Adds the rows of some days, all at once.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    internal async Task ReadDaysAsync(StoredTraceRows into, ulong traceLow, IReadOnlyList<DateOnly> days, CancellationToken cancellation)
    {
        if (days.Count == 1)
        {
            into.Add(days[0], await ReadDayAsync(DayTables.Name(DayTables.Spans, days[0]), traceLow, cancellation));
            return;
        }

        var reads = new Task<List<StoredRow>>[days.Count];
        for (var i = 0; i < reads.Length; i++)
            reads[i] = ReadDayAsync(DayTables.Name(DayTables.Spans, days[i]), traceLow, cancellation);
        await Task.WhenAll(reads);
        for (var i = 0; i < reads.Length; i++)
            into.Add(days[i], await reads[i]);
    }

    private Task<List<StoredRow>> ReadDayAsync(string table, ulong traceLow, CancellationToken cancellation)
    {
        var (from, to) = RowKeys.TraceRange(traceLow);
        return storage.ReadAllAsync(table, RowKeys.Shard(Shards.Of(traceLow)), from, to, PageRows, cancellation);
    }
}
