using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Accounting;

/// <summary>
/// Makes <see cref="WorkCounts"/> durable: a row for each process and minute in table <c>ledger</c>, replaced while the minute lasts. So writing it twice changes
/// nothing, and processes do not get in each other's way. What a process counted in its last seconds before it is killed is not there.
/// </summary>
public sealed class WorkLedger(WorkCounts counts, TableStorage storage, TimeProvider clock, ILogger<WorkLedger> logger) : BackgroundService
{
    internal const string Partition = "work";

    private const byte Version = 1;
    private const int PageRows = 500;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>What all processes worked in the minutes that begin in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    public async Task<IReadOnlyDictionary<WorkKey, long>> ReadAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var here = counts.Snapshot();
        var sums = new Dictionary<WorkKey, long>();
        for (var day = DateOnly.FromDateTime(from.UtcDateTime); day <= DateOnly.FromDateTime(to.UtcDateTime); day = day.AddDays(1))
        {
            await foreach (var row in storage.ReadAsync(DayTables.Name(DayTables.Ledger, day), Partition, KeyOf(from), KeyOf(to), PageRows, cancellation))
            {
                if (row.RowKey.EndsWith(counts.Process, StringComparison.Ordinal) && here.Keys.Any(minute => row.RowKey.StartsWith(LedgerMinute.KeyOf(minute), StringComparison.Ordinal)))
                    continue;
                Add(sums, Read(row));
            }
        }

        foreach (var (minute, some) in here)
        {
            if (minute >= from && minute < to)
                Add(sums, some);
        }

        return sums;
    }

    /// <summary>Writes what is not written.</summary>
    /// <exception cref="StorageException">The tables cannot be written.</exception>
    public Task FlushAsync(CancellationToken cancellation) => FlushAsync(everything: false, cancellation);

    internal async Task FlushAsync(bool everything, CancellationToken cancellation)
    {
        foreach (var (minute, changes, some) in counts.Unwritten(everything))
        {
            var row = new StoredRow($"{LedgerMinute.KeyOf(minute)}|{counts.Process}", RowContent.Write(Version, writer => writer.WriteList(some, static (to, count) =>
            {
                to.Write(count.Key.Measure);
                to.Write(count.Key.Label);
                to.WriteNumber(count.Value);
            })));
            // It replaces itself: as bytes stored it would count too often.
            await storage.WriteTogetherAsync(DayTables.Name(DayTables.Ledger, DateOnly.FromDateTime(minute.UtcDateTime)), Partition, [RowWrite.Always(row)], cancellation);
            counts.Written(minute, changes);
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await FlushAsync(everything: true, cancellationToken);
        }
        catch (Exception e) when (e is StorageException or OperationCanceledException)
        {
            logger.LogWarning(e, "What was worked last is not written: {Reason}", e.Message);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await FlushAsync(stoppingToken);
            }
            catch (StorageException e)
            {
                logger.LogWarning(e, "What was worked cannot be written yet: {Reason}", e.Message);
            }
        }
    }

    internal static KeyValuePair<WorkKey, long>[] Read(StoredRow row) => RowContent.Read(row.Data, Version, $"row of work ({row.RowKey})", reader =>
        reader.ReadList(static from => KeyValuePair.Create(new WorkKey(from.ReadString(), from.ReadString()), from.ReadNumber())));

    private static void Add(Dictionary<WorkKey, long> sums, IEnumerable<KeyValuePair<WorkKey, long>> some)
    {
        foreach (var (key, count) in some)
            sums[key] = sums.GetValueOrDefault(key) + count;
    }

    private static string KeyOf(DateTimeOffset time) => LedgerMinute.KeyOf(LedgerMinute.CeilingOf(time));
}
