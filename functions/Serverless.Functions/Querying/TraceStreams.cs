using System.Collections.Concurrent;
using Serverless.Functions.Buffering;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying;

/// <summary>
/// Opens traces to be answered. However large one is, no more is held of it than its frames: first their bytes are read, then they are looked
/// through for what belongs together, then spans are made of them one at a time.
/// </summary>
public sealed class TraceStreams : IDisposable
{
    private const int PageRows = 1_000;

    private readonly TableStorage _storage;
    private readonly DayTables _tables;
    private readonly TraceArchive _archive;
    private readonly TracingSettings _settings;
    private readonly LargeTracePlaces _places;

    /// <summary>Opens traces of these tables.</summary>
    public TraceStreams(TableStorage storage, DayTables tables, TraceArchive archive, TracingSettings settings, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(settings);
        (_storage, _tables, _archive, _settings) = (storage, tables, archive, settings);
        _places = new LargeTracePlaces(Math.Max(1, settings.LargeTracesAtOnce), (TimeSpan.FromSeconds(settings.LargeTraceWaitSeconds), clock));
        TimeLimit = (TimeSpan.FromSeconds(settings.LargeTraceSeconds), clock);
    }

    /// <summary>How long the answer of a large trace may take.</summary>
    internal (TimeSpan Most, TimeProvider Clock) TimeLimit { get; }

    /// <summary>How many more large traces could be opened now.</summary>
    internal int FreePlaces => _places.Free;

    /// <summary>Opens a trace; the caller disposes of it when it is answered, at the latest with the request.</summary>
    /// <param name="id">The trace.</param>
    /// <param name="strict">False to take every trace whose id has the same low 64 bits.</param>
    /// <param name="times">The days to look at first; where nothing is found the others follow.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    /// <exception cref="TooManyLargeTracesException">The trace is large, and too many such are being answered.</exception>
    public Task<TraceStream> OpenAsync(TraceId id, bool strict, TraceTimes times, CancellationToken cancellation) =>
        OpenAsync(id, strict, times, assembles: false, cancellation);

    /// <summary>Opens a trace likewise that will be assembled if it can be: what a large one needs for that is read with the rest.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    /// <exception cref="TooManyLargeTracesException">The trace is large, and too many such are being answered.</exception>
    internal Task<TraceStream> OpenAsync(TraceId id, bool strict, TraceTimes times, bool assembles, CancellationToken cancellation) =>
        OpenAsync(id, strict, times, (_settings.MaxTraceSpans, assembles), cancellation);

    /// <summary>Opens a trace likewise of which no more is to be read than can be assembled.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    /// <exception cref="TooManyLargeTracesException">The trace is large, and too many such are being answered.</exception>
    internal Task<TraceStream> OpenToAssembleAsync(TraceId id, bool strict, CancellationToken cancellation) =>
        OpenAsync(id, strict, TraceTimes.Unknown, (Math.Min(_settings.MaxTraceSpans, _settings.MaxFinalizedSpans), true), cancellation);

    private async Task<TraceStream> OpenAsync(TraceId id, bool strict, TraceTimes times, (int MostReports, bool Assembles) how, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(times);
        var days = await _tables.DaysAsync(DayTables.Spans, cancellation);
        var likely = days.Where(times.MayHave).ToList();
        if (likely.Count > 0 && likely.Count < days.Count)
        {
            var found = await OpenAsync(id, strict, likely, readsArchive: false, how, cancellation);
            if (!found.IsEmpty)
                return found;
            found.Dispose();
            days = [.. days.Except(likely)];
        }

        return await OpenAsync(id, strict, days, readsArchive: true, how, cancellation);
    }

    /// <summary>Opens a trace that is not large, without waiting for anybody; null for a large one.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    internal async Task<TraceStream?> OpenSmallAsync(TraceId id, bool strict, CancellationToken cancellation) =>
        await OpenAsync(id, strict, await _tables.DaysAsync(DayTables.Spans, cancellation), readsArchive: true, (_settings.MaxTraceSpans, false), null, cancellation);

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    private async Task<TraceStream> OpenAsync(
        TraceId id, bool strict, IReadOnlyList<DateOnly> days, bool readsArchive, (int MostReports, bool Assembles) how, CancellationToken cancellation) =>
        (await OpenAsync(id, strict, days, readsArchive, how, _places, cancellation))!;

