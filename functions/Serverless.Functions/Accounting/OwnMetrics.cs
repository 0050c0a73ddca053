using Serverless.Functions.Accounting.Cost;
using Serverless.Functions.Buffering;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Accounting;

/// <summary>Our own metrics, <c>serverless_*</c>; docs/metrics.md lists them.</summary>
internal static class OwnMetrics
{
    private static readonly string[] Spans = ["protocol", "service"];
    private static readonly string[] SpansWhy = ["protocol", "service", "reason"];
    private static readonly string[] SpansWhat = ["protocol", "service", "what"];
    private static readonly string[] Hub = ["hub"];

    public static void Write(PrometheusText text, MetricsSnapshot all)
    {
        WriteSpans(text, all);
        WriteLedger(text, all);
        WriteWork(text, all);
        WriteUsage(text, all);
    }

    /// <summary>The word of a protocol.</summary>
    public static string Word(SpanProtocol protocol) => protocol == 0 ? "" : protocol.ToString().ToLowerInvariant();

    /// <summary>A single sample.</summary>
    public static IEnumerable<(string[] Labels, double Value)> One(double value, params string[] labels) => [(labels, value)];

    private static void WriteSpans(PrometheusText text, MetricsSnapshot all)
    {
        Count("accepted", LedgerStage.Accepted, Spans, "Spans that the hub has durably.");
        Count("refused", LedgerStage.Refused, SpansWhy, "Spans refused, alone or with their request.");
        Count("truncated", LedgerStage.Truncated, SpansWhat, "Accepted spans of which something over a limit was cut.");
        Count("stored", LedgerStage.Stored, Spans, "Spans written to the tables, each event once.");
        Count("resent", LedgerStage.Resent, Spans, "Spans of events that the hub has twice.");
        Count("replayed", LedgerStage.Replayed, Spans, "Spans written again, because their event was delivered again.");
        Count("deduped", LedgerStage.Deduped, Spans, "Reports of spans that were there already.");
        Count("discarded", LedgerStage.Discarded, SpansWhy, "Accepted spans that are nowhere; there should be none.");
        Count("quarantined", LedgerStage.Quarantined, Spans, "Spans of events that could not be decoded and were set aside.");
        Count("finalized", LedgerStage.Finalized, Spans, "Spans of traces that were judged.");
        Count("exported", LedgerStage.Exported, Spans, "Spans handed to analytics.");
        Count("expired", LedgerStage.Expired, Spans, "Spans dropped by retention.");
        Write("serverless_span_bytes_total", LedgerStage.FrameBytes, Spans, "Bytes of accepted spans as they are kept, not compressed.");

        void Count(string name, LedgerStage stage, string[] labels, string help) => Write($"serverless_spans_{name}_total", stage, labels, help);

        void Write(string name, LedgerStage stage, string[] labels, string help) => text.Write(
            name, "counter", help, labels, all.Of(stage).Select(c => (new[] { Word(c.Key.Source.Protocol), c.Key.Source.Service, LedgerWords.Of(c.Key.Reason) }, (double)c.Value)));
    }

    private static void WriteLedger(PrometheusText text, MetricsSnapshot all)
    {
        var ledger = all.Ledger;
        text.Write("serverless_client_spans_dropped_total", "counter", "Spans that senders say they lost themselves.", ["service", "sender", "cause"],
            all.Of(LedgerStage.ClientDropped).Select(c => (new[] { c.Key.Source.Service, c.Key.Source.Sender, LedgerWords.Of(c.Key.Reason) }, (double)c.Value)));
        text.Write("serverless_client_batches_total", "counter", "Batches that their senders number and that arrived.", ["service", "sender"],
            all.Of(LedgerStage.ClientBatches).Select(c => (new[] { c.Key.Source.Service, c.Key.Source.Sender }, (double)c.Value)));
        text.Write("serverless_client_truncated_total", "counter", "Attributes, events and links that senders say they left out of spans.", ["service", "sender", "what"],
            all.Of(LedgerStage.ClientTruncated).Select(c => (new[] { c.Key.Source.Service, c.Key.Source.Sender, LedgerWords.Of(c.Key.Reason) }, (double)c.Value)));
        text.Write("serverless_client_reports_dropped_total", "counter", "What senders told of themselves and was too much to be followed.", ["service", "sender"],
            all.Of(LedgerStage.ClientReportsDropped).Select(c => (new[] { c.Key.Source.Service, c.Key.Source.Sender }, (double)c.Value)));
        text.Write("serverless_client_batches_lost", "gauge", "Numbers of batches that never came; a late one is taken off.", ["service", "sender"],
            all.Of(LedgerStage.ClientBatchesLost).Select(c => (new[] { c.Key.Source.Service, c.Key.Source.Sender }, (double)c.Value)));
        text.Write("serverless_requests_total", "counter", "Requests with spans that came, accepted or not.", [], One(all.Requests));
        text.Write("serverless_requests_refused_total", "counter", "Requests refused whole.", ["protocol", "reason"],
            all.Of(LedgerStage.RefusedRequests).Select(c => (new[] { Word(c.Key.Source.Protocol), LedgerWords.Of(c.Key.Reason) }, (double)c.Value)));
        text.Histogram("serverless_queue_latency_seconds", "Accepted to stored, by span.", ledger.Latency);
        text.Write("serverless_events_quarantined_total", "counter", "Events that could not be decoded.", [], One(ledger.QuarantinedEvents));
        text.Write("serverless_conservation_remainder", "gauge", "Accepted spans that are neither stored nor accounted for, since the beginning.", [], One(ledger.Remainder));
        text.Write("serverless_conservation_not_finalized", "gauge", "Stored spans of the last hour that should be finalized and are not.", [], One(all.NotFinalized));
        text.Write("serverless_receipt_holes", "gauge", "Events that no receipt covers.", [], One(ledger.Holes));
        text.Write("serverless_receipt_overlaps_total", "counter", "Events that more than one receipt covers.", [], One(ledger.Overlaps));
        text.Write("serverless_hub_lag_events", "gauge", "Events not yet stored.", ["partition"], all.Lags.Select(lag => (new[] { lag.Partition }, (double)lag.Events)));
        text.Write("serverless_hub_lag_seconds", "gauge", "Age of the oldest event not yet stored, at the most.", ["partition"], all.Lags.Select(lag => (new[] { lag.Partition }, lag.Seconds)));
        if (all.ExportSeconds is { } seconds)
            text.Write("serverless_export_lag_seconds", "gauge", "Age of the oldest stored span not yet handed to analytics.", [], One(seconds));
    }

