using Serverless.Functions.Storage;

namespace Serverless.Functions.Querying;

/// <summary>
/// The blocks of many runs of rows, merged newest first. The runs of a day are opened when nothing newer is left, so that a
/// search that finds enough today does not touch the days before.
/// </summary>
internal sealed class SearchBlockStream(
    TableStorage storage, string[] partitions, string[] services, DateOnly[] days, ulong oldestNs, ulong newestNs) : IAsyncDisposable
{
    // The first page is all that most searches need, the pages after it are few anyway.
    private const int PageRows = 8;

    private readonly PriorityQueue<Run, ulong> _runs = new();
    private readonly List<Run> _all = [];
    private int _daysOpened;
    private Run? _taken;

    /// <summary>The next block, or null where there is none.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    public async ValueTask<StoredBlock?> PeekAsync(CancellationToken cancellation)
    {
        if (_taken is { } taken)
        {
            _taken = null;
            await AdvanceAsync([taken]);
        }

        while (_daysOpened < days.Length && !HasNewerThan(days[_daysOpened]))
            await OpenDayAsync(days[_daysOpened++], cancellation);
        return _runs.TryPeek(out var run, out _) ? run.Current : null;
    }

    /// <summary>Goes on behind the block that was peeked at.</summary>
    public void Take() => _taken = _runs.Dequeue();

    public async ValueTask DisposeAsync()
    {
        foreach (var run in _all)
            await run.Rows.DisposeAsync();
    }

    /// <summary>What arrived on a day started before that day ended, or the sender's clock was ahead.</summary>
    private bool HasNewerThan(DateOnly day)
    {
        var end = (ulong)(day.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) - DateTime.UnixEpoch).Ticks * 100;
        return _runs.TryPeek(out var run, out _) && run.Current!.NewestStartNs >= end;
    }

    private async Task OpenDayAsync(DateOnly day, CancellationToken cancellation)
    {
        var table = DayTables.Name(DayTables.Search, day);
        var opened = new List<Run>();
        foreach (var service in services)
        {
            var (from, to) = RowKeys.SearchRange(service, oldestNs, newestNs);
            foreach (var partition in partitions)
                opened.Add(new Run(service, storage.ReadAsync(table, partition, from, to, PageRows, cancellation).GetAsyncEnumerator(cancellation)));
        }

        _all.AddRange(opened);
        await AdvanceAsync(opened);
    }

    private async Task AdvanceAsync(IReadOnlyList<Run> runs)
    {
        await Task.WhenAll(runs.Select(run => run.AdvanceAsync()));
        foreach (var run in runs)
        {
            if (run.Current is { } block)
                _runs.Enqueue(run, ulong.MaxValue - block.NewestStartNs);
        }
    }

    private sealed class Run(string service, IAsyncEnumerator<StoredRow> rows)
    {
        public IAsyncEnumerator<StoredRow> Rows { get; } = rows;

        public StoredBlock? Current { get; private set; }

        public async Task AdvanceAsync() =>
            Current = await Rows.MoveNextAsync()
                ? new StoredBlock(RowKeys.NewestStart(Rows.Current.RowKey), service, Rows.Current.RowKey, Rows.Current.Data)
                : null;
    }
}
