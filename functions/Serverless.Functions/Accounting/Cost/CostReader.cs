using Serverless.Functions.Storage;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting.Cost;

/// <summary>Prices what the ledger counted.</summary>
public sealed class CostReader(LedgerReader ledger, WorkLedger work, PriceTable prices, TracingSettings settings)
{
    private const double BytesPerGigabyte = 1L << 30;
    private const double HoursPerDay = 24;

    // A day's tables are dropped together: what comes in the middle of it is kept for half a day more than the days that are kept.
    private const double DaysBesides = 0.5;

    /// <summary>What the minutes that begin in [<paramref name="from"/>, <paramref name="to"/>) cost.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="Buffering.HubException">The hub cannot be asked for its partitions.</exception>
    /// <exception cref="FormatException">A row is damaged.</exception>
    public async Task<CostReport> ReadAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var window = await ledger.ReadAsync(from, to, cancellation, withClients: false);
        var worked = await work.ReadAsync(from, to, cancellation);
        var stored = worked.Where(count => count.Key.Measure == WorkCounts.StoredBytes).ToDictionary(count => count.Key.Label, count => count.Value, StringComparer.Ordinal);
        var months = (settings.RetentionDays + DaysBesides) * HoursPerDay / CostReport.HoursPerMonth;
        List<CostItem> items =
        [
            .. UsageItems.Of(prices, window.Minutes.Sum(minute => minute.HubUnits), worked, settings.InstanceMemoryMegabytes),
            new CostItem("table_gb_months", stored.Values.Sum() / BytesPerGigabyte * months, prices[PriceTable.TableGigabyteMonth], IsByBytes: true),
        ];
        var counts = window.Counts();
        return new CostReport(from, to, counts.Sum(LedgerStage.Accepted), items, Services(counts, items))
        {
            StoredBytes = stored,
            MonthsKept = months,
            Fixed = new CostItem("hub_throughput_unit_hours", (to - from).TotalHours * prices.ThroughputUnits, prices[PriceTable.ThroughputUnitHour], IsByBytes: false),
        };
    }

    private static List<ServiceCost> Services(LedgerCounts counts, List<CostItem> items)
    {
        var services = new Dictionary<string, (long Spans, long Bytes)>(StringComparer.Ordinal);
        foreach (var (key, count) in counts)
        {
            if (key.Stage is not (LedgerStage.Accepted or LedgerStage.FrameBytes))
                continue;
            var service = services.GetValueOrDefault(key.Source.Service);
            services[key.Source.Service] = key.Stage == LedgerStage.Accepted ? (service.Spans + count, service.Bytes) : (service.Spans, service.Bytes + count);
        }

        var spans = services.Values.Sum(service => service.Spans);
        var bytes = services.Values.Sum(service => service.Bytes);
        var byBytes = items.Where(item => item.IsByBytes).Sum(item => item.Cost);
        var bySpans = items.Where(item => !item.IsByBytes).Sum(item => item.Cost);
        return [.. services.Select(service => new ServiceCost(service.Key, service.Value.Spans, service.Value.Bytes, Cost(service.Value))).OrderByDescending(service => service.Cost)];

        double Cost((long Spans, long Bytes) of)
        {
            var spanShare = spans == 0 ? 0 : (double)of.Spans / spans;
            return (spanShare * bySpans) + ((bytes == 0 ? spanShare : (double)of.Bytes / bytes) * byBytes);
        }
    }
}
