namespace Serverless.Tests.Protocols.Otlp;

/// <summary>Messages of OTLP requests for tests; the numbers are those of the .proto files.</summary>
public static class OtlpMessages
{
    public const string TraceIdHex = "5b8efff798038103d269b633813fc60c";
    public const string SpanIdHex = "eee19b7ec3c1b174";

    /// <summary>A request with one resource and scope around spans.</summary>
    public static ProtoMessage Request(params ProtoMessage[] spans)
    {
        var scopeSpans = new ProtoMessage();
        foreach (var span in spans)
            scopeSpans.Message(2, span);
        return new ProtoMessage().Message(1, new ProtoMessage().Message(2, scopeSpans));
    }

    /// <summary>A span with valid ids, and times.</summary>
    public static ProtoMessage Span() =>
        new ProtoMessage().Hex(1, TraceIdHex).Hex(2, SpanIdHex).Text(5, "a").Fixed64(7, 1_000).Fixed64(8, 3_000);

    public static ProtoMessage String(string value) => new ProtoMessage().Text(1, value);

    public static ProtoMessage Bool(bool value) => new ProtoMessage().Varint(2, value ? 1UL : 0);

    public static ProtoMessage Int(long value) => new ProtoMessage().Varint(3, (ulong)value);

    public static ProtoMessage Real(double value) => new ProtoMessage().Double(4, value);

    public static ProtoMessage Bytes(params byte[] value) => new ProtoMessage().Bytes(7, value);

    public static ProtoMessage Array(params ProtoMessage[] values)
    {
        var array = new ProtoMessage();
        foreach (var value in values)
            array.Message(1, value);
        return new ProtoMessage().Message(5, array);
    }

    public static ProtoMessage Map(params (string Key, ProtoMessage Value)[] entries)
    {
        var list = new ProtoMessage();
        foreach (var (key, value) in entries)
            list.Message(1, KeyValue(key, value));
        return new ProtoMessage().Message(6, list);
    }

    public static ProtoMessage KeyValue(string key, ProtoMessage value) => new ProtoMessage().Text(1, key).Message(2, value);

    /// <summary>A request that says everything that a request can say; <see cref="FullJson"/> is the same in JSON.</summary>
    public static byte[] Full()
    {
        var resource = new ProtoMessage()
            .Message(1, KeyValue("service.name", String("checkout")))
            .Message(1, KeyValue("host.cores", Int(8)))
            .Varint(2, 3);
        var scope = new ProtoMessage().Text(1, "io.lib").Text(2, "1.2.3").Message(3, KeyValue("s", Bool(true))).Varint(4, 1);
        var span = new ProtoMessage()
            .Hex(1, TraceIdHex).Hex(2, SpanIdHex).Text(3, "a=1,b=2").Hex(4, "00f067aa0ba902b7").Text(5, "GET /ü").Varint(6, 2)
            .Fixed64(7, 1_700_000_000_000_000_001).Fixed64(8, 1_700_000_000_000_500_000)
            .Message(9, KeyValue("text", String("héllo")))
            .Message(9, KeyValue("no", Bool(false)))
            .Message(9, KeyValue("yes", Bool(true)))
            .Message(9, KeyValue("int", Int(long.MinValue)))
            .Message(9, KeyValue("double", Real(0.1)))
            .Message(9, KeyValue("nan", Real(double.NaN)))
            .Message(9, KeyValue("infinite", Real(double.NegativeInfinity)))
            .Message(9, KeyValue("bytes", Bytes(0, 255, 254, 1)))
            .Message(9, KeyValue("array", Array(String("x"), Int(-1), Real(1.5), Bool(true), Array(Int(1)), new ProtoMessage())))
            .Message(9, KeyValue("map", Map(("k", String("v")), ("m", Map(("n", Int(7)))), ("b", Bytes(1, 2)))))
            .Message(9, KeyValue("none", new ProtoMessage()))
            .Varint(10, 4)
            .Message(11, new ProtoMessage().Fixed64(1, 1_700_000_000_000_000_100).Text(2, "boom")
                .Message(3, KeyValue("exception.type", String("E"))).Varint(4, 5))
            .Message(11, new ProtoMessage().Fixed64(1, 1_700_000_000_000_000_200).Text(2, "later"))
            .Varint(12, 6)
            .Message(13, new ProtoMessage().Hex(1, "0af7651916cd43dd8448eb211c80319c").Hex(2, "b7ad6b7169203331").Text(3, "c=3")
                .Message(4, KeyValue("l", Int(1))).Varint(5, 7).Fixed32(6, 0x101))
            .Varint(14, 8)
            .Message(15, new ProtoMessage().Text(2, "it failed").Varint(3, 2))
            .Fixed32(16, 0x301);
        var second = new ProtoMessage().Hex(1, "0000000000000000d269b633813fc60c").Hex(2, "0000000000000001").Fixed64(7, 5_000).Fixed64(8, 4_000);
        return new ProtoMessage()
            .Message(1, new ProtoMessage()
                .Message(1, resource)
                .Message(2, new ProtoMessage().Message(1, scope).Message(2, span).Text(3, "https://schema/span"))
                .Message(2, new ProtoMessage().Message(2, second))
                .Text(3, "https://schema/resource"))
            .ToArray();
    }

