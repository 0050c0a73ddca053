using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying;

/// <summary>
/// Reads traces by id: every row of every day and of the archive, merged, so that each span is there once. Of large traces one at a time is read, and of
/// very large ones no more than is finalized of a trace.
/// </summary>
public sealed class TraceReader(TableStorage storage, DayTables tables, TraceArchive archive, TracingSettings settings) : IDisposable
{
    private const int PageRows = 1_000;
    private const int CopyBytes = 1 << 20;

    private readonly LargeTracePlaces _places = new(1, null);
    private readonly TimeSpan _lateAfter = TimeSpan.FromSeconds(settings.QuietSeconds);

    /// <summary>The traces whose ids have the same low 64 bits: each by itself where that is strict, else as one.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    public async Task<IReadOnlyList<ReadTrace>> ReadAllAsync(ulong traceLow, bool strict, CancellationToken cancellation)
    {
        var stored = await ReadStoredAsync(traceLow, cancellation);
        return [.. stored.Apart(strict, _lateAfter).Select(stored.Merge)];
    }

    /// <summary>Finds those of <see cref="ReadAllAsync"/> that match a query.</summary>
    /// <param name="traceLow">The low 64 bits.</param>
    /// <param name="strict">False to take every trace whose id has the same low 64 bits, as Zipkin's lenient mode does.</param>
    /// <param name="query">What is asked.</param>
    /// <param name="keep">Makes of a trace what is kept of it; a large trace is gone when the next one is read.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <remarks>
    /// Of two reports that contradict each other the merged span has one only; whoever asks for what the other said is to find it too, as in Zipkin's
    /// and Jaeger's stores, which keep reports apart.
    /// </remarks>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    internal async Task<IReadOnlyList<Found<T>>> FindAllAsync<T>(
        ulong traceLow, bool strict, TraceQuery query, Func<ReadTrace, T> keep, CancellationToken cancellation)
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var bounds = new TraceRows(settings, _places, reading.Token);
        var stored = await ReadStoredAsync(traceLow, bounds, reading);
        var matching = new List<Found<T>>();
        foreach (var some in stored.Apart(strict, _lateAfter))
        {
            var trace = stored.Merge(some);
            // The merged spans come first: it is by them that the trace's time is known.
            if (TraceMatcher.Matches(trace.Spans, query)
                || (some.Reports.Count > trace.Spans.Count && TraceMatcher.Matches([.. trace.Spans, .. some.Reports], query)))
                matching.Add(new Found<T>(keep(trace), trace.Spans[0].TraceId, TraceTimestamp.TryGet(trace.Spans, out var startNs) ? startNs : 0));
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
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var bounds = new TraceRows(settings, _places, reading.Token);
        return await ReadStoredAsync(traceLow, bounds, reading);
    }

    /// <summary>Copies what is stored of a trace into the archive, whole rows, some at a time.</summary>
    /// <returns>False where there is no such trace, neither among the days' nor in the archive.</returns>
    /// <exception cref="StorageException">The tables cannot be read or written.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    public async Task<bool> ArchiveAsync(TraceId id, bool strict, CancellationToken cancellation)
    {
        var (from, to) = RowKeys.TraceRange(id.Low);
        var days = await tables.DaysAsync(DayTables.Spans, cancellation);
        foreach (var day in days)
        {
            await foreach (var rows in BatchesAsync(DayTables.Name(DayTables.Spans, day)))
            {
                if (HasTrace(rows))
                    return await CopyAsync();
            }
        }

        return HasTrace(await archive.ReadAsync(id.Low, cancellation));

        async Task<bool> CopyAsync()
        {
            foreach (var day in days)
            {
                await foreach (var rows in BatchesAsync(DayTables.Name(DayTables.Spans, day)))
                    await archive.AddAsync(id.Low, rows, cancellation);
            }

            return true;
        }

        // Whole batches, as many as make a transaction's worth.
        async IAsyncEnumerable<IReadOnlyList<StoredRow>> BatchesAsync(string table)
        {
            var rows = new List<StoredRow>();
            var bytes = 0;
            await foreach (var row in storage.ReadAsync(table, RowKeys.Shard(Shards.Of(id.Low)), from, to, PageRows, cancellation))
            {
                if (RowKeys.IsSummary(row.RowKey))
                    continue;
                if (bytes > CopyBytes && !RowKeys.AreOfOneBatch(rows[^1].RowKey, row.RowKey))
                {
                    yield return rows;
                    (rows, bytes) = ([], 0);
                }

                rows.Add(row);
                bytes += row.Data.Length;
            }

            if (rows.Count > 0)
                yield return rows;
        }

        bool HasTrace(IReadOnlyList<StoredRow> rows)
        {
            var some = new StoredTraceRows(id.Low);
            some.Add(DateOnly.MinValue, [.. rows]);
            return rows.Count > 0 && some.Decode(int.MaxValue).Reports.Any(span => !strict || span.TraceId == id);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

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

    private async Task<StoredTrace> ReadStoredAsync(ulong traceLow, TraceRows bounds, CancellationTokenSource reading)
    {
        var archived = archive.ReadAsync(traceLow, reading.Token);
        var days = await tables.DaysAsync(DayTables.Spans, reading.Token);
        var reads = new Task<List<StoredRow>>[days.Count];
        for (var i = 0; i < reads.Length; i++)
            reads[i] = ReadDayAsync(DayTables.Name(DayTables.Spans, days[i]), traceLow, bounds, reading);
        await Task.WhenAll(reads);
        var rows = new StoredTraceRows(traceLow);
        for (var i = 0; i < reads.Length; i++)
            rows.Add(days[i], await reads[i]);
        rows.AddArchived(await archived);
        var stored = rows.Decode(settings.MaxFinalizedSpans);
        return bounds.IsCut ? stored with { IsCut = true } : stored;
    }

    private async Task<List<StoredRow>> ReadDayAsync(string table, ulong traceLow, TraceRows bounds, CancellationTokenSource reading)
    {
        var (from, to) = RowKeys.TraceRange(traceLow);
        var rows = new List<StoredRow>();
        try
        {
            await foreach (var row in storage.ReadAsync(table, RowKeys.Shard(Shards.Of(traceLow)), from, to, PageRows, reading.Token))
            {
                if (RowKeys.IsSummary(row.RowKey) || await bounds.AddAsync(row))
                {
                    rows.Add(row);
                    continue;
                }

                // What is here of a batch that is in parts cannot be read without the others.
                while (rows.Count > 0 && RowKeys.AreOfOneBatch(rows[^1].RowKey, row.RowKey))
                    rows.RemoveAt(rows.Count - 1);
                break;
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // One that fails ends the others.
            await reading.CancelAsync();
            throw;
        }

        return rows;
    }

    private Task<List<StoredRow>> ReadDayAsync(string table, ulong traceLow, CancellationToken cancellation)
    {
        var (from, to) = RowKeys.TraceRange(traceLow);
        return storage.ReadAllAsync(table, RowKeys.Shard(Shards.Of(traceLow)), from, to, PageRows, cancellation);
    }
}
