using System.Text.Json;
using Serverless.Tests.Protocols.Zipkin;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Tests.Protocols.Jaeger;

/// <summary>Bodies that other implementations wrote, and what Jaeger's API gives for them.</summary>
public sealed class JaegerThriftCorpusTests
{
    private const string Trace = "463ac35c9f6413ad8848a5a3953bb612";

    [Theory]
    [InlineData("every-field.http.bin")]
    [InlineData("every-field.binary.bin")]
    [InlineData("every-field.compact.bin")]
    public void Every_field_comes_back_through_jaegers_json(string file)
    {
        var decoder = new JaegerThriftDecoder();
        var spans = Decode(file, decoder);
        Assert.Equal(new JaegerClientReport("6a0b1c", "orders", 17, new JaegerClientDrops(3, 2, 1)), decoder.Report);
        Assert.Equal([SpanKind.Server, SpanKind.Client, SpanKind.Consumer, SpanKind.Unspecified], spans.Select(span => span.Kind));
        Assert.Equal([SpanStatus.Error, SpanStatus.Ok, SpanStatus.Unset, SpanStatus.Unset], spans.Select(span => span.Status));
        Assert.Equal(JsonText.Compact(Expected), JsonText.Compact(JsonText.Of(json => JaegerJsonWriter.WriteTrace(json, spans))));
    }

    [Theory]
    [InlineData("jaeger-client-node.http.bin", "cart-http")]
    [InlineData("jaeger-client-node.binary.bin", "cart-udp")]
    public void What_jaeger_client_for_node_sends_is_taken(string file, string service)
    {
        var spans = Decode(file, new JaegerThriftDecoder());
        var child = Assert.Single(spans, span => span.Name == "SELECT");
        var root = Assert.Single(spans, span => span.Name == "GET /cart");
        Assert.All(spans, span => Assert.Equal(service, span.ServiceName));
        Assert.Equal((root.Id, root.TraceId), (child.ParentId, child.TraceId));
        Assert.Equal((SpanKind.Client, SpanStatus.Error), (child.Kind, child.Status));
        Assert.Equal(["retry", ""], child.Events.Select(e => e.Name));
        Assert.Equal("ä€😀", Assert.Single(root.Attributes, a => a.Key == "ümlaut").Value.Text);
        using var json = JsonDocument.Parse(JsonText.Of(json => JaegerJsonWriter.WriteTrace(json, [child])));
        var process = json.RootElement.GetProperty("processes").GetProperty("p1");
        Assert.Contains("jaeger.version", process.GetProperty("tags").EnumerateArray().Select(tag => tag.GetProperty("key").GetString()));
    }

    private static Span[] Decode(string file, JaegerThriftDecoder decoder)
    {
        var batch = new SpanBatch();
        var result = JaegerCorpus.Decode(file, decoder, JaegerCorpus.Read(file), batch);
        Assert.Equal((batch.SpanCount, 0, 0), (result.Accepted, result.Rejected, result.Truncated));
        return ZipkinCorpus.Read(batch);
    }

    private static string Expected => $$"""
        {"traceID":"{{Trace}}","spans":[
          {"traceID":"{{Trace}}","spanID":"f0e1d2c3b4a59687","flags":1,"operationName":"GET /orders/{id}","references":[],
           "startTime":1700000000123456,"duration":1500000,"tags":[
            {"key":"http.method","type":"string","value":"GET"},
            {"key":"http.status_code","type":"int64","value":500},
            {"key":"ratio","type":"float64","value":0.1},
            {"key":"nan","type":"float64","value":"NaN"},
            {"key":"largest","type":"int64","value":"9223372036854775807"},
            {"key":"smallest","type":"int64","value":"-9223372036854775808"},
            {"key":"cached","type":"bool","value":false},
            {"key":"digest","type":"binary","value":"AAH/"},
            {"key":"ümlaut","type":"string","value":"ä€😀"},
            {"key":"empty","type":"string","value":""},
            {"key":"span.kind","type":"string","value":"server"},
            {"key":"error","type":"bool","value":true},
            {"key":"otel.status_description","type":"string","value":"payment refused"},
            {"key":"w3c.tracestate","type":"string","value":"rojo=00f067aa0ba902b7"}],
           "logs":[
            {"timestamp":1700000000123999,"fields":[
             {"key":"event","type":"string","value":"exception"},
             {"key":"exception.type","type":"string","value":"PaymentRefused"},
             {"key":"attempt","type":"int64","value":2}]},
            {"timestamp":1700000000124000,"fields":[{"key":"message","type":"string","value":"no event here"}]},
            {"timestamp":1700000000124001,"fields":[]}],
           "processID":"p1","warnings":null},
          {"traceID":"{{Trace}}","spanID":"0000000000000002","flags":3,"operationName":"charge","references":[
            {"refType":"CHILD_OF","traceID":"{{Trace}}","spanID":"f0e1d2c3b4a59687"},
            {"refType":"FOLLOWS_FROM","traceID":"{{Trace}}","spanID":"0000000000000009"},
            {"refType":"CHILD_OF","traceID":"0000000000001234","spanID":"0000000000000056"},
            {"refType":"FOLLOWS_FROM","traceID":"0000000000001234","spanID":"0000000000000078"}],
           "startTime":1700000000200000,"duration":7,"tags":[
            {"key":"span.kind","type":"string","value":"client"},
            {"key":"otel.status_code","type":"string","value":"OK"}],"logs":[],"processID":"p1","warnings":null},
          {"traceID":"{{Trace}}","spanID":"0000000000000003","operationName":"mail","references":[
            {"refType":"FOLLOWS_FROM","traceID":"{{Trace}}","spanID":"0000000000000002"}],
           "startTime":1700000000300000,"duration":0,"tags":[
            {"key":"span.kind","type":"string","value":"consumer"}],"logs":[],"processID":"p1","warnings":null},
          {"traceID":"{{Trace}}","spanID":"0000000000000004","flags":1,"operationName":"audit","references":[
            {"refType":"CHILD_OF","traceID":"{{Trace}}","spanID":"0000000000000003"}],
           "startTime":1700000000400000,"duration":1,"tags":[],"logs":[],"processID":"p1","warnings":null}],
         "processes":{"p1":{"serviceName":"orders","tags":[
           {"key":"client-uuid","type":"string","value":"6a0b1c"},
           {"key":"jaeger.version","type":"string","value":"Go-2.30.0"},
           {"key":"hostname","type":"string","value":"node-1"},
           {"key":"pid","type":"int64","value":4711},
           {"key":"beta","type":"bool","value":true}]} },"warnings":null}
        """;
}
