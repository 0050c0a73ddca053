namespace Serverless.Functions.Alerting.Measures;

/// <summary>
/// The measures that rules may name, so that a rule is checked when it is read and not when it is needed. docs/alerting.md
/// has the same table.
/// </summary>
public static class MeasureCatalog
{
    /// <summary>The source of what became of spans.</summary>
    public const string Ledger = "ledger";

    /// <summary>The source of rates, errors and durations of the traced services.</summary>
    public const string Red = "red";

    private static readonly string[] Sender = ["service", "sender", "protocol"];
    private static readonly string[] Operation = ["service", "operation", "kind"];
    private static readonly string[] Service = ["service"];
    private static readonly string[] Partition = ["hub", "partition"];
    private static readonly string[] Stage = ["stage"];

    /// <summary>The ledger's measures.</summary>
    public static IReadOnlyList<MeasureDefinition> LedgerMeasures { get; } =
    [
        new("spans_received", MeasureKind.Sum, Sender, "Spans accepted or refused, where their number is known."),
        new("spans_accepted", MeasureKind.Sum, Sender, "Spans that the hub has durably."),
        new("spans_refused", MeasureKind.Sum, [.. Sender, "reason"], "Spans refused, alone or with their request."),
        new("requests_refused", MeasureKind.Sum, ["sender", "protocol", "reason"], "Requests refused whole."),
        new("spans_truncated", MeasureKind.Sum, [.. Sender, "what"], "Accepted spans of which something over a limit was cut."),
        new("spans_stored", MeasureKind.Sum, Sender, "Spans written to the tables."),
        new("spans_deduplicated", MeasureKind.Sum, Sender, "Spans that came more than once and were folded."),
        new("spans_discarded", MeasureKind.Sum, [.. Sender, "reason"], "Accepted spans that were not stored."),
        new("spans_quarantined", MeasureKind.Sum, [.. Sender, "reason"], "Spans of events that could not be decoded and were set aside."),
        new("spans_finalized", MeasureKind.Sum, Sender, "Spans of traces that were judged."),
        new("spans_exported", MeasureKind.Sum, Sender, "Spans handed to analytics."),
        new("spans_dropped", MeasureKind.Sum, [.. Sender, "reason"], "Spans refused, discarded or quarantined."),
        new("client_spans_dropped", MeasureKind.Sum, ["service", "sender", "cause"], "Spans that senders say they lost themselves."),
        new("client_batches", MeasureKind.Sum, ["service", "sender"], "Batches that their senders number."),
        new("client_batches_missing", MeasureKind.Sum, ["service", "sender"], "Numbers of such batches that never came."),
        new("conservation_remainder", MeasureKind.Sum, Sender, "Spans of closed minutes that are neither stored nor accounted for, as an absolute number; an event that no receipt covers counts as one, of nobody."),
        new("receipt_holes", MeasureKind.Sum, Partition, "Events that no receipt covers."),
        new("receipt_overlaps", MeasureKind.Sum, Partition, "Events that more than one receipt covers."),
        new("batches", MeasureKind.Sum, Stage, "Batches worked on: assemble, finalize, export."),
        new("batch_failures", MeasureKind.Sum, Stage, "Tries of batches that failed."),
        new("queue_latency", MeasureKind.Quantile, ["partition"], "Accepted to stored, in seconds."),
        new("hub_lag_events", MeasureKind.Last, Partition, "Events not yet worked on."),
        new("hub_lag_seconds", MeasureKind.Last, Partition, "Age of the oldest event not yet worked on, in seconds."),
        new("storage_throttled", MeasureKind.Sum, ["operation"], "Operations that the table storage put off (429, 503)."),
        new("quarantine_events", MeasureKind.Last, ["reason"], "Events in quarantine."),
        new("probes", MeasureKind.Sum, ["protocol"], "Probes whose result is known."),
        new("probes_failed", MeasureKind.Sum, ["protocol", "finding"], "Probes that found something wrong."),
        new("probe_visible_seconds", MeasureKind.Quantile, ["protocol"], "Posted to found, of the prober's traces, in seconds."),
        new("export_lag_seconds", MeasureKind.Last, [], "Age of the oldest judged span not yet handed to analytics, in seconds."),
    ];

    /// <summary>The measures of the traced services.</summary>
    public static IReadOnlyList<MeasureDefinition> RedMeasures { get; } =
    [
        new("calls", MeasureKind.Sum, Operation, "Calls."),
        new("errors", MeasureKind.Sum, Operation, "Calls that failed."),
        new("error_ratio", MeasureKind.Ratio, Operation, "Part of the calls that failed, 0 to 1."),
        new("latency", MeasureKind.Quantile, Operation, "Duration of the calls, in seconds."),
        new("spans", MeasureKind.Sum, Service, "Spans of traces that were judged."),
        new("spans_without_parent", MeasureKind.Sum, Service, "Of these, spans whose parent never came."),
        new("propagation_breaks", MeasureKind.Sum, Service, "Traces that were torn because the service lost the context."),
    ];

    /// <summary>A source's measures; empty for an unknown one.</summary>
    public static IReadOnlyList<MeasureDefinition> Of(string source) => source switch
    {
        Ledger => LedgerMeasures,
        Red => RedMeasures,
        _ => [],
    };

    /// <summary>A measure, or null where the source has none of that name.</summary>
    public static MeasureDefinition? Find(string source, string name) => Of(source).FirstOrDefault(m => m.Name == name);
}
