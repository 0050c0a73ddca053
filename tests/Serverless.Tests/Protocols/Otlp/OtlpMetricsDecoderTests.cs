using System.Text;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Otlp.Metrics;
using static Serverless.Tests.Protocols.Otlp.OtlpMetricMessages;

namespace Serverless.Tests.Protocols.Otlp;

public sealed class OtlpMetricsDecoderTests
{
    private static readonly LedgerSource Collector = new(SpanProtocol.Otlp, "collector", "agent/1", "c-1");

    private readonly SpanBatch _batch = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Losses_are_found_among_all_metrics(bool isJson)
    {
        var section = Decode(isJson ? FullJson() : Full(), isJson)!;
        Assert.Equal(3, section.Counts[new LedgerKey(Collector, LedgerStage.ClientDropped, LedgerReason.ReceiverRefused)]);
        Assert.Equal(4, section.Counts[new LedgerKey(Collector, LedgerStage.ClientDropped, LedgerReason.QueueFull)]);
        Assert.Equal(2, section.Counts.Count);
        Assert.Equal(
            [(Collector, LedgerReason.SendFailed, 5UL, 9UL, 7L), (Collector, LedgerReason.SendFailed, 0UL, 9UL, 2L)],
            section.Series.Select(s => (s.Source, s.Cause, s.StartNs, s.TimeNs, s.Value)));
        Assert.Equal(2, section.Series.DistinctBy(s => s.Series).Count());
        Assert.Equal(0, _batch.SpanCount);
    }

    [Fact]
    public void A_series_is_the_same_in_both_forms_and_whatever_the_order_of_its_attributes()
    {
        var all = Decode(Full())!.Series.Select(s => s.Series).ToArray();
        Assert.Equal(all, Decode(FullJson(), isJson: true)!.Series.Select(s => s.Series));
        var one = Of(Point(1, 5, 9, ("exporter", "otlp"), ("a", "b")));
        Assert.Equal(one, Of(Point(8, 5, 70, ("a", "b"), ("exporter", "otlp"))));
        Assert.NotEqual(one, Of(Point(1, 5, 9, ("exporter", "otlp"), ("a", "c"))));
        Assert.NotEqual(one, Of(Point(1, 5, 9, ("exporter", "otlp"))));
        Assert.NotEqual(one, Of(Point(1, 6, 9, ("exporter", "otlp"), ("a", "b"))));
        Assert.NotEqual(one, Of(Point(1, 5, 9, ("exporter", "otlp"), ("a", "b")), "other"));

        UInt128 Of(ProtoMessage point, string service = "shop") => Assert.Single(
            Decode(Request(service, Sum("otelcol_exporter_send_failed_spans", Cumulative, true, point)).ToArray())!.Series).Series;
    }

    [Theory]
    [InlineData("otelcol_exporter_send_failed_spans", LedgerReason.SendFailed)]
    [InlineData("otelcol_exporter_send_failed_spans_total", LedgerReason.SendFailed)]
    [InlineData("otelcol_exporter_send_failed_spans__spans__total", LedgerReason.SendFailed)]
    [InlineData("otelcol_exporter_enqueue_failed_spans", LedgerReason.EnqueueFailed)]
    [InlineData("otelcol_receiver_refused_spans_total", LedgerReason.ReceiverRefused)]
    [InlineData("otelcol_processor_dropped_spans", LedgerReason.Processor)]
    [InlineData("otelcol_processor_refused_spans", LedgerReason.Processor)]
    [InlineData("otel.sdk.processor.span.processed", LedgerReason.Processor)]
    [InlineData("otel.sdk.processor.span.processed.count", LedgerReason.Processor)]
    [InlineData("otel_sdk_processor_span_processed_total", LedgerReason.Processor)]
    [InlineData("otel.sdk.exporter.span.exported", LedgerReason.SendFailed)]
    [InlineData("otelcol_exporter_sent_spans", LedgerReason.None)]
    [InlineData("otelcol_exporter_send_failed_log_records", LedgerReason.None)]
    [InlineData("otel.sdk.processor.log.processed", LedgerReason.None)]
    public void A_metric_is_known_by_its_name(string name, LedgerReason expected)
    {
        var section = Decode(Request("shop", Sum(name, Delta, true, Point(2, attributes: ("error.type", "timeout")))).ToArray());
        if (expected == LedgerReason.None)
            Assert.Null(section);
        else
            Assert.Equal((expected, 2L), section!.Counts.Select(c => (c.Key.Reason, c.Value)).Single());
    }

