using Serverless.Functions.Accounting.Clients;
using Serverless.Functions.Assembling;
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
    private readonly HubObservations _observations = new();

    /// <summary>Reads the minutes that begin in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    /// <param name="from">The first moment.</param>
    /// <param name="to">The moment behind the last.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <param name="withClients">Whether to find out what senders lost by their own account, which takes time where many tell of themselves.</param>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="HubException">The hub cannot be asked for its partitions.</exception>
    public async Task<LedgerWindow> ReadAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation, bool withClients = true) =>
        (await ReadBothAsync(from, to, withClients, cancellation)).Window;

    /// <summary>
    /// Reads the same and how far the assembler is behind, of the same rows: a partition that is 0 events behind has all events that the hub had before this was
    /// asked counted in the window, if they came in its time. What senders lost by their own account is left out.
    /// </summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="HubException">The hub cannot be asked.</exception>
    public async Task<(LedgerWindow Window, IReadOnlyList<HubLag> Lags)> ReadWithLagAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        // In this order: what comes while the rows are read is not asked about.
        var ends = await EndsAsync(cancellation);
        var (window, open) = await ReadBothAsync(from, to, withClients: false, cancellation);
        return (window, Lags(ends, open));
    }

    private async Task<(LedgerWindow Window, IReadOnlyList<OpenPartition> Open)> ReadBothAsync(
        DateTimeOffset from, DateTimeOffset to, bool withClients, CancellationToken cancellation)
    {
        var expired = await ExpiredDays.ReadAsync(storage, cancellation);
        // Before what is stored, so that nothing is finalized that is not there.
        var finalized = await _finalized.ReadAsync(from, to, cancellation);
        // First what is open: what is closed meanwhile is then read as closed, and left out here.
        var open = await _open.ReadAsync(cancellation);
        if (!withClients)
            return (Window((await MinutesAsync(open, null, from, to, cancellation)).Minutes, open, finalized, ClientWindow.None, Expired(expired, from, to)), open);
        for (var left = MostTries; ; left--)
        {
            var state = await _clients.StateAsync(cancellation);
            var (minutes, uncounted) = await MinutesAsync(open, state, from, to, cancellation);
            if (await _clients.ReadAsync(state, uncounted, from, to, cancellation) is { } clients)
                return (Window(minutes, open, finalized, clients, Expired(expired, from, to)), open);
            if (left == 0)
                throw new StorageException("What senders tell is counted faster than it can be read; ask again.", isTransient: true);
        }
    }

    private static LedgerWindow Window(List<LedgerMinute> minutes, IReadOnlyList<OpenPartition> open, FinalizedWindow finalized, ClientWindow clients, IEnumerable<LedgerMinute> expired)
    {
        (string, DateTimeOffset)[] closedUntil = [.. open.Select(partition => (partition.Partition, partition.Cursor.ClosedUntil))];
        minutes.AddRange(finalized.ToMinutes(minutes, closedUntil));
        minutes.AddRange(clients.Minutes);
        minutes.AddRange(expired);
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
            // The list of tables may be older than the first closing of a day.
            var closedOn = open.Where(other => other.Partition == partition).Select(other => Day(other.Cursor.ClosedUntil));
            foreach (var day in days.Concat(closedOn).Distinct().Where(day => day >= Day(first) && (!isCounted || day <= Day(to))).Order())
            {
                await foreach (var row in storage.ReadAsync(
                    DayTables.Name(DayTables.Ledger, day), RowKeys.Partition(partition), LedgerMinute.KeyOf(LedgerMinute.CeilingOf(first)),
                    isCounted ? LedgerMinute.KeyOf(LedgerMinute.CeilingOf(to)) : null, PageRows, cancellation))
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

    private static IEnumerable<LedgerMinute> Expired(IReadOnlyList<ExpiredDay> days, DateTimeOffset from, DateTimeOffset to)
    {
        foreach (var day in days)
        {
            var minute = new LedgerMinute(LedgerMinute.OfAll, Receipt.MinuteOf(day.At));
            if (minute.Minute < from || minute.Minute >= to)
                continue;
            minute.Counts.Add(day.Counts);
            yield return minute;
        }
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
        var ends = await EndsAsync(cancellation);
        return Lags(ends, await _open.ReadAsync(cancellation));
    }

    private async Task<Dictionary<string, PartitionEnds>> EndsAsync(CancellationToken cancellation)
    {
        var ends = new Dictionary<string, PartitionEnds>(StringComparer.Ordinal);
        foreach (var partition in await hub.PartitionIdsAsync(cancellation))
        {
            var at = clock.GetUtcNow();
            ends[partition] = await hub.EndsAsync(partition, cancellation);
            _observations.Add(partition, ends[partition].Last, at);
        }

        return ends;
    }

    private List<HubLag> Lags(Dictionary<string, PartitionEnds> ends, IReadOnlyList<OpenPartition> open)
    {
        var lags = new List<HubLag>();
        foreach (var partition in open)
        {
            if (ends.TryGetValue(partition.Partition, out var end))
                lags.Add(Lag(partition, end));
        }

        return lags;
    }

    private HubLag Lag(OpenPartition partition, PartitionEnds end)
    {
        // Of events that are gone from the hub nothing will come any more: they are a hole.
        var next = Math.Max(partition.Next, end.First);
        var waiting = Math.Max(0, end.Last + 1 - next);
        var missing = partition.Minutes.Sum(minute => minute.Holes.Sum(hole => hole.Count) - minute.Filled.Sum(range => range.Count));
        if (waiting + missing <= 0)
            return new HubLag(partition.Partition, 0, 0);
        var now = clock.GetUtcNow();
        // One that waits alone is the newest; of several the oldest came after the last that does not wait, and after it was not there when somebody looked.
        var since = missing > 0 ? partition.Minutes.First(minute => minute.Holes.Count > 0).Minute
            : waiting == 1 ? end.LastEnqueuedAt
            : Later(partition.LastEnqueuedAt, Later(partition.Cursor.ClosedUntil, _observations.LastWithout(partition.Partition, next)));
        if (since == DateTimeOffset.MinValue)
            since = end.LastEnqueuedAt;
        return new HubLag(partition.Partition, waiting + Math.Max(0, missing), Math.Max(0, (now - since).TotalSeconds));
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateOnly Day(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);
}
