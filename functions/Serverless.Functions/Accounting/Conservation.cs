using Serverless.Functions.Aggregates;
using Serverless.Functions.Assembling;
using Serverless.Functions.Buffering;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Querying;
using Serverless.Functions.Storage;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting;

/// <summary>
/// Checks minute by minute that nothing that was accepted got lost on its way to the end. Where something is missing that the planner was done with, it looks at
/// what a trace that goes on keeps waiting, report by report, before it says so.
/// </summary>
internal sealed class Conservation(TableStorage storage, DayTables tables, SpanHub hub, TraceReader reader, TimeProvider clock)
{
    // That something is amiss is known after the first.
    private const int MostExplained = 20;
    private const int MostTraces = 100_000;
    private const int MostRead = 500;
    private const int MostNamed = 50;

    // Instances may differ in time, and a batch may be delivered again.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly FinalizedLedger _finalized = new(storage, tables);

    /// <summary>Checks a window.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="HubException">The hub cannot be asked for its partitions.</exception>
    /// <exception cref="FormatException">A row is damaged.</exception>
    public async Task<IReadOnlyList<MinuteBalance>> CheckAsync(LedgerWindow window, CancellationToken cancellation)
    {
        var closed = window.ClosedUntil.ToDictionary(partition => partition.Partition, partition => partition.Minute);
        var balances = new List<MinuteBalance>();
        var explained = 0;
        foreach (var minute in window.Minutes.GroupBy(minute => minute.Minute).OrderBy(minute => minute.Key))
        {
            var parts = minute.Where(part => part.Partition != LedgerMinute.OfAll).ToArray();
            if (parts.Length == 0)
                continue;
            var balance = new MinuteBalance(minute.Key, new LedgerWindow([.. minute], window.ClosedUntil).Counts())
            {
                IsClosed = Array.TrueForAll(parts, part => closed.TryGetValue(part.Partition, out var until) && part.Minute <= until),
                NotStored = parts.Sum(part => part.Remainder),
            };
            var isSettled = balance.IsClosed && clock.GetUtcNow() - minute.Key >= Patience
                && Array.TrueForAll(parts, part => part.Batches.TrueForAll(window.Finalized.IsSettled));
            var open = Open(balance.Counts);
            balance = balance with { IsSettled = isSettled, InFlight = Math.Max(0, open) };
            // Of a minute that is not closed not all that is stored may have been read.
            if (((balance.IsClosed && open < 0) || (isSettled && open > 0)) && explained++ < MostExplained)
                balance = await ExplainAsync(balance, parts, window.ClosedUntil, cancellation);
            balances.Add(balance.IsConserved ? balance : balance with { Sources = SourcesOf(balance) });
        }

        return balances;
    }

    /// <summary>What is stored and not finalized.</summary>
    private static long Open(LedgerCounts counts) =>
        counts.Sum(LedgerStage.Stored) + counts.Sum(LedgerStage.Replayed) - counts.Sum(LedgerStage.Finalized) - counts.Sum(LedgerStage.Deduped);

    private static List<(LedgerSource Source, long Reports)> SourcesOf(MinuteBalance balance)
    {
        var toTheEnd = balance.NotFinalized == 0 ? 0 : 1;
        var sources = new Dictionary<LedgerSource, long>();
        foreach (var (key, count) in balance.Counts)
        {
            var sign = key.Stage switch
            {
                LedgerStage.Accepted or LedgerStage.Resent => 1,
                LedgerStage.Quarantined or LedgerStage.Discarded => -1,
                LedgerStage.Stored => toTheEnd - 1,
                LedgerStage.Replayed => toTheEnd,
                LedgerStage.Finalized or LedgerStage.Deduped => -toTheEnd,
                _ => 0,
            };
            sources[key.Source] = sources.GetValueOrDefault(key.Source) + (sign * count);
        }

        return [.. sources.Where(source => source.Value != 0).OrderByDescending(source => Math.Abs(source.Value)).Take(MostNamed).Select(source => (source.Key, source.Value))];
    }

