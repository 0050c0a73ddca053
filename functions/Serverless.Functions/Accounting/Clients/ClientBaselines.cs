using Serverless.Functions.Storage;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting.Clients;

/// <summary>
/// Up to where all senders' totals and numbers are counted, in rows of so many each. What follows from a set of reports does not depend on how they were
/// divided, so readers may follow what is not kept yet from where what is kept ends.
/// </summary>
internal sealed class ClientBaselines
{
    /// <summary>How many totals and clients are followed at once; of more, what they told is counted as dropped.</summary>
    public const int Most = 16_000;

    /// <summary>How many rows they are in.</summary>
    public const int Rows = 32;

    /// <summary>How long one that is not heard of is remembered.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromDays(7);

    private const byte Version = 1;
    private const string RowPrefix = "b";

    private readonly Dictionary<UInt128, SeriesBaseline> _series = [];
    private readonly Dictionary<UInt128, BatchBaseline> _clients = [];
    private readonly HashSet<int> _changed = [];

    /// <summary>The keys of the rows: from this one, to <see cref="AfterRows"/>.</summary>
    public const string FromRows = RowPrefix;

    /// <summary>What is behind the last row's key.</summary>
    public const string AfterRows = "c";

    /// <summary>Reads a row.</summary>
    /// <exception cref="FormatException">It is something else, or damaged.</exception>
    public void Read(StoredRow row) => RowContent.Read(row.Data, Version, "row of baselines", reader =>
    {
        for (var left = reader.ReadCount(); left > 0; left--)
            _series[ClientReports.ReadHash(reader)] = SeriesBaseline.Read(reader);
        for (var left = reader.ReadCount(); left > 0; left--)
            _clients[ClientReports.ReadHash(reader)] = BatchBaseline.Read(reader);
        return true;
    });

    /// <summary>The rows that are not as they were read.</summary>
    public IEnumerable<StoredRow> ChangedRows() => _changed.Order().Select(row => new StoredRow($"{RowPrefix}{row:00}", RowContent.Write(Version, writer =>
    {
        writer.WriteList([.. _series.Where(series => RowOf(series.Key) == row)], static (to, series) =>
        {
            ClientReports.WriteHash(to, series.Key);
            series.Value.Write(to);
        });
        writer.WriteList([.. _clients.Where(client => RowOf(client.Key) == row)], static (to, client) =>
        {
            ClientReports.WriteHash(to, client.Key);
            client.Value.Write(to);
        });
    })));

    /// <summary>Counts what reports say that was not counted before, in the minutes in which they came.</summary>
    /// <param name="minutes">The minutes, of all partitions.</param>
    /// <param name="countsOf">The counts of a minute.</param>
    public void Follow(IReadOnlyCollection<LedgerMinute> minutes, Func<DateTimeOffset, LedgerCounts> countsOf)
    {
        // In the order in which they were read, as far as that is known.
        foreach (var (minute, report) in minutes.SelectMany(minute => minute.Clients.Series.Select(report => (minute.Minute, Report: report)))
            .OrderBy(told => told.Report.TimeNs).ThenBy(told => told.Minute))
            Follow(minute, report, countsOf(minute));
        foreach (var (minute, batch) in minutes.SelectMany(minute => minute.Clients.Batches.Select(batch => (minute.Minute, Batch: batch)))
            .OrderBy(told => told.Minute).ThenBy(told => told.Batch.Client).ThenBy(told => told.Batch.SeqNo))
            Follow(minute, batch, countsOf(minute));
    }

    /// <summary>Forgets those that were not heard of since.</summary>
    public void Forget(DateTimeOffset before)
    {
        var hour = HourOf(before);
        foreach (var (key, series) in _series)
        {
            if (series.SeenHour < hour && _series.Remove(key))
                _changed.Add(RowOf(key));
        }

        foreach (var (key, client) in _clients)
        {
            if (client.SeenHour < hour && _clients.Remove(key))
                _changed.Add(RowOf(key));
        }
    }

    private void Follow(DateTimeOffset minute, LedgerSeriesReport report, LedgerCounts counts)
    {
        var isFirst = !_series.TryGetValue(report.Series, out var baseline);
        if (isFirst && !HasRoom(report.Source, counts))
            return;
        if (isFirst)
            _series.Add(report.Series, baseline = new SeriesBaseline());
        var lost = baseline!.Follow(report, isFirst);
        counts.Add(report.Source, LedgerStage.ClientDropped, report.Cause, lost);
        var hour = Math.Max(HourOf(minute), baseline.SeenHour);
        if (isFirst || lost != 0 || hour != baseline.SeenHour)
            _changed.Add(RowOf(report.Series));
        baseline.SeenHour = hour;
    }

    private void Follow(DateTimeOffset minute, in NumberedBatch batch, LedgerCounts counts)
    {
        var isFirst = !_clients.TryGetValue(batch.Client, out var baseline);
        if (isFirst && !HasRoom(batch.Source, counts))
            return;
        if (isFirst)
            _clients.Add(batch.Client, baseline = new BatchBaseline());
        var (missing, lost) = baseline!.Follow(batch, isFirst);
        counts.Add(batch.Source, LedgerStage.ClientBatchesLost, LedgerReason.None, missing);
        counts.Add(batch.Source, LedgerStage.ClientDropped, LedgerReason.QueueFull, lost.FullQueue);
        counts.Add(batch.Source, LedgerStage.ClientDropped, LedgerReason.SpanTooLarge, lost.TooLarge);
        counts.Add(batch.Source, LedgerStage.ClientDropped, LedgerReason.SendFailed, lost.SendFailures);
        baseline.SeenHour = Math.Max(HourOf(minute), baseline.SeenHour);
        _changed.Add(RowOf(batch.Client));
    }

    private bool HasRoom(LedgerSource source, LedgerCounts counts)
    {
        if (_series.Count + _clients.Count < Most)
            return true;
        counts.Add(source, LedgerStage.ClientReportsDropped, LedgerReason.None, 1);
        return false;
    }

    private static int RowOf(UInt128 key) => (int)((ulong)key % Rows);

    private static long HourOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / 3_600;
}
