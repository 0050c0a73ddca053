using System.Globalization;
using Serverless.Functions.Accounting;
using Serverless.Functions.Assembling;
using Serverless.Functions.Buffering;
using Serverless.Functions.Probing;
using Serverless.Functions.Storage;
using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Alerting;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Alerting.Measures;

/// <summary>The ledger's measures.</summary>
public sealed class LedgerMeasures(LedgerReader ledger, QuarantineReader quarantine, WorkLedger work, ExportLag export, ProbeMeasures probes) : IMeasureSource
{
    private const double NanosecondsPerSecond = 1e9;

    // More are not counted one by one: that there are so many is bad enough.
    private const int MostQuarantined = 1_000;
    private const int LongestReason = 60;

    /// <summary>The stages that a measure adds up.</summary>
    private static readonly Dictionary<string, LedgerStage[]> Stages = new(StringComparer.Ordinal)
    {
        ["spans_received"] = [LedgerStage.Accepted, LedgerStage.Refused],
        ["spans_accepted"] = [LedgerStage.Accepted],
        ["spans_refused"] = [LedgerStage.Refused],
        ["requests_refused"] = [LedgerStage.RefusedRequests],
        ["spans_truncated"] = [LedgerStage.Truncated],
        ["spans_stored"] = [LedgerStage.Stored],
        ["spans_deduplicated"] = [LedgerStage.Deduped],
        ["spans_discarded"] = [LedgerStage.Discarded],
        ["spans_quarantined"] = [LedgerStage.Quarantined],
        ["spans_finalized"] = [LedgerStage.Finalized],
        ["spans_exported"] = [LedgerStage.Exported],
        ["spans_dropped"] = [LedgerStage.Refused, LedgerStage.Discarded, LedgerStage.Quarantined],
        ["client_spans_dropped"] = [LedgerStage.ClientDropped],
        ["client_batches"] = [LedgerStage.ClientBatches],
        ["client_batches_missing"] = [LedgerStage.ClientBatchesLost],
    };

    /// <inheritdoc/>
    public string Name => MeasureCatalog.Ledger;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<MeasureValue>> ReadAsync(MeasureQuery query, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        try
        {
            return query.Measure switch
            {
                "hub_lag_events" or "hub_lag_seconds" => await LagAsync(query, cancellation),
                "export_lag_seconds" => await export.SecondsAsync(cancellation) is { } seconds ? Sum(query, [(LabelSet.Of([]), seconds)]) : [],
                "batches" or "batch_failures" or "storage_throttled" => Work(query, await work.ReadAsync(query.From, query.To, cancellation)),
                "quarantine_events" => await QuarantinedAsync(query, cancellation),
                "probes" or "probes_failed" or "probe_visible_seconds" => await probes.ReadAsync(query, cancellation),
                "queue_latency" => Latency(query, await ReadAsync(query, [], cancellation)),
                "conservation_remainder" => await RemainderAsync(query, cancellation),
                "receipt_holes" => Sum(query, (await ReadAsync(query, [], cancellation)).Holes().Select(hole => (Partition(hole.Partition), (double)Length(hole.Events)))),
                "receipt_overlaps" => Sum(query, (await ReadAsync(query, [], cancellation)).Minutes
                    .SelectMany(minute => minute.Overlaps.Select(range => (Partition(minute.Partition), (double)Length(range))))),
                _ when Stages.TryGetValue(query.Measure, out var stages) => Count(query, stages, await ReadAsync(query, stages, cancellation)),
                _ => throw new MeasureException($"The ledger does not count '{query.Measure}'."),
            };
        }
        catch (Exception e) when (e is StorageException or HubException or FormatException)
        {
            throw new MeasureException($"The ledger cannot be read: {e.Message}", e);
        }
    }

    private Task<LedgerWindow> ReadAsync(MeasureQuery query, LedgerStage[] stages, CancellationToken cancellation) => ledger.ReadAsync(
        query.From, query.To, cancellation,
        withClients: Array.Exists(stages, stage => stage is LedgerStage.ClientDropped or LedgerStage.ClientBatchesLost));

    private static List<MeasureValue> Count(MeasureQuery query, LedgerStage[] stages, LedgerWindow window) => Sum(query, window.Minutes
        .SelectMany(minute => minute.Counts).Where(count => Array.IndexOf(stages, count.Key.Stage) >= 0)
        .Select(count => (Source(count.Key), (double)count.Value)));

