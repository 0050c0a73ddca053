using Serverless.Functions.Buffering;
using Serverless.Functions.Querying;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Accounting;

/// <summary>Reads the ledger: its closed minutes, and to the present what is not closed.</summary>
public sealed class LedgerReader(TableStorage storage, DayTables tables, SpanHub hub, TraceReader traces, TimeProvider clock)
{
    private const int PageRows = 200;

    private readonly OpenLedger _open = new(storage, tables, hub);
    private readonly FinalizedLedger _finalized = new(storage, tables);
    private readonly Conservation _conservation = new(storage, tables, hub, traces, clock);

    /// <summary>Reads the minutes that begin in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="HubException">The hub cannot be asked for its partitions.</exception>
    public async Task<LedgerWindow> ReadAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        // Before what is stored, so that nothing is finalized that is not there.
        var finalized = await _finalized.ReadAsync(from, to, cancellation);
        // First what is open: what is closed meanwhile is then read as closed, and left out here.
        var open = await _open.ReadAsync(cancellation);
        var minutes = new List<LedgerMinute>();
        var closed = new HashSet<(string, DateTimeOffset)>();
        var batches = new HashSet<BatchId>();
        var days = await tables.DaysAsync(DayTables.Ledger, cancellation);
        foreach (var partition in await hub.PartitionIdsAsync(cancellation))
        {
            foreach (var day in days.Where(day => day >= Day(from) && day <= Day(to)).Order())
            {
                await foreach (var row in storage.ReadAsync(
                    DayTables.Name(DayTables.Ledger, day), RowKeys.Partition(partition), LedgerMinute.KeyOf(Ceiling(from)), LedgerMinute.KeyOf(Ceiling(to)), PageRows, cancellation))
                {
                    var minute = LedgerMinute.FromRow(partition, row);
                    minutes.Add(minute);
                    closed.Add((partition, minute.Minute));
                    batches.UnionWith(minute.Batches);
                }
            }
        }

        foreach (var partition in open)
        {
            foreach (var minute in partition.Minutes.Concat(partition.Late))
            {
                if (minute.Minute < from || minute.Minute >= to || minute.Batches.TrueForAll(batches.Contains))
                    continue;
                if (minute.Minute > partition.Cursor.ClosedUntil && closed.Contains((partition.Partition, minute.Minute)))
                    continue;
                minutes.Add(minute);
            }
        }

        (string, DateTimeOffset)[] closedUntil = [.. open.Select(partition => (partition.Partition, partition.Cursor.ClosedUntil))];
        minutes.AddRange(finalized.ToMinutes(minutes, closedUntil));
        return new LedgerWindow(minutes, closedUntil) { Finalized = finalized };
    }

    /// <summary>For each minute of a window whether what came in is what came out; the oldest first.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="HubException">The hub cannot be asked for its partitions.</exception>
    public Task<IReadOnlyList<MinuteBalance>> BalanceAsync(LedgerWindow window, CancellationToken cancellation) => _conservation.CheckAsync(window, cancellation);

    /// <summary>How far the assembler is behind the hub, by partition.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="HubException">The hub cannot be asked.</exception>
    public async Task<IReadOnlyList<HubLag>> LagAsync(CancellationToken cancellation)
    {
        var lags = new List<HubLag>();
        foreach (var partition in await _open.ReadAsync(cancellation))
        {
            var last = await hub.LastSequenceNumberAsync(partition.Partition, cancellation);
            var events = Math.Max(0, last + 1 - partition.Next);
            var minute = partition.Minutes.Count > 0 ? partition.Minutes[^1].Minute : partition.Cursor.ClosedUntil;
            // The oldest that waits came after the last that does not.
            var seconds = events == 0 || minute == DateTimeOffset.MinValue ? 0 : Math.Max(0, (clock.GetUtcNow() - minute).TotalSeconds);
            lags.Add(new HubLag(partition.Partition, events, seconds));
        }

        return lags;
    }

    private static DateOnly Day(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    private static DateTimeOffset Ceiling(DateTimeOffset time)
    {
        var over = time.UtcTicks % TimeSpan.TicksPerMinute;
        return new DateTimeOffset(over == 0 ? time.UtcTicks : time.UtcTicks - over + TimeSpan.TicksPerMinute, TimeSpan.Zero);
    }
}
