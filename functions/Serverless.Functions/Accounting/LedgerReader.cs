using Serverless.Functions.Accounting.Clients;
using Serverless.Functions.Buffering;
using Serverless.Functions.Querying;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Accounting;

/// <summary>Reads the ledger: its closed minutes, and to the present what is not closed.</summary>
public sealed class LedgerReader(TableStorage storage, DayTables tables, SpanHub hub, TraceReader traces, TimeProvider clock)
{
    private const int PageRows = 200;
    private const int MostTries = 5;

    private readonly OpenLedger _open = new(storage, tables, hub);
    private readonly ClientLedger _clients = new(storage, tables, clock);
    private readonly FinalizedLedger _finalized = new(storage, tables);
    private readonly Conservation _conservation = new(storage, tables, hub, traces, clock);

    /// <summary>Reads the minutes that begin in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    /// <param name="from">The first moment.</param>
    /// <param name="to">The moment behind the last.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <param name="withClients">Whether to find out what senders lost by their own account, which takes time where many tell of themselves.</param>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="HubException">The hub cannot be asked for its partitions.</exception>
    public async Task<LedgerWindow> ReadAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation, bool withClients = true)
    {
        // Before what is stored, so that nothing is finalized that is not there.
        var finalized = await _finalized.ReadAsync(from, to, cancellation);
        // First what is open: what is closed meanwhile is then read as closed, and left out here.
        var open = await _open.ReadAsync(cancellation);
        if (!withClients)
            return Window((await MinutesAsync(open, null, from, to, cancellation)).Minutes, open, finalized, ClientWindow.None);
        for (var left = MostTries; ; left--)
        {
            var state = await _clients.StateAsync(cancellation);
            var (minutes, uncounted) = await MinutesAsync(open, state, from, to, cancellation);
            if (await _clients.ReadAsync(state, uncounted, from, to, cancellation) is { } clients)
                return Window(minutes, open, finalized, clients);
            if (left == 0)
                throw new StorageException("What senders tell is counted faster than it can be read; ask again.", isTransient: true);
        }
    }

    private static LedgerWindow Window(List<LedgerMinute> minutes, IReadOnlyList<OpenPartition> open, FinalizedWindow finalized, ClientWindow clients)
    {
        (string, DateTimeOffset)[] closedUntil = [.. open.Select(partition => (partition.Partition, partition.Cursor.ClosedUntil))];
        minutes.AddRange(finalized.ToMinutes(minutes, closedUntil));
        minutes.AddRange(clients.Minutes);
        return new LedgerWindow(minutes, closedUntil) { Finalized = finalized, Clients = clients };
    }

    /// <summary>The minutes of the window, and, of it or not, all in which senders told something that is not counted yet.</summary>
    private async Task<(List<LedgerMinute> Minutes, List<LedgerMinute> Uncounted)> MinutesAsync(
        IReadOnlyList<OpenPartition> open, ClientLedgerState? state, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var minutes = new List<LedgerMinute>();
        var uncounted = new List<LedgerMinute>();
        var closed = new HashSet<(string, DateTimeOffset)>();
        var batches = new HashSet<BatchId>();
        var days = await tables.DaysAsync(DayTables.Ledger, cancellation);
        var partitions = await hub.PartitionIdsAsync(cancellation);
        var isCounted = state is null || partitions.All(partition => state.UntilOf(partition) >= to);
        foreach (var partition in partitions)
        {
            var until = state?.UntilOf(partition) ?? to;
            var first = until < from && !isCounted ? until : from;
            foreach (var day in days.Where(day => day >= Day(first) && (!isCounted || day <= Day(to))).Order())
            {
                await foreach (var row in storage.ReadAsync(
                    DayTables.Name(DayTables.Ledger, day), RowKeys.Partition(partition), LedgerMinute.KeyOf(Ceiling(first)),
                    isCounted ? LedgerMinute.KeyOf(Ceiling(to)) : null, PageRows, cancellation))
                {
                    var minute = LedgerMinute.FromRow(partition, row);
                    if (minute.Minute >= from && minute.Minute < to)
                        minutes.Add(minute);
                    if (!isCounted && minute.Minute >= until && !minute.Clients.IsEmpty)
                        uncounted.Add(minute);
                    closed.Add((partition, minute.Minute));
                    batches.UnionWith(minute.Batches);
                }
            }
        }

        foreach (var partition in open)
        {
            foreach (var minute in partition.Minutes.Concat(partition.Late))
            {
                if (minute.Batches.TrueForAll(batches.Contains))
                    continue;
                if (minute.Minute > partition.Cursor.ClosedUntil && closed.Contains((partition.Partition, minute.Minute)))
                    continue;
                if (minute.Minute >= from && minute.Minute < to)
                    minutes.Add(minute);
                if (!isCounted && !minute.Clients.IsEmpty)
                    uncounted.Add(minute);
            }
        }

        return (minutes, uncounted);
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
