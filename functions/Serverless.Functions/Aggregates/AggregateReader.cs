using System.Collections.Concurrent;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Frames;

namespace Serverless.Functions.Aggregates;

/// <summary>Reads the stored aggregates of a window of minutes: of every day of arrival and partition of hub <c>finalize</c>, added up.</summary>
/// <remarks>
/// A row that a note says was merged is passed over, whether it is deleted yet or not. A note sorts before all other rows of its hour, and is
/// written in one transaction with what was merged: who reads the hour from its beginning sees either the sources alone, or the note.
/// </remarks>
public sealed class AggregateReader(TableStorage storage, DayTables tables, FinalizeHub hub)
{
    private const int PageRows = 1_000;
    private const int AtOnce = 16;
    private const int MinutesPerHour = 60;
    private const long MinutesPerDay = 24 * MinutesPerHour;

    private readonly ConcurrentBag<AggregateBlockReader> _readers = [];

    /// <summary>The partitions that aggregates are written to.</summary>
    /// <exception cref="HubException">The hub cannot be asked.</exception>
    internal ValueTask<IReadOnlyList<string>> PartitionsAsync(CancellationToken cancellation) => hub.PartitionIdsAsync(cancellation);

    /// <summary>Adds spans to a window.</summary>
    /// <param name="window">The window.</param>
    /// <param name="committed">The last item of each partition that counts; null for all.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="HubException">The hub cannot be asked for its partitions.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    public async Task ReadAsync(RedWindow window, IReadOnlyDictionary<string, long>? committed, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(window);
        var gate = new Lock();
        await ReadAsync(AggregateKind.Red, window.FirstMinute, window.LastMinute, committed, window.NewPart, part =>
        {
            lock (gate)
                window.Add(part);
        }, cancellation);
    }

    /// <summary>Adds calls to a window.</summary>
    /// <inheritdoc cref="ReadAsync(RedWindow, IReadOnlyDictionary{string, long}?, CancellationToken)"/>
    public async Task ReadAsync(LinkWindow window, IReadOnlyDictionary<string, long>? committed, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(window);
        var gate = new Lock();
        await ReadAsync(AggregateKind.Links, window.FirstMinute, window.LastMinute, committed, window.NewPart, part =>
        {
            lock (gate)
                window.Add(part);
        }, cancellation);
    }

    private async Task ReadAsync<TWindow>(
        AggregateKind kind,
        long firstMinute,
        long lastMinute,
        IReadOnlyDictionary<string, long>? committed,
        Func<TWindow> newPart,
        Action<TWindow> add,
        CancellationToken cancellation)
        where TWindow : IAggregateSink
    {
        if (lastMinute < firstMinute)
            return;
        var (from, to) = AggregateKeys.Range(kind, firstMinute / MinutesPerHour, lastMinute / MinutesPerHour);
        var partitions = await PartitionsAsync(cancellation);
        var days = (await tables.DaysAsync(DayTables.Aggregates, cancellation)).Where(day => MayHold(day, firstMinute));
        await Parallel.ForEachAsync(
            days.SelectMany(day => partitions.Select(partition => (Table: DayTables.Name(DayTables.Aggregates, day), Partition: partition))),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
            async (place, stop) =>
            {
                var part = newPart();
                var last = committed is null ? long.MaxValue : committed.GetValueOrDefault(place.Partition, -1);
                if (await ReadAsync(place.Table, place.Partition, from, to, last, part, stop))
                    add(part);
            });
    }

    private async Task<bool> ReadAsync<TWindow>(
        string table, string partition, string from, string to, long lastItem, TWindow window, CancellationToken cancellation)
        where TWindow : IAggregateSink
    {
        var any = false;
        var hour = new HourRows();
        var reader = _readers.TryTake(out var free) ? free : new AggregateBlockReader();
        await foreach (var row in storage.ReadAsync(table, RowKeys.Partition(partition), from, to, PageRows, cancellation))
        {
            if (hour.Ends(row))
                Flush();
            hour.Add(row);
            any = true;
        }

        Flush();
        _readers.Add(reader);
        return any;

        void Flush()
        {
            foreach (var row in hour.UpTo(lastItem))
                reader.Read(row.Data, window);

            hour.Reset();
        }
    }

    /// <summary>Spans arrive after they start; a day of grace is for senders whose clock is ahead.</summary>
    private static bool MayHold(DateOnly arrival, long firstMinute) =>
        (arrival.AddDays(2).DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber) * MinutesPerDay > firstMinute;
}