    // What is in flight is read first, then what is finalized: a trace that is finalized in between is then known to be by both.
    private async Task<MinuteBalance> ExplainAsync(
        MinuteBalance balance, LedgerMinute[] parts, IReadOnlyList<(string Partition, DateTimeOffset Minute)> closedUntil, CancellationToken cancellation)
    {
        var inFlight = new InFlightReceipts(storage, tables, hub, new FinalizeState(storage));
        await inFlight.ReadAsync(MostTraces, cancellation);
        var finalized = await _finalized.ReadAsync(balance.Minute, balance.Minute.AddMinutes(1), cancellation);
        var counts = new LedgerWindow([.. parts, .. finalized.ToMinutes(parts, closedUntil).Where(minute => minute.Minute == balance.Minute)], []).Counts();
        var open = Open(counts);
        balance = balance with { Counts = counts, InFlight = Math.Max(0, open) };
        if (open == 0)
            return balance;

        var remainders = new List<BatchRemainder>();
        var waiting = new HashSet<ulong>();
        foreach (var batch in parts.SelectMany(part => part.Batches).Distinct())
        {
            if (await ReceiptAsync(batch, balance.Minute, cancellation) is not { } receipt)
                continue;
            var done = finalized.Of(batch).Reports;
            if (done == receipt.Spans)
                continue;
            remainders.Add(new BatchRemainder(batch, receipt.Spans, done));
            waiting.UnionWith(receipt.Traces.Where(inFlight.Traces.ContainsKey));
        }

        // Reports that a batch brought again are looked at when their traces get more: until then nothing is missing without them.
        var replayed = Math.Min(balance.InFlight, balance.Counts.Sum(LedgerStage.Replayed));
        var known = waiting.Count > MostRead
            ? balance.InFlight
            : Math.Min(balance.InFlight, replayed + await WaitingAsync(waiting, [.. remainders.Select(batch => batch.Batch)], finalized, cancellation));
        return open == known
            ? balance
            : balance with { InFlight = known, NotFinalized = open - known, Batches = [.. remainders.Take(MostNamed)] };
    }

    /// <summary>How many reports batches brought of traces that go on, and are therefore not finalized.</summary>
    private async Task<long> WaitingAsync(HashSet<ulong> traces, HashSet<BatchId> batches, FinalizedWindow finalized, CancellationToken cancellation)
    {
        var days = await tables.DaysAsync(DayTables.Spans, cancellation);
        var reports = 0L;
        foreach (var low in traces)
        {
            var rows = new StoredTraceRows(low);
            await reader.ReadDaysAsync(rows, low, days, cancellation);
            var included = rows.Summaries.SelectMany(summary =>
                finalized.Progress.TryGetValue(summary.Item.Partition, out var done) && summary.Item.Sequence <= done.Sequence ? summary.Included : summary.Before).ToHashSet();
            reports += rows.Decode(int.MaxValue).Rows.Where(row => batches.Contains(row.Row.Batch) && !included.Contains(row.Row)).Sum(row => row.Spans.Count);
        }

        return reports;
    }

    private async Task<Receipt?> ReceiptAsync(BatchId batch, DateTimeOffset minute, CancellationToken cancellation)
    {
        var day = DateOnly.FromDateTime(minute.UtcDateTime);
        // Usually on the same day; a batch that was kept up, or comes again, on a later one.
        foreach (var other in (await tables.DaysAsync(DayTables.Receipts, cancellation)).Where(other => other >= day.AddDays(-1)).OrderBy(other => Math.Abs(other.DayNumber - day.DayNumber)))
        {
            if (await storage.ReadAsync(DayTables.Name(DayTables.Receipts, other), RowKeys.Partition(batch.Partition), batch.ToString(), cancellation) is { } row)
                return Receipt.FromRow(batch.Partition, row);
        }

        return null;
    }
}
