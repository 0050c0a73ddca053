using Serverless.Tracing.Ledger;

namespace Serverless.Tracing.Protocols.Otlp.Metrics;

/// <summary>A metric that tells how many spans its sender lost.</summary>
/// <param name="Cause">What it counts.</param>
/// <param name="NeedsError">Only what has an <c>error.type</c> was lost; the rest went well.</param>
/// <remarks>
/// Collector: https://opentelemetry.io/docs/collector/internal-telemetry/. SDKs: https://opentelemetry.io/docs/specs/semconv/otel/sdk-metrics/, of
/// which earlier versions end in <c>.count</c> or <c>_count</c>.
/// </remarks>
internal readonly record struct SpanLossMetric(LedgerReason Cause, bool NeedsError)
{
    private const int LongestName = 64;

    private static readonly (byte[] Name, SpanLossMetric Metric)[] Known =
    [
        ("otelcol_exporter_send_failed_spans"u8.ToArray(), new(LedgerReason.SendFailed, false)),
        ("otelcol_exporter_enqueue_failed_spans"u8.ToArray(), new(LedgerReason.EnqueueFailed, false)),
        ("otelcol_receiver_refused_spans"u8.ToArray(), new(LedgerReason.ReceiverRefused, false)),
        ("otelcol_processor_dropped_spans"u8.ToArray(), new(LedgerReason.Processor, false)),
        ("otelcol_processor_refused_spans"u8.ToArray(), new(LedgerReason.Processor, false)),
        ("otel_sdk_processor_span_processed"u8.ToArray(), new(LedgerReason.Processor, true)),
        ("otel_sdk_exporter_span_exported"u8.ToArray(), new(LedgerReason.SendFailed, true)),
    ];

    /// <summary>
    /// Finds a metric by its name, as OTLP has it or as it is when it went through Prometheus: with underscores for dots, and with suffixes.
    /// </summary>
    public static bool TryFind(ReadOnlySpan<byte> name, out SpanLossMetric metric)
    {
        metric = default;
        if (name.Length > LongestName || !name.StartsWith("otel"u8))
            return false;
        Span<byte> buffer = stackalloc byte[LongestName];
        name.Replace(buffer[..name.Length], (byte)'.', (byte)'_');
        ReadOnlySpan<byte> plain = buffer[..name.Length];
        plain = Without(Without(Without(plain, "_total"u8), "__spans_"u8), "_count"u8);
        foreach (var (known, found) in Known)
        {
            if (!plain.SequenceEqual(known))
                continue;
            metric = found;
            return true;
        }

        return false;
    }

    /// <summary>What spans with an error were lost by.</summary>
    public LedgerReason CauseOf(ReadOnlySpan<byte> error)
    {
        if (Cause != LedgerReason.Processor)
            return Cause;
        return error.SequenceEqual("queue_full"u8) ? LedgerReason.QueueFull
            : error.SequenceEqual("already_shutdown"u8) ? LedgerReason.AlreadyShutdown : LedgerReason.Processor;
    }

    private static ReadOnlySpan<byte> Without(ReadOnlySpan<byte> name, ReadOnlySpan<byte> suffix) =>
        name.EndsWith(suffix) ? name[..^suffix.Length] : name;
}
