using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting;

/// <summary>
/// What Jaeger's dashboards and alerts ask its agent, collector, query service and, since version 2, the OpenTelemetry collector in it for, under those names.
/// </summary>
/// <remarks>
/// Names and labels are those of monitoring/jaeger-mixin in jaegertracing/jaeger, of versions 1 and 2. docs/metrics.md says what of it has no value here, and why.
/// </remarks>
internal static class JaegerMetrics
{
    private static readonly string[] Collector = ["svc", "transport", "format", "debug"];
    private static readonly string[] Receiver = ["receiver", "transport"];
    private static readonly string[] Exporter = ["exporter"];
    private static readonly string[] Host = ["host"];
    private static readonly string[] Format = ["format"];

    public static void Write(PrometheusText text, MetricsSnapshot all)
    {
        WriteCollector(text, all);
        WriteAgent(text, all);
        WriteQuery(text, all);
        WriteOpenTelemetry(text, all);
    }

    private static void WriteCollector(PrometheusText text, MetricsSnapshot all)
    {
        var accepted = all.Of(LedgerStage.Accepted).Select(Sample).ToArray();
        var refused = all.Of(LedgerStage.Refused).Select(Sample).ToArray();
        text.Write("jaeger_collector_spans_received_total", "counter", "Spans accepted or refused.", Collector, accepted.Concat(refused));
        text.Write("jaeger_collector_spans_rejected_total", "counter", "Spans refused.", Collector, refused);
        text.Write("jaeger_collector_spans_dropped_total", "counter", "Spans that were accepted, and then set aside or lost.", Host, OwnMetrics.One(Lost(all), ""));
        text.Write("jaeger_collector_spans_saved_by_svc_total", "counter", "Spans stored, or set aside or lost.", ["debug", "result", "svc"],
            all.Of(LedgerStage.Stored).Select(c => (new[] { "false", "ok", c.Key.Source.Service }, (double)c.Value)).Concat(
                all.Of(LedgerStage.Discarded).Concat(all.Of(LedgerStage.Quarantined)).Select(c => (new[] { "false", "err", c.Key.Source.Service }, (double)c.Value))));
        text.Write("jaeger_collector_queue_length", "gauge", "Events in the hub that are not yet stored.", Host, OwnMetrics.One(all.Lags.Sum(lag => lag.Events), ""));
        text.Histogram("jaeger_collector_in_queue_latency", "Accepted to stored, by span, in seconds.", all.Ledger.Latency);

        static (string[] Labels, double Value) Sample(KeyValuePair<LedgerKey, long> c) =>
            ([c.Key.Source.Service, "http", OwnMetrics.Word(c.Key.Source.Protocol), "false"], c.Value);
    }

    private static void WriteAgent(PrometheusText text, MetricsSnapshot all)
    {
        var counts = all.Ledger.Counts;
        var failed = counts.Sum(LedgerStage.RefusedRequests);
        text.Write("jaeger_agent_reporter_batches_submitted_total", "counter", "Requests that came.", Format, OwnMetrics.One(all.Requests, "any"));
        text.Write("jaeger_agent_reporter_batches_failures_total", "counter", "Requests refused whole.", Format, OwnMetrics.One(failed, "any"));
        text.Write("jaeger_agent_reporter_spans_submitted_total", "counter", "Spans accepted or refused.", Format,
            OwnMetrics.One(counts.Sum(LedgerStage.Accepted) + counts.Sum(LedgerStage.Refused), "any"));
        text.Write("jaeger_agent_reporter_spans_failures_total", "counter", "Spans refused, where their number is known.", Format, OwnMetrics.One(counts.Sum(LedgerStage.Refused), "any"));
        var arrived = counts.Sum(LedgerStage.ClientBatches);
        text.Write("jaeger_agent_client_stats_batches_received_total", "counter", "Batches that their senders number and that arrived.", [], OwnMetrics.One(arrived));
        text.Write("jaeger_agent_client_stats_batches_sent_total", "counter", "And those that did not.", [], OwnMetrics.One(arrived + counts.Sum(LedgerStage.ClientBatchesLost)));
        text.Write("jaeger_agent_client_stats_spans_dropped_total", "counter", "Spans that senders say they lost themselves.", ["cause"],
            all.Of(LedgerStage.ClientDropped).Select(c => (new[] { Cause(c.Key.Reason) }, (double)c.Value)));
        text.Write("jaeger_tracer_reporter_spans_total", "counter", "Spans that arrived, and those that senders say they lost themselves.", ["result"],
            OwnMetrics.One(counts.Sum(LedgerStage.Accepted), "ok").Concat(OwnMetrics.One(0, "dropped")).Concat(OwnMetrics.One(0, "err")).Concat(
                all.Of(LedgerStage.ClientDropped).Select(c => (new[] { c.Key.Reason == LedgerReason.SendFailed ? "err" : "dropped" }, (double)c.Value))));
        var sampling = all.Queries().Where(query => QueryMeter.Functions[query.Function].Operation.Length == 0).ToArray();
        text.Write("jaeger_agent_http_server_total", "counter", "Requests that ask how to sample.", ["type"],
            OwnMetrics.One(sampling.Sum(query => query.Counts.Sum()), "sampling"));
        text.Write("jaeger_agent_http_server_errors_total", "counter", "Of these, those that failed.", ["status"], OwnMetrics.One(0, "5xx").Concat(
            sampling.Where(query => query.Status[0] >= '4').Select(query => (new[] { query.Status[0] + "xx" }, (double)query.Counts.Sum()))));
    }

