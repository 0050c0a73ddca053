using System.Globalization;
using System.Text.Json;
using Serverless.Tests.Protocols.Jaeger;
using Serverless.Tracing.Model;
using static Serverless.Tests.Protocols.Thrift.ThriftNode;

namespace Serverless.Tests.Scenarios;

/// <summary>Calls between services that happened just now, and the requests that report them.</summary>
internal sealed class Traffic(DateTimeOffset now)
{
    private const string Json = "application/json";
    private static long _lastId;

    private readonly List<(string Sdk, Call Call)> _otlp = [];
    private readonly List<Call> _zipkin = [];
    private readonly List<Call> _jaeger = [];

    /// <summary>An id that no other has.</summary>
    public static ulong NextId() => (ulong)Interlocked.Increment(ref _lastId) * 0x9E3779B97F4A7C15;

    /// <summary>
    /// What happens in any minute: a shop and its cart report by OTLP, a warehouse by Zipkin, a biller by Jaeger. Everything belongs to a whole trace;
    /// of 30 calls that the shop takes one fails.
    /// </summary>
    public static Traffic Ordinary(DateTimeOffset now)
    {
        var traffic = new Traffic(now);
        for (var i = 0; i < 30; i++)
            traffic.AddShop(isError: i == 7);
        for (var i = 0; i < 10; i++)
        {
            traffic._zipkin.Add(new Call("warehouse", NextId(), NextId(), 0, SpanKind.Server, now.AddSeconds(-1), 12));
            traffic._jaeger.Add(new Call("biller", NextId(), NextId(), 0, SpanKind.Server, now.AddSeconds(-1), 12));
        }

        return traffic;
    }

    /// <summary>A call that the shop takes, and what it asks its cart.</summary>
    public Traffic AddShop(bool isError = false, double milliseconds = 20)
    {
        var (trace, server, client) = (NextId(), NextId(), NextId());
        var start = now.AddSeconds(-2);
        Add(new Call("shop", trace, server, 0, SpanKind.Server, start, milliseconds, isError));
        Add(new Call("shop", trace, client, server, SpanKind.Client, start.AddMilliseconds(2), milliseconds - 4));
        return Add(new Call("cart", trace, NextId(), client, SpanKind.Server, start.AddMilliseconds(3), milliseconds - 6));
    }

    /// <summary>A call that is reported by OTLP.</summary>
    public Traffic Add(Call call, string sdk = "java")
    {
        _otlp.Add((sdk, call));
        return this;
    }

    /// <summary>The requests: path, type and body of each.</summary>
    public IEnumerable<(string Path, string Type, byte[] Body)> Requests()
    {
        if (_otlp.Count > 0)
            yield return ("/v1/traces", Json, Otlp(_otlp));
        if (_zipkin.Count > 0)
            yield return ("/api/v2/spans", Json, Zipkin(_zipkin));
        foreach (var service in _jaeger.GroupBy(call => call.Service))
            yield return ("/api/traces?format=jaeger.thrift", "application/x-thrift", Jaeger(service.Key, service));
    }

    /// <summary>An <c>ExportTraceServiceRequest</c> of calls, by the SDK of a language; a span without an id is invalid.</summary>
    public static byte[] Otlp(IEnumerable<(string Sdk, Call Call)> calls)
    {
        var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartArray("resourceSpans");
            foreach (var resource in calls.GroupBy(call => (call.Call.Service, call.Sdk)))
                WriteResource(json, resource.Key.Service, resource.Key.Sdk, resource.Select(call => call.Call));
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return body.ToArray();
    }

    /// <summary>Zipkin's JSON, version 2.</summary>
    public static byte[] Zipkin(IEnumerable<Call> calls)
    {
        var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartArray();
            foreach (var call in calls)
            {
                json.WriteStartObject();
                json.WriteString("traceId", Hex(call.Trace));
                json.WriteString("id", Hex(call.Id));
                if (call.Parent != 0)
                    json.WriteString("parentId", Hex(call.Parent));
                json.WriteString("kind", call.Kind == SpanKind.Client ? "CLIENT" : "SERVER");
                json.WriteString("name", "call");
                json.WriteNumber("timestamp", (call.Start - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
                json.WriteNumber("duration", (long)(call.Milliseconds * 1_000));
                json.WriteStartObject("localEndpoint");
                json.WriteString("serviceName", call.Service);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return body.ToArray();
    }

    /// <summary>A batch of Jaeger's client for Go.</summary>
    public static byte[] Jaeger(string service, IEnumerable<Call> calls)
    {
        var spans = calls.Select(call => Struct(
            (1, I64((long)call.Trace)), (2, I64(0)), (3, I64((long)call.Id)), (4, I64((long)call.Parent)), (5, Text("call")), (7, I32(1)),
            (8, I64((call.Start - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond)), (9, I64((long)(call.Milliseconds * 1_000))),
            (10, JaegerCorpus.Tags(JaegerCorpus.Tag("span.kind", "server")))));
        var process = Struct((1, Text(service)), (2, JaegerCorpus.Tags(JaegerCorpus.Tag("jaeger.version", "Go-2.30.0"))));
        return Struct((1, process), (2, List(Serverless.Tracing.Protocols.Thrift.ThriftType.Struct, [.. spans]))).Write(compact: false);
    }

    private static void WriteResource(Utf8JsonWriter json, string service, string sdk, IEnumerable<Call> calls)
    {
        json.WriteStartObject();
        json.WriteStartObject("resource");
        json.WriteStartArray("attributes");
        foreach (var (key, value) in (ReadOnlySpan<(string, string)>)[("service.name", service), ("telemetry.sdk.name", "opentelemetry"), ("telemetry.sdk.language", sdk), ("telemetry.sdk.version", "1.0")])
        {
            json.WriteStartObject();
            json.WriteString("key", key);
            json.WriteStartObject("value");
            json.WriteString("stringValue", value);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartArray("scopeSpans");
        json.WriteStartObject();
        json.WriteStartArray("spans");
        foreach (var call in calls)
            Write(json, call);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Call call)
    {
        json.WriteStartObject();
        json.WriteString("traceId", "0000000000000000" + Hex(call.Trace));
        if (call.Id != 0)
            json.WriteString("spanId", Hex(call.Id));
        if (call.Parent != 0)
            json.WriteString("parentSpanId", Hex(call.Parent));
        json.WriteString("name", "call");
        json.WriteNumber("kind", (int)call.Kind);
        json.WriteString("startTimeUnixNano", Nanoseconds(call.Start));
        json.WriteString("endTimeUnixNano", Nanoseconds(call.Start.AddMilliseconds(call.Milliseconds)));
        if (call.IsError)
        {
            json.WriteStartObject("status");
            json.WriteNumber("code", 2);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static string Hex(ulong id) => id.ToString("x16", CultureInfo.InvariantCulture);

    private static string Nanoseconds(DateTimeOffset time) => ((time - DateTimeOffset.UnixEpoch).Ticks * 100).ToString(CultureInfo.InvariantCulture);

    /// <summary>A span of a service.</summary>
    internal sealed record Call(
        string Service, ulong Trace, ulong Id, ulong Parent, SpanKind Kind, DateTimeOffset Start, double Milliseconds, bool IsError = false);
}
