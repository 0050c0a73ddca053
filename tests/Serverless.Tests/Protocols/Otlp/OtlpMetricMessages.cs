using System.Text;

namespace Serverless.Tests.Protocols.Otlp;

/// <summary>Metrics export requests, in both forms.</summary>
public static class OtlpMetricMessages
{
    public const ulong Delta = 1;
    public const ulong Cumulative = 2;

    /// <summary>A request of one resource and scope.</summary>
    public static ProtoMessage Request(string service, params ProtoMessage[] metrics)
    {
        var scope = new ProtoMessage();
        foreach (var metric in metrics)
            scope.Message(2, metric);
        // The resource comes behind what it is of: fields may come in any order.
        scope.Message(1, new ProtoMessage().Text(1, "exporterhelper"));
        var resource = new ProtoMessage().Message(1, OtlpMessages.KeyValue("service.name", OtlpMessages.String(service)))
            .Message(1, OtlpMessages.KeyValue("service.instance.id", OtlpMessages.String("c-1")));
        return new ProtoMessage().Message(1, new ProtoMessage().Message(2, scope).Message(1, resource));
    }

    public static ProtoMessage Sum(string name, ulong temporality, bool isMonotonic, params ProtoMessage[] points)
    {
        var sum = new ProtoMessage();
        foreach (var point in points)
            sum.Message(1, point);
        sum.Varint(2, temporality).Varint(3, isMonotonic ? 1UL : 0);
        return new ProtoMessage().Message(7, sum).Text(2, "help").Text(1, name);
    }

    public static ProtoMessage Point(long value, ulong start = 5, ulong time = 9, params (string Key, string Value)[] attributes)
    {
        var point = new ProtoMessage().Fixed64(2, start).Fixed64(3, time).Fixed64(6, (ulong)value);
        foreach (var (key, text) in attributes)
            point.Message(7, OtlpMessages.KeyValue(key, OtlpMessages.String(text)));
        return point;
    }

    /// <summary>A request with something of all that is read, and of what is not.</summary>
    public static byte[] Full() => Request(
        "collector",
        Sum("otelcol_exporter_send_failed_spans", Cumulative, true, Point(7, attributes: ("exporter", "otlp")), new ProtoMessage().Fixed64(3, 9).Double(4, 2.0)),
        Sum("otelcol_receiver_refused_spans", Delta, true, Point(3)),
        Sum("otel.sdk.processor.span.processed", Delta, true, Point(4, attributes: ("error.type", "queue_full")), Point(100)),
        Sum("http.requests", Cumulative, true, Point(12)),
        new ProtoMessage().Text(1, "gauge").Message(5, new ProtoMessage().Message(1, Point(1))),
        new ProtoMessage().Text(1, "histogram").Message(9, new ProtoMessage().Message(1, new ProtoMessage().Fixed64(4, 3)))).ToArray();

    /// <summary>The same in JSON.</summary>
    public static byte[] FullJson() => Encoding.UTF8.GetBytes("""
        {"resourceMetrics":[{"scopeMetrics":[{"metrics":[
        {"sum":{"dataPoints":[
          {"startTimeUnixNano":"5","timeUnixNano":"9","asInt":"7","attributes":[{"key":"exporter","value":{"stringValue":"otlp"}}]},
          {"timeUnixNano":"9","asDouble":2}],
          "aggregationTemporality":2,"isMonotonic":true},"name":"otelcol_exporter_send_failed_spans"},
        {"name":"otelcol_receiver_refused_spans","sum":{"aggregationTemporality":"AGGREGATION_TEMPORALITY_DELTA","isMonotonic":true,
          "dataPoints":[{"startTimeUnixNano":"5","timeUnixNano":9,"asInt":3}]}},
        {"name":"otel.sdk.processor.span.processed","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[
          {"startTimeUnixNano":"5","timeUnixNano":"9","asInt":"4","attributes":[{"key":"error.type","value":{"stringValue":"queue_full"}}]},
          {"startTimeUnixNano":"5","timeUnixNano":"9","asInt":"100"}]}},
        {"name":"http.requests","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{"asInt":"12"}]}},
        {"name":"gauge","gauge":{"dataPoints":[{"asInt":"1"}]}},
        {"name":"histogram","histogram":{"dataPoints":[{"count":"3"}]}}],
        "scope":{"name":"exporterhelper"}}],
        "resource":{"attributes":[{"key":"service.instance.id","value":{"stringValue":"c-1"}},{"key":"service.name","value":{"stringValue":"collector"}}]}}]}
        """);
}
