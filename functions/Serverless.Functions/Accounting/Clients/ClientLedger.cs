using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting.Clients;

/// <summary>
/// Makes losses of what senders tell of themselves: running totals, and numbers of batches. They are kept, by minute, when nothing of it can come late
/// any more; until then readers make them of the same reports, from where what is kept ends.
/// </summary>
/// <remarks>
/// All of it is in one partition of table <c>state</c>: the position (<see cref="ClientLedgerState"/>), the baselines (<see cref="ClientBaselines"/>) and the
/// minutes' counts change in one transaction, under the condition that the position is as it was read. So each report counts once, whoever counts it and
/// whenever that ends.
/// </remarks>
internal sealed class ClientLedger(TableStorage storage, DayTables tables, TimeProvider clock)
{
    private const string Key = "ledger-clients";
    private const string MinutePrefix = "m";
    private const byte Version = 1;
    private const int PageRows = 200;
    private const int MostRows = 3_000;
    private const int MostMinutesAtOnce = 40;
    private const int MostDeletions = 20;
    private const int MostBytes = 2_300_000;

    // A partition that is further behind than this is idle, and nobody waits for it.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan BetweenTidying = TimeSpan.FromHours(1);

    /// <summary>Reads the position.</summary>
    /// <exception cref="StorageException">The table cannot be read.</exception>
    public async Task<ClientLedgerState> StateAsync(CancellationToken cancellation) =>
        await storage.ReadAsync(FinalizeState.Table, Key, ClientLedgerState.RowKey, cancellation) is { } row ? ClientLedgerState.FromRow(row) : ClientLedgerState.None;

    /// <summary>What senders lost, in a window and in all; null where the position moved meanwhile, and all is to be read again.</summary>
    /// <param name="state">The position.</param>
    /// <param name="uncounted">All minutes from there on, closed or not; none where all partitions are counted beyond the window.</param>
    /// <param name="from">The window's begin.</param>
    /// <param name="to">The window's end.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="StorageException">The table cannot be read.</exception>
    public async Task<ClientWindow?> ReadAsync(
        ClientLedgerState state, IReadOnlyCollection<LedgerMinute> uncounted, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var minutes = new SortedDictionary<DateTimeOffset, LedgerCounts>();
        var all = new LedgerCounts();
        all.Add(state.Counts);
        if (state.ETag is not null)
        {
            await foreach (var row in storage.ReadAsync(FinalizeState.Table, Key, KeyOf(from), KeyOf(to.AddMinutes(1)), PageRows, cancellation))
            {
                if (MinuteOf(row) >= from && MinuteOf(row) < to)
                    Read(row, CountsOf(minutes, MinuteOf(row)));
            }
        }

        if (uncounted.Any(minute => !minute.Clients.IsEmpty))
        {
            var baselines = await BaselinesAsync(state, cancellation);
            var open = new SortedDictionary<DateTimeOffset, LedgerCounts>();
            baselines.Follow(uncounted, minute => CountsOf(open, minute));
            foreach (var (minute, counts) in open)
            {
                all.Add(counts);
                if (minute >= from && minute < to)
                    CountsOf(minutes, minute).Add(counts);
            }
        }

        if (state.ETag != (await StateAsync(cancellation)).ETag)
            return null;
        return new ClientWindow([.. minutes.Where(minute => !minute.Value.IsEmpty).Select(minute => Of(minute.Key, minute.Value))], all);
    }

    /// <summary>Keeps what nothing can come to any more.</summary>
    /// <param name="ends">For each partition of the hub the first minute of which something may come late.</param>
    /// <param name="cancellation">Ends the waiting; what was not kept is kept the next time.</param>
    /// <exception cref="StorageException">The tables cannot be read or written.</exception>
    public async Task FoldAsync(IReadOnlyDictionary<string, DateTimeOffset> ends, CancellationToken cancellation)
    {
        try
        {
            for (var most = MostMinutesAtOnce; most > 0 && !await TryFoldAsync(ends, most, cancellation); most /= 2)
            {
                // It was too much for one transaction.
            }
        }
        catch (StorageConflictException)
        {
            // Another instance did the same.
        }
    }

    private async Task<bool> TryFoldAsync(IReadOnlyDictionary<string, DateTimeOffset> ends, int mostMinutes, CancellationToken cancellation)
    {
        var state = await StateAsync(cancellation);
        var (minutes, untils) = await UncountedAsync(state, ends, mostMinutes, cancellation);
        if (untils.Count == 0)
            return true;
        var now = clock.GetUtcNow();
        var tidies = now - state.TidiedAt >= BetweenTidying;
        var baselines = tidies || minutes.Count > 0 ? await BaselinesAsync(state, cancellation) : new ClientBaselines();
        var counts = new SortedDictionary<DateTimeOffset, LedgerCounts>();
        baselines.Follow(minutes, minute => CountsOf(counts, minute));
        var all = state.Counts;
        var writes = new List<RowWrite>();
        foreach (var (minute, found) in counts.Where(found => !found.Value.IsEmpty))
        {
            foreach (var (key, count) in found)
                all.Add(key.Source.OfAllInstances(), key.Stage, key.Reason, count);
            if (await storage.ReadAsync(FinalizeState.Table, Key, KeyOf(minute), cancellation) is { } kept)
                Read(kept, found);
            writes.Add(RowWrite.Always(new StoredRow(KeyOf(minute), RowContent.Write(Version, writer => writer.WriteCounts(found)))));
        }

        if (tidies)
        {
            baselines.Forget(now - ClientBaselines.Remembered);
            await AddDeletionsAsync(writes, cancellation);
        }

        writes.AddRange(baselines.ChangedRows().Select(RowWrite.Always));
        var next = new ClientLedgerState(
            new Dictionary<string, DateTimeOffset>(state.Untils.Concat(untils).GroupBy(until => until.Key).Select(until => until.Last()), StringComparer.Ordinal),
            all, tidies ? now : state.TidiedAt, state.ETag);
        writes.Add(RowWrite.IfUnchanged(next.ToRow(), state.ETag));
        if (mostMinutes > 1 && writes.Sum(write => (long)write.Data.Length) > MostBytes)
            return false;
        await storage.WriteTogetherAsync(FinalizeState.Table, Key, writes, cancellation);
        return true;
    }