    private async Task<TraceStream?> OpenAsync(
        TraceId id, bool strict, IReadOnlyList<DateOnly> days, bool readsArchive, (int MostReports, bool Assembles) how, LargeTracePlaces? places,
        CancellationToken cancellation)
    {
        // One that fails, or waits in vain, ends the others.
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var rows = new TraceRows(_settings, places, reading.Token);
        var summaries = new ConcurrentBag<SummaryRow>();
        var reads = new Task<List<FramesOfBatch>>[days.Count];
        for (var i = 0; i < reads.Length; i++)
            reads[i] = ReadDayAsync(days[i], id.Low, rows, summaries, reading);
        // Oldest first, as spans arrived.
        List<FramesOfBatch> frames = [.. (await Task.WhenAll(reads)).Reverse().SelectMany(day => day)];
        if (readsArchive)
            frames.AddRange(await ReadArchiveAsync(id.Low, rows, reading.Token));
        if (rows.IsLarge && places is null)
            return null;
        var summary = summaries.MaxBy(some => (some.Version, some.Day));
        if (!rows.IsLarge)
            return Whole(frames, summary, id, strict, rows.IsCut);
        var sequence = SpanSequence.Open([.. frames.Select(batch => batch.Bytes)], id.Low, strict ? id : null, how.MostReports, how.Assembles ? _settings.MaxFinalizedSpans : 0);
        var large = new LargeTrace(
            sequence, summary, [.. frames.Select(batch => batch.WrittenAt)], TimeSpan.FromSeconds(_settings.QuietSeconds), _settings.MaxFinalizedSpans) { IsCut = rows.IsCut };
        return new TraceStream(large, StrictTraceId.Warning(strict ? !sequence.OtherWidth.IsZero : sequence.IsOfBothWidths, strict), rows.TakePlace());
    }

    private async Task<List<FramesOfBatch>> ReadDayAsync(
        DateOnly day, ulong traceLow, TraceRows rows, ConcurrentBag<SummaryRow> summaries, CancellationTokenSource reading)
    {
        var (from, to) = RowKeys.TraceRange(traceLow);
        var whole = new List<FramesOfBatch>();
        var parts = new List<StoredRow>();
        try
        {
            await foreach (var row in _storage.ReadAsync(DayTables.Name(DayTables.Spans, day), RowKeys.Shard(Shards.Of(traceLow)), from, to, PageRows, reading.Token))
            {
                if (RowKeys.IsSummary(row.RowKey))
                {
                    if (SummaryOf(row, day) is { } summary)
                        summaries.Add(summary);
                    continue;
                }

                if (parts.Count > 0 && !RowKeys.AreOfOneBatch(parts[0].RowKey, row.RowKey))
                    Join(day, parts, whole);
                if (!await rows.AddAsync(row))
                {
                    // What is here of a row that is in parts cannot be read without the others.
                    parts.Clear();
                    break;
                }

                parts.Add(row);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await reading.CancelAsync();
            throw;
        }

        Join(day, parts, whole);
        return whole;
    }

    private async Task<List<FramesOfBatch>> ReadArchiveAsync(ulong traceLow, TraceRows rows, CancellationToken cancellation)
    {
        var whole = new List<FramesOfBatch>();
        var parts = new List<StoredRow>();
        foreach (var row in await _archive.ReadAsync(traceLow, cancellation))
        {
            if (rows.Has(row.RowKey))
                continue;
            if (parts.Count > 0 && !RowKeys.AreOfOneBatch(parts[0].RowKey, row.RowKey))
                Join(DateOnly.MinValue, parts, whole);
            if (!await rows.AddAsync(row))
            {
                parts.Clear();
                break;
            }

            parts.Add(row);
        }

        Join(DateOnly.MinValue, parts, whole);
        return whole;
    }

    private static void Join(DateOnly day, List<StoredRow> parts, List<FramesOfBatch> whole)
    {
        if (parts.Count == 0)
            return;
        ReadOnlyMemory<byte> bytes = parts[0].Data;
        if (parts.Count > 1)
        {
            var joined = new byte[parts.Sum(part => part.Data.Length)];
            var at = 0;
            foreach (var part in parts)
            {
                part.Data.CopyTo(joined, at);
                at += part.Data.Length;
            }

            bytes = joined;
        }

        whole.Add(new FramesOfBatch(day, parts[0].RowKey, parts[0].WrittenAt, bytes));
        parts.Clear();
    }

    // Of a damaged summary is told where it is written; the trace is there without.
    private static SummaryRow? SummaryOf(StoredRow row, DateOnly day)
    {
        try
        {
            return SummaryRow.FromRow(row, day);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private TraceStream Whole(List<FramesOfBatch> frames, SummaryRow? summary, TraceId id, bool strict, bool isCut)
    {
        var rows = new List<StoredReports>(frames.Count);
        foreach (var batch in frames)
        {
            var spans = new List<Span>();
            SpanDecoder.Decode(batch.Bytes, id.Low, spans);
            rows.Add(new StoredReports(new IncludedBatch(batch.Day, RowKeys.TraceBatch(batch.RowKey)), batch.WrittenAt, spans));
        }

        var stored = new StoredTrace(id.Low, rows, summary) { IsCut = isCut };
        var warning = StrictTraceId.Warning(rows.SelectMany(row => row.Spans), strict);
        return new TraceStream(stored.Read(id, strict, TimeSpan.FromSeconds(_settings.QuietSeconds)), isCut, warning);
    }

    private readonly record struct FramesOfBatch(DateOnly Day, string RowKey, DateTimeOffset WrittenAt, ReadOnlyMemory<byte> Bytes);
}