    private static void WriteQuery(PrometheusText text, MetricsSnapshot all)
    {
        var queries = all.Queries().Select(query => (query.Status, query.Counts, query.Seconds, QueryMeter.Functions[query.Function].Operation, QueryMeter.Functions[query.Function].Route))
            .Where(query => query.Operation.Length > 0).ToArray();
        string[] labels = ["operation", "result"];
        text.Write("jaeger_query_requests_total", "counter", "Queries of Jaeger's API.", labels, queries.Select(query => (new[] { query.Operation, Result(query.Status) }, (double)query.Counts.Sum())));
        text.Histograms("jaeger_query_latency", "How long they took, in seconds.", QueryMeter.BoundsSeconds, labels,
            queries.Select(query => (new[] { query.Operation, Result(query.Status) }, query.Counts, query.Seconds)));
        text.Histograms("http_server_request_duration_seconds", "How long requests of Jaeger's API took.", QueryMeter.BoundsSeconds, ["http_route", "http_response_status_code"],
            queries.Select(query => (new[] { query.Route, query.Status }, query.Counts, query.Seconds)));

        static string Result(string status) => status[0] == '5' ? "err" : "ok";
    }

    private static void WriteOpenTelemetry(PrometheusText text, MetricsSnapshot all)
    {
        var accepted = Received(LedgerStage.Accepted);
        var refused = Received(LedgerStage.Refused);
        text.Write("otelcol_receiver_accepted_spans_total", "counter", "Spans that the hub has durably.", Receiver, accepted);
        text.Write("otelcol_receiver_refused_spans_total", "counter", "Spans refused.", Receiver, refused);
        if (!text.IsOpenMetrics)
        {
            text.Write("otelcol_receiver_accepted_spans", "counter", "Spans that the hub has durably.", Receiver, accepted);
            text.Write("otelcol_receiver_refused_spans", "counter", "Spans refused.", Receiver, refused);
        }

        text.Write("otelcol_exporter_sent_spans_total", "counter", "Spans stored.", Exporter, OwnMetrics.One(all.Ledger.Counts.Sum(LedgerStage.Stored), "tables"));
        text.Write("otelcol_exporter_send_failed_spans_total", "counter", "Spans that were accepted, and then set aside or lost.", Exporter, OwnMetrics.One(Lost(all), "tables"));
        text.Write("otelcol_exporter_queue_size", "gauge", "Events in the hub that are not yet stored.", Exporter, OwnMetrics.One(all.Lags.Sum(lag => lag.Events), "tables"));

        // Both have the same series, so that one can be divided by the other.
        (string[] Labels, double Value)[] Received(LedgerStage stage) =>
            [.. all.Of(LedgerStage.Accepted).Concat(all.Of(LedgerStage.Refused)).Where(c => c.Key.Source.Protocol != 0)
                .Select(c => (new[] { OwnMetrics.Word(c.Key.Source.Protocol), "http" }, c.Key.Stage == stage ? (double)c.Value : 0))];
    }

    private static long Lost(MetricsSnapshot all) => all.Ledger.Counts.Sum(LedgerStage.Discarded) + all.Ledger.Counts.Sum(LedgerStage.Quarantined);

    /// <summary>As Jaeger's agent says it (client_metrics.go), where it has a word.</summary>
    private static string Cause(LedgerReason reason) => reason switch
    {
        LedgerReason.QueueFull => "full-queue",
        LedgerReason.SpanTooLarge => "too-large",
        LedgerReason.SendFailed => "send-failure",
        _ => LedgerWords.Of(reason).Replace('_', '-'),
    };
}