    /// <summary>What does not add up, source by source, in the minutes that are closed.</summary>
    private async Task<List<MeasureValue>> RemainderAsync(MeasureQuery query, CancellationToken cancellation)
    {
        var balances = await ledger.BalanceAsync(await ReadAsync(query, [], cancellation), cancellation);
        var sources = balances.Where(balance => balance.IsClosed && !balance.IsConserved).SelectMany(balance => balance.Sources);
        return [.. Sum(query, sources.Select(source => (Source(new LedgerKey(source.Source, LedgerStage.Accepted)), Math.Abs((double)source.Reports)))).Where(value => value.Value > 0)];
    }

    private static List<MeasureValue> Work(MeasureQuery query, IReadOnlyDictionary<WorkKey, long> counts) => Sum(query, counts
        .Where(count => count.Key.Measure == query.Measure)
        .Select(count => (LabelSet.Of(query.Measure == WorkCounts.Throttled ? "operation" : "stage", count.Key.Label), (double)count.Value)));

    private static List<MeasureValue> Latency(MeasureQuery query, LedgerWindow window)
    {
        var latencies = new Dictionary<LabelSet, ExponentialHistogram>();
        foreach (var minute in window.Minutes)
        {
            var labels = LabelSet.Of("partition", minute.Partition);
            if (!Takes(query, labels))
                continue;
            var group = labels.Only(query.By);
            if (!latencies.TryGetValue(group, out var latency))
                latencies[group] = latency = new ExponentialHistogram();
            latency.Add(minute.Latency);
        }

        return [.. latencies.Where(l => l.Value.Count > 0).Select(l => new MeasureValue(l.Key, l.Value.Quantile(query.Quantile) / NanosecondsPerSecond))];
    }

    private async Task<List<MeasureValue>> LagAsync(MeasureQuery query, CancellationToken cancellation)
    {
        var lags = await ledger.LagAsync(cancellation);
        // The largest of those that come together.
        return [.. lags.Select(lag => (Labels: Partition(lag.Partition), Value: query.Measure == "hub_lag_events" ? lag.Events : lag.Seconds))
            .Where(lag => Takes(query, lag.Labels)).GroupBy(lag => lag.Labels.Only(query.By)).Select(group => new MeasureValue(group.Key, group.Max(lag => lag.Value)))];
    }

    private async Task<List<MeasureValue>> QuarantinedAsync(MeasureQuery query, CancellationToken cancellation) =>
        Sum(query, (await quarantine.ListAsync(MostQuarantined, cancellation)).Where(quarantined => quarantined.ReplayedAt is null)
            .Select(quarantined => (LabelSet.Of("reason", Sort(quarantined.Note.Reason)), 1.0)));

    /// <summary>A reason without what differs from event to event, so that alike ones are one alert.</summary>
    private static string Sort(string reason)
    {
        var digits = string.Concat(reason.Select(c => char.IsAsciiDigit(c) ? '#' : c)).Replace("##", "#", StringComparison.Ordinal);
        return digits.Length <= LongestReason ? digits : digits[..LongestReason];
    }

    private static List<MeasureValue> Sum(MeasureQuery query, IEnumerable<(LabelSet Labels, double Value)> values) =>
        [.. values.Where(v => Takes(query, v.Labels)).GroupBy(v => v.Labels.Only(query.By)).Select(g => new MeasureValue(g.Key, g.Sum(v => v.Value)))];

    private static bool Takes(MeasureQuery query, LabelSet labels) => query.Where.All(filter => filter.Takes(labels[filter.Label]));

    private static LabelSet Partition(string partition) => LabelSet.Of([new("hub", SpanHub.Name), new("partition", partition)]);

    private static long Length(SequenceRange range) => range.Last - range.First + 1;

    private static LabelSet Source(in LedgerKey key)
    {
        var reason = LedgerWords.Of(key.Reason);
        return LabelSet.Of(
        [
            new("service", key.Source.Service), new("sender", key.Source.Sender),
            new("protocol", key.Source.Protocol == 0 ? "" : key.Source.Protocol.ToString().ToLower(CultureInfo.InvariantCulture)),
            new("reason", reason), new("cause", reason), new("what", reason),
        ]);
    }
}