    [Theory]
    [InlineData("queue_full", LedgerReason.QueueFull)]
    [InlineData("already_shutdown", LedgerReason.AlreadyShutdown)]
    [InlineData("java.io.IOException", LedgerReason.Processor)]
    public void What_a_processor_dropped_is_told_by_its_error(string error, LedgerReason expected)
    {
        var section = Decode(Request("shop", Sum("otel.sdk.processor.span.processed", Delta, true, Point(2, attributes: ("error_type", error)))).ToArray());
        Assert.Equal(expected, section!.Counts.Single().Key.Reason);
    }

    [Fact]
    public void What_went_well_or_says_nothing_is_no_loss()
    {
        const string name = "otelcol_exporter_send_failed_spans";
        Assert.Empty(Decode(Request("shop", Sum("otel.sdk.exporter.span.exported", Delta, true, Point(2))).ToArray())!.Counts);
        Assert.Null(Decode(Request("shop", Sum(name, Delta, false, Point(2))).ToArray()));
        Assert.Null(Decode(Request("shop", Sum(name, 0, true, Point(2))).ToArray()));
        Assert.Null(Decode(Request("shop", Sum(name, Cumulative, true, Point(0))).ToArray()));
        Assert.Null(Decode(Request("shop", Sum(name, Delta, true, Point(-2))).ToArray()));
        Assert.Null(Decode(Request("shop", Sum(name, Delta, true, Point(2).Varint(8, 1))).ToArray()));
        foreach (var number in (double[])[double.NaN, double.NegativeInfinity, double.PositiveInfinity, 1e300, -1, 0.2])
            Assert.Null(Decode(Request("shop", Sum(name, Delta, true, new ProtoMessage().Double(4, number))).ToArray()));
        // No base either, of a total whose start is not known: the next one would be told as if it had begun at 0.
        foreach (var number in (double[])[double.NaN, double.PositiveInfinity, -1])
            Assert.Null(Decode(Request("shop", Sum(name, Cumulative, true, new ProtoMessage().Double(4, number))).ToArray()));
        Assert.Null(Decode([]));
        Assert.Null(Decode("{}"u8.ToArray(), isJson: true));
    }

    [Fact]
    public void Too_many_series_are_left_out_and_counted()
    {
        var points = Enumerable.Range(0, 3_000).Select(i => Point(1, attributes: ("i", $"{i}"))).ToArray();
        var section = Decode(Request("shop", Sum("otelcol_exporter_send_failed_spans", Cumulative, true, points)).ToArray())!;
        Assert.Equal(LedgerSection.MostSeries, section.Series.Count);
        Assert.Equal(3_000 - LedgerSection.MostSeries, section.Counts.Sum(LedgerStage.ClientReportsDropped));
        var limits = new DecodeLimits { MaxSpans = 2_999 };
        var e = Assert.Throws<MalformedSpansException>(() => Decode(Request("shop", Sum("otelcol_exporter_send_failed_spans", Cumulative, true, points)).ToArray(), limits: limits));
        Assert.Contains("resource_metrics[0].scope_metrics[0].metrics[0].sum.data_points[2999]", e.Message.Replace("resourceMetrics", "resource_metrics").Replace("scopeMetrics", "scope_metrics").Replace("dataPoints", "data_points"));
        Assert.Contains("more than 2999 data points; send fewer in a request", e.Message);
    }

    [Theory]
    [InlineData("""{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"otelcol_receiver_refused_spans","sum":{"dataPoints":[{"asInt":"x"}],"aggregationTemporality":1,"isMonotonic":true}}]}]}]}""", "resourceMetrics[0].scopeMetrics[0].metrics[0].sum.dataPoints[0].asInt at byte ")]
    [InlineData("""{"resourceMetrics":[{"scopeMetrics":[{"metrics":[7]}]}]}""", "resourceMetrics[0].scopeMetrics[0].metrics[0] at byte 49: the number 7, an object expected")]
    [InlineData("""{"resourceMetrics":{}}""", "resourceMetrics at byte 19: an object, an array expected")]
    [InlineData("[]", "at byte 0: an array, an object expected")]
    public void What_is_wrong_is_told_with_its_place(string json, string expected)
    {
        var e = Assert.Throws<MalformedSpansException>(() => Decode(Encoding.UTF8.GetBytes(json), isJson: true));
        Assert.Contains(expected, e.Message);
    }

    private LedgerSection? Decode(byte[] body, bool isJson = false, DecodeLimits? limits = null)
    {
        _batch.Reset(SpanProtocol.Otlp);
        if (isJson)
        {
            var json = new OtlpMetricsJsonDecoder();
            json.Decode(body, _batch, limits ?? DecodeLimits.Default, "agent/1");
            return json.Section;
        }

        var protobuf = new OtlpMetricsProtobufDecoder();
        protobuf.Decode(body, _batch, limits ?? DecodeLimits.Default, "agent/1");
        return protobuf.Section;
    }
}