    public static byte[] FullJson() => """
        {"resourceSpans":[{
          "resource":{"attributes":[
            {"key":"service.name","value":{"stringValue":"checkout"}},
            {"key":"host.cores","value":{"intValue":8}}],"droppedAttributesCount":3},
          "scopeSpans":[{
            "scope":{"name":"io.lib","version":"1.2.3","attributes":[{"key":"s","value":{"boolValue":true}}],"droppedAttributesCount":1},
            "spans":[{
              "traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174","traceState":"a=1,b=2",
              "parentSpanId":"00f067aa0ba902b7","name":"GET /\u00fc","kind":2,
              "startTimeUnixNano":"1700000000000000001","endTimeUnixNano":1700000000000500000,
              "attributes":[
                {"key":"text","value":{"stringValue":"h\u00e9llo"}},
                {"key":"no","value":{"boolValue":false}},
                {"value":{"boolValue":true},"key":"yes"},
                {"key":"int","value":{"intValue":"-9223372036854775808"}},
                {"key":"double","value":{"doubleValue":0.1}},
                {"key":"nan","value":{"doubleValue":"NaN"}},
                {"key":"infinite","value":{"doubleValue":"-Infinity"}},
                {"key":"bytes","value":{"bytesValue":"AP/+AQ=="}},
                {"key":"array","value":{"arrayValue":{"values":[{"stringValue":"x"},{"intValue":-1},{"doubleValue":1.5},
                  {"boolValue":true},{"arrayValue":{"values":[{"intValue":"1"}]}},{}]}}},
                {"key":"map","value":{"kvlistValue":{"values":[{"key":"k","value":{"stringValue":"v"}},
                  {"value":{"kvlistValue":{"values":[{"key":"\u006e","value":{"intValue":7}}]}},"key":"m"},
                  {"key":"b","value":{"bytesValue":"AQI"}}]}}},
                {"key":"none","value":{}}],
              "droppedAttributesCount":4,
              "events":[
                {"timeUnixNano":"1700000000000000100","name":"boom",
                 "attributes":[{"key":"exception.type","value":{"stringValue":"E"}}],"droppedAttributesCount":"5"},
                {"timeUnixNano":"1700000000000000200","name":"later"}],
              "droppedEventsCount":6,
              "links":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"B7AD6B7169203331","traceState":"c=3",
                "attributes":[{"key":"l","value":{"intValue":1}}],"droppedAttributesCount":7,"flags":257}],
              "droppedLinksCount":8,
              "status":{"message":"it failed","code":"STATUS_CODE_ERROR"},
              "flags":769}],
            "schemaUrl":"https://schema/span"},
            {"spans":[{"traceId":"0000000000000000d269b633813fc60c","spanId":"0000000000000001",
              "startTimeUnixNano":5000,"endTimeUnixNano":4000}]}],
          "schemaUrl":"https://schema/resource"}]}
        """u8.ToArray();
}
