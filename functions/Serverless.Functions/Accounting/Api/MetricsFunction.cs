using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Accounting.Api;

/// <summary>The ledger as Prometheus' text: whichever instance answers, the counts are those of all. docs/metrics.md lists the metrics.</summary>
public sealed class MetricsFunction(LedgerTotalsStore totals, LedgerReader ledger, ExportLag export)
{
    private static readonly string[] Spans = ["protocol", "service"];
    private static readonly string[] SpansWhy = ["protocol", "service", "reason"];
    private static readonly string[] SpansWhat = ["protocol", "service", "what"];
    private static readonly string[] Jaeger = ["svc", "transport", "format", "debug"];

    /// <summary>All metrics.</summary>
    [Function("metrics")]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "metrics")] HttpRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        try
        {
            var all = await totals.ReadAsync(cancellation);
            var text = new PrometheusText();
            WriteOwn(text, all);
            WriteGauges(text, await ledger.LagAsync(cancellation), await export.SecondsAsync(cancellation));
            WriteJaeger(text, all);
            return Results.Text(text.ToString(), PrometheusText.ContentType);
        }
        catch (Exception e) when (e is StorageException or HubException or FormatException)
        {
            return Results.Text($"The ledger cannot be read: {e.Message}\n", "text/plain; charset=utf-8", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static void WriteOwn(PrometheusText text, LedgerTotals all)
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
        text.Write("serverless_client_spans_dropped_total", "counter", "Spans that senders say they lost themselves.", ["service", "sender", "cause"],
            Of(all, LedgerStage.ClientDropped).Select(c => (new[] { c.Key.Source.Service, c.Key.Source.Sender, LedgerWords.Of(c.Key.Reason) }, (double)c.Value)));
        text.Write("serverless_client_batches_total", "counter", "Batches that their senders number and that arrived.", ["service", "sender"],
            Of(all, LedgerStage.ClientBatches).Select(c => (new[] { c.Key.Source.Service, c.Key.Source.Sender }, (double)c.Value)));
        text.Write("serverless_client_truncated_total", "counter", "Attributes, events and links that senders say they left out of spans.", ["service", "sender", "what"],
            Of(all, LedgerStage.ClientTruncated).Select(c => (new[] { c.Key.Source.Service, c.Key.Source.Sender, LedgerWords.Of(c.Key.Reason) }, (double)c.Value)));
        text.Write("serverless_client_reports_dropped_total", "counter", "What senders told of themselves and was too much to be followed.", ["service", "sender"],
            Of(all, LedgerStage.ClientReportsDropped).Select(c => (new[] { c.Key.Source.Service, c.Key.Source.Sender }, (double)c.Value)));
        text.Write("serverless_client_batches_lost", "gauge", "Numbers of batches that never came; a late one is taken off.", ["service", "sender"],
            Of(all, LedgerStage.ClientBatchesLost).Select(c => (new[] { c.Key.Source.Service, c.Key.Source.Sender }, (double)c.Value)));
        text.Write("serverless_requests_total", "counter", "Accepted requests.", [], One(all.Counts.Sum(LedgerStage.Requests)));
        text.Write("serverless_requests_refused_total", "counter", "Requests refused whole.", ["protocol", "reason"],
            Of(all, LedgerStage.RefusedRequests).Select(c => (new[] { Word(c.Key.Source.Protocol), LedgerWords.Of(c.Key.Reason) }, (double)c.Value)));
        text.Histogram("serverless_queue_latency_seconds", "Accepted to stored, by span.", all.Latency);
        text.Write("serverless_hub_events_total", "counter", "Events of the hub spans.", [], One(all.Events));
        text.Write("serverless_hub_bytes_total", "counter", "Their bytes.", [], One(all.Bytes));
        text.Write("serverless_hub_units_total", "counter", "Events of up to 64 KB that the hub bills for them.", [], One(all.HubUnits));
        text.Write("serverless_events_quarantined_total", "counter", "Events that could not be decoded.", [], One(all.QuarantinedEvents));
        text.Write("serverless_conservation_remainder", "gauge", "Spans that are neither stored nor accounted for.", [], One(all.Remainder));
        text.Write("serverless_receipt_holes", "gauge", "Events that no receipt covers.", [], One(all.Holes));
        text.Write("serverless_receipt_overlaps_total", "counter", "Events that more than one receipt covers.", [], One(all.Overlaps));

        void Count(string name, LedgerStage stage, string[] labels, string help) => text.Write(
            $"serverless_spans_{name}_total", "counter", help, labels, Of(all, stage).Select(c => (new[] { Word(c.Key.Source.Protocol), c.Key.Source.Service, LedgerWords.Of(c.Key.Reason) }, (double)c.Value)));
    }

    private static void WriteGauges(PrometheusText text, IReadOnlyList<HubLag> lags, double? exportSeconds)
    {
        text.Write("serverless_hub_lag_events", "gauge", "Events not yet stored.", ["partition"], lags.Select(lag => (new[] { lag.Partition }, (double)lag.Events)));
        text.Write("serverless_hub_lag_seconds", "gauge", "Age of the oldest event not yet stored.", ["partition"], lags.Select(lag => (new[] { lag.Partition }, lag.Seconds)));
        if (exportSeconds is { } seconds)
            text.Write("serverless_export_lag_seconds", "gauge", "Age of the oldest stored span not yet handed to analytics.", [], [([], seconds)]);
    }

    /// <summary>The metrics of Jaeger's collector and agent that its dashboards and alerts ask for.</summary>
    private static void WriteJaeger(PrometheusText text, LedgerTotals all)
    {
        var accepted = Of(all, LedgerStage.Accepted).Select(Sample).ToArray();
        var refused = Of(all, LedgerStage.Refused).Select(Sample).ToArray();
        text.Write("jaeger_collector_spans_received_total", "counter", "Spans accepted or refused.", Jaeger, accepted.Concat(refused));
        text.Write("jaeger_collector_spans_rejected_total", "counter", "Spans refused.", Jaeger, refused);
        text.Write("jaeger_collector_spans_dropped_total", "counter", "Spans that were accepted, and then set aside or lost.", ["host"],
            One(all.Counts.Sum(LedgerStage.Discarded) + all.Counts.Sum(LedgerStage.Quarantined), ""));
        text.Histogram("jaeger_collector_in_queue_latency", "Accepted to stored, by span, in seconds.", all.Latency);
        var failed = Of(all, LedgerStage.RefusedRequests).Sum(c => c.Value);
        text.Write("jaeger_agent_reporter_batches_submitted_total", "counter", "Requests that came.", ["format"], One(all.Counts.Sum(LedgerStage.Requests) + failed, "any"));
        text.Write("jaeger_agent_reporter_batches_failures_total", "counter", "Requests refused whole.", ["format"], One(failed, "any"));
        var arrived = all.Counts.Sum(LedgerStage.ClientBatches);
        text.Write("jaeger_agent_client_stats_batches_received_total", "counter", "Batches that their senders number and that arrived.", [], One(arrived));
        text.Write("jaeger_agent_client_stats_batches_sent_total", "counter", "And those that did not.", [], One(arrived + all.Counts.Sum(LedgerStage.ClientBatchesLost)));
        text.Write("jaeger_agent_client_stats_spans_dropped_total", "counter", "Spans that senders say they lost themselves.", ["cause"],
            Of(all, LedgerStage.ClientDropped).Select(c => (new[] { Cause(c.Key.Reason) }, (double)c.Value)));

        static (string[] Labels, double Value) Sample(KeyValuePair<LedgerKey, long> c) =>
            ([c.Key.Source.Service, "http", Word(c.Key.Source.Protocol), "false"], c.Value);
    }

    /// <summary>As Jaeger's agent says it (client_metrics.go), where it has a word.</summary>
    private static string Cause(LedgerReason reason) => reason switch
    {
        LedgerReason.QueueFull => "full-queue",
        LedgerReason.SpanTooLarge => "too-large",
        LedgerReason.SendFailed => "send-failure",
        _ => LedgerWords.Of(reason).Replace('_', '-'),
    };

    private static IEnumerable<KeyValuePair<LedgerKey, long>> Of(LedgerTotals all, LedgerStage stage) => all.Counts.Where(count => count.Key.Stage == stage);

    private static IEnumerable<(string[] Labels, double Value)> One(long value, params string[] labels) => [(labels, value)];

    private static string Word(SpanProtocol protocol) => protocol == 0 ? "" : protocol.ToString().ToLowerInvariant();
}