    /// <summary>The minutes that are to be counted, of which senders told something, and how far each partition is then counted.</summary>
    private async Task<(List<LedgerMinute> Minutes, Dictionary<string, DateTimeOffset> Untils)> UncountedAsync(
        ClientLedgerState state, IReadOnlyDictionary<string, DateTimeOffset> ends, int mostMinutes, CancellationToken cancellation)
    {
        var minutes = new List<LedgerMinute>();
        var untils = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        if (ends.Count == 0)
            return (minutes, untils);
        // A client's batches are in all partitions: together they say more than one after the other.
        var last = ends.Values.Max();
        var together = ends.Values.Where(end => last - end < LongestWait).Min();
        var times = new HashSet<DateTimeOffset>();
        var days = (await tables.DaysAsync(DayTables.Ledger, cancellation)).Order().ToArray();
        foreach (var (partition, end) in ends)
        {
            var from = state.UntilOf(partition);
            var until = end < together ? end : together;
            var rows = 0;
            foreach (var day in days.Where(day => day >= Day(from) && day <= Day(until)))
            {
                await foreach (var row in storage.ReadAsync(
                    DayTables.Name(DayTables.Ledger, day), RowKeys.Partition(partition), LedgerMinute.KeyOf(from), LedgerMinute.KeyOf(until), PageRows, cancellation))
                {
                    var minute = LedgerMinute.FromRow(partition, row);
                    // A minute's rows are counted together, as its end is what is remembered.
                    if ((++rows > MostRows && minute.Minute > from)
                        || (!minute.Clients.IsEmpty && times.Count >= mostMinutes && !times.Contains(minute.Minute)))
                    {
                        until = minute.Minute;
                        break;
                    }

                    if (minute.Clients.IsEmpty)
                        continue;
                    times.Add(minute.Minute);
                    minutes.Add(minute);
                }
            }

            minutes.RemoveAll(minute => minute.Partition == partition && minute.Minute >= until);
            if (until > from)
                untils[partition] = until;
        }

        return (minutes, untils);
    }

    private async Task<ClientBaselines> BaselinesAsync(ClientLedgerState state, CancellationToken cancellation)
    {
        var baselines = new ClientBaselines();
        if (state.ETag is null)
            return baselines;
        await foreach (var row in storage.ReadAsync(FinalizeState.Table, Key, ClientBaselines.FromRows, ClientBaselines.AfterRows, PageRows, cancellation))
            baselines.Read(row);
        return baselines;
    }

    /// <summary>Has minutes deleted that the ledger has dropped.</summary>
    private async Task AddDeletionsAsync(List<RowWrite> writes, CancellationToken cancellation)
    {
        var days = await tables.DaysAsync(DayTables.Ledger, cancellation);
        if (days.Count == 0)
            return;
        var oldest = new DateTimeOffset(days.Min().ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var kept = writes.Select(write => write.RowKey).ToHashSet(StringComparer.Ordinal);
        var deletions = 0;
        await foreach (var row in storage.ReadAsync(FinalizeState.Table, Key, MinutePrefix, KeyOf(oldest), MostDeletions, cancellation))
        {
            if (kept.Contains(row.RowKey))
                continue;
            if (++deletions > MostDeletions)
                break;
            writes.Add(RowWrite.Delete(row.RowKey));
        }
    }

    private static void Read(StoredRow row, LedgerCounts to) => RowContent.Read(row.Data, Version, $"minute of what senders tell ({row.RowKey})", reader =>
    {
        reader.ReadCounts(to);
        return true;
    });

    private static LedgerCounts CountsOf(SortedDictionary<DateTimeOffset, LedgerCounts> minutes, DateTimeOffset minute)
    {
        if (!minutes.TryGetValue(minute, out var counts))
            minutes.Add(minute, counts = ClientLedgerState.NewCounts());
        return counts;
    }

    private static LedgerMinute Of(DateTimeOffset time, LedgerCounts counts)
    {
        var minute = new LedgerMinute(LedgerMinute.OfAll, time);
        minute.Counts.Add(counts);
        return minute;
    }

    private static string KeyOf(DateTimeOffset minute) => MinutePrefix + LedgerMinute.KeyOf(minute);

    private static DateTimeOffset MinuteOf(StoredRow row) => LedgerMinute.MinuteOf(row.RowKey.AsSpan(MinutePrefix.Length));

    private static DateOnly Day(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);
}