    private static void WriteWork(PrometheusText text, MetricsSnapshot all)
    {
        ByLabel("serverless_batches_total", "stage", WorkCounts.Batches, "Batches worked on: assemble, finalize, export.");
        ByLabel("serverless_batch_failures_total", "stage", WorkCounts.BatchFailures, "Tries of batches that failed; they are tried again.");
        ByLabel("serverless_storage_throttled_total", "operation", WorkCounts.Throttled, "Operations that the table storage put off (429, 503).");
        ByLabel("serverless_alert_notifications_sent_total", "receiver", WorkCounts.NotificationsSent, "Messages about alerts that receivers took.");
        ByLabel("serverless_alert_notifications_failed_total", "receiver", WorkCounts.NotificationsFailed, "Messages about alerts that were given up at their deadline.");

        void ByLabel(string name, string label, string measure, string help) =>
            text.Write(name, "counter", help, [label], all.Work.Of(measure).Select(count => (new[] { count.Label }, (double)count.Count)));
    }

    private static void WriteUsage(PrometheusText text, MetricsSnapshot all)
    {
        var (ledger, work) = (all.Ledger, all.Work);
        text.Write("serverless_hub_events_total", "counter", "Events of hubs.", Hub, ByHub(ledger.Events, WorkCounts.HubEvents));
        text.Write("serverless_hub_units_total", "counter", "Events of up to 64 KB that hubs bill for them.", Hub, ByHub(ledger.HubUnits, WorkCounts.HubUnits));
        text.Write("serverless_hub_bytes_total", "counter", "Bytes of the events of hub spans.", Hub, One(ledger.Bytes, SpanHub.Name));
        text.Write("serverless_table_transactions_total", "counter", "Requests to the table storage.", ["operation"],
            work.Of(WorkCounts.Transactions).Select(count => (new[] { count.Label }, (double)count.Count)));
        text.Write("serverless_stored_bytes", "gauge", "Bytes in the tables of days, as they are billed.", ["table"], work.Of(WorkCounts.StoredBytes).Concat(
            ledger.ExpiredBytes.Select(kind => (Label: kind.Key, Count: -kind.Value))).Select(count => (new[] { count.Label }, (double)count.Count)));
        text.Write("serverless_executions_total", "counter", "Executions of functions.", ["function"],
            work.Of(WorkCounts.Executions).Select(count => (new[] { count.Label }, (double)count.Count)));
        text.Write("serverless_execution_seconds_total", "counter", "Seconds for which instances executed functions, as they are billed.", ["group"],
            work.Of(WorkCounts.ExecutionMilliseconds).Select(count => (new[] { count.Label }, count.Count / 1e3)));
        text.Write("serverless_cost_total", "counter", "What all that was used costs, without storage and what there is by the hour.", ["item", "currency"],
            UsageItems.Of(all.Prices, ledger.HubUnits, work.Counts, all.InstanceMegabytes).Select(item => (new[] { item.Name, all.Prices.Currency }, item.Cost)));

        IEnumerable<(string[] Labels, double Value)> ByHub(long spans, string measure) =>
            One(spans, SpanHub.Name).Concat(work.Of(measure).Select(count => (new[] { count.Label }, (double)count.Count)));
    }
}
