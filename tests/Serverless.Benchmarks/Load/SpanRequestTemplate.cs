using System.Buffers.Binary;
using System.Globalization;

namespace Serverless.Benchmarks.Load;

/// <summary>
/// An OTLP ExportTraceServiceRequest (opentelemetry-proto, trace/v1) built once; every request is a copy with fresh ids, times and
/// values written over the old ones, so that making 200 spans costs the client a few microseconds. Spans are grouped by
/// resource across traces, as a collector's batches are.
/// </summary>
internal sealed class SpanRequestTemplate
{
    /// <summary>Traces in a request.</summary>
    public const int TracesPerRequest = 20;

    /// <summary>Attributes of a span: five texts, two integers, one boolean.</summary>
    public const int AttributesPerSpan = 8;

    /// <summary>The key of the attribute whose text occurs in no other span: 16 hex digits.</summary>
    public const string UniqueKey = "request.id";

    /// <summary>The key of the attribute that says how it ended; <see cref="FailedStatus"/> in one trace of twenty.</summary>
    public const string StatusKey = "http.response.status_code";

    /// <summary>The status code of the payments' spans in the trace that fails.</summary>
    public const int FailedStatus = 503;

    private const int HighestStatusOfSuccess = 200;
    private const int ErrorStatusCode = 2;
    private const uint SampledFlag = 1;
    private const uint RemoteKnownFlag = 0x100;
    private const uint RemoteParentFlag = 0x200;
    private const int PathDigits = 8;
    private const long ShortestTraceNanos = 4_000_000;

    private static readonly string[] UserAgents =
    [
        "okhttp/4.12.0 (Android 14; Pixel 8)", "Mozilla/5.0 (X11; Linux x86_64) Firefox/131.0", "OTel-OTLP-Exporter-Dotnet/1.12.0",
        "python-httpx/0.27.2 (Linux; x86_64)",
    ];

    private readonly byte[] _body;
    private readonly Place[] _places;

    private SpanRequestTemplate(byte[] body, Place[] places)
    {
        _body = body;
        _places = places;
    }

    /// <summary>Spans in a request.</summary>
    public static int SpansPerRequest => TracesPerRequest * TraceShape.Spans.Length;

    /// <summary>Bytes of a request's body; the same for each.</summary>
    public int Length => _body.Length;

    /// <summary>Builds a template; variants differ in the instances and hosts that report.</summary>
    public static SpanRequestTemplate Create(int variant)
    {
        var writer = new ProtobufWriter();
        var marks = new List<Place>();
        for (var service = 0; service < TraceShape.Services.Length; service++)
        {
            var resourceSpans = writer.Begin(1);
            WriteResource(writer, TraceShape.Services[service], variant);
            var scopeSpans = writer.Begin(2);
            var scope = writer.Begin(1);
            writer.Text(1, "OpenTelemetry.Instrumentation.Http");
            writer.Text(2, "1.12.0");
            writer.End(scope);
            for (var trace = 0; trace < TracesPerRequest; trace++)
                for (var span = 0; span < TraceShape.Spans.Length; span++)
                    if (TraceShape.Spans[span].Service == service)
                        marks.Add(WriteSpan(writer, trace, span, (variant + trace) % UserAgents.Length));
            writer.End(scopeSpans);
            writer.End(resourceSpans);
        }

        var places = marks.Select(mark => mark.Resolve(writer)).ToArray();
        return new SpanRequestTemplate(writer.Written.ToArray(), places);
    }

    /// <summary>Writes a request whose ids and values come from <paramref name="ids"/> and whose traces ended just before a time (Unix, ns).</summary>
    public void Write(Span<byte> body, RequestIds ids, long endNanos)
    {
        _body.CopyTo(body);
        foreach (ref readonly var place in _places.AsSpan())
        {
            var shape = TraceShape.Spans[place.Span];
            var first = place.Trace * TraceShape.Spans.Length;
            var number = first + place.Span;
            BinaryPrimitives.WriteUInt64BigEndian(body[place.TraceId..], ids.TraceHigh(place.Trace));
            BinaryPrimitives.WriteUInt64BigEndian(body[(place.TraceId + 8)..], ids.TraceLow(place.Trace));
            BinaryPrimitives.WriteUInt64BigEndian(body[place.SpanId..], ids.Span(number));
            if (shape.Parent >= 0)
                BinaryPrimitives.WriteUInt64BigEndian(body[place.ParentId..], ids.Span(first + shape.Parent));

            // A trace takes 4 to 71 ms and ended within the last 50 ms; a span moves by up to 33 µs, less than any gap in the shape.
            var traceNoise = ids.Noise(TracesPerRequest * TraceShape.Spans.Length + place.Trace);
            var duration = ShortestTraceNanos + (long)(traceNoise & 0x3FF_FFFF);
            var begin = endNanos - duration - (long)((traceNoise >> 32) % 50_000_000);
            var noise = ids.Noise(number);
            var jitter = (long)(noise & 0x7FFF);
            BinaryPrimitives.WriteInt64LittleEndian(body[place.Start..], begin + (long)(duration * shape.Begin) + jitter);
            BinaryPrimitives.WriteInt64LittleEndian(body[place.End..], begin + (long)(duration * shape.End) - jitter);

            // url.path's id, the same in every span of the trace; the size of the body, always a varint of three bytes.
            WriteDigits(body.Slice(place.Path, PathDigits), (uint)(traceNoise % 100_000_000));
            WriteHex(body.Slice(place.Unique, 16), ids.UniqueText(number));
            var size = 0x4000 + (uint)((noise >> 20) & 0xFFFFF);
            body[place.Size] = (byte)(size | 0x80);
            body[place.Size + 1] = (byte)((size >> 7) | 0x80);
            body[place.Size + 2] = (byte)(size >> 14);
            body[place.Flag] = (byte)((noise >> 60) & 1);
        }
    }

    private static void WriteResource(ProtobufWriter writer, string service, int variant)
    {
        var instance = new RequestIds((ulong)variant + 1);
        var resource = writer.Begin(1);
        TextAttribute(writer, 1, "service.name", service);
        TextAttribute(writer, 1, "service.version", "2.14." + variant.ToString(CultureInfo.InvariantCulture));
        TextAttribute(writer, 1, "service.instance.id", instance.TraceText(service.Length));
        TextAttribute(writer, 1, "host.name", $"{service}-7d9f8b6c5-{instance.Noise(service.Length) % 100_000:00000}");
        TextAttribute(writer, 1, "telemetry.sdk.name", "opentelemetry");
        TextAttribute(writer, 1, "telemetry.sdk.language", "dotnet");
        TextAttribute(writer, 1, "telemetry.sdk.version", "1.12.0");
        writer.End(resource);
    }

    private static Place WriteSpan(ProtobufWriter writer, int trace, int span, int userAgent)
    {
        var shape = TraceShape.Spans[span];
        var failed = trace == TracesPerRequest - 1 && shape.Service == 3;
        var remoteParent = shape.Parent >= 0 && TraceShape.Spans[shape.Parent].Service != shape.Service;
        var place = new Place { Trace = trace, Span = span };
        var start = writer.Begin(2);
        writer.Bytes(1, new byte[16]);
        place.TraceId = writer.Mark(-16);
        writer.Bytes(2, new byte[8]);
        place.SpanId = writer.Mark(-8);
        place.ParentId = place.SpanId;
        if (shape.Parent >= 0)
        {
            writer.Bytes(4, new byte[8]);
            place.ParentId = writer.Mark(-8);
        }

        writer.Text(5, shape.Name);
        writer.Integer(6, shape.Kind);
        writer.Long(7, 0);
        place.Start = writer.Mark(-8);
        writer.Long(8, 0);
        place.End = writer.Mark(-8);
        TextAttribute(writer, 9, "http.request.method", shape.Method);
        place.Path = TextAttribute(writer, 9, "url.path", shape.PathPrefix + new string('0', PathDigits), PathDigits);
        TextAttribute(writer, 9, "server.address", shape.ServerAddress);
        TextAttribute(writer, 9, "user_agent.original", UserAgents[userAgent]);
        place.Unique = TextAttribute(writer, 9, UniqueKey, new string('0', 16), 16);
        NumberAttribute(writer, StatusKey, 3, failed ? FailedStatus : HighestStatusOfSuccess, 2);
        place.Size = NumberAttribute(writer, "http.response.body.size", 3, 0x4000, 3);
        place.Flag = NumberAttribute(writer, "cache.hit", 2, 0, 1);
        var status = writer.Begin(15);
        if (failed)
        {
            writer.Text(2, "Service Unavailable");
            writer.Integer(3, ErrorStatusCode);
        }

        writer.End(status);
        writer.Int(16, SampledFlag | RemoteKnownFlag | (remoteParent ? RemoteParentFlag : 0));
        writer.End(start);
        return place;
    }

    private static int TextAttribute(ProtobufWriter writer, int field, string key, string value, int patched = 0)
    {
        var attribute = writer.Begin(field);
        writer.Text(1, key);
        var any = writer.Begin(2);
        writer.Text(1, value);
        var mark = writer.Mark(-patched);
        writer.End(any);
        writer.End(attribute);
        return mark;
    }

    private static int NumberAttribute(ProtobufWriter writer, string key, int anyField, long value, int patched)
    {
        var attribute = writer.Begin(9);
        writer.Text(1, key);
        var any = writer.Begin(2);
        writer.Integer(anyField, value);
        var mark = writer.Mark(-patched);
        writer.End(any);
        writer.End(attribute);
        return mark;
    }

    private static void WriteDigits(Span<byte> destination, uint value)
    {
        for (var i = destination.Length - 1; i >= 0; i--, value /= 10)
            destination[i] = (byte)('0' + value % 10);
    }

    private static void WriteHex(Span<byte> destination, ulong value)
    {
        var digits = "0123456789abcdef"u8;
        for (var i = destination.Length - 1; i >= 0; i--, value >>= 4)
            destination[i] = digits[(int)(value & 15)];
    }

    /// <summary>Where a span's values are: first the writer's marks, then, resolved, places in the body.</summary>
    private struct Place
    {
        public int Trace, Span, TraceId, SpanId, ParentId, Start, End, Path, Unique, Size, Flag;

        public readonly Place Resolve(ProtobufWriter writer) => new()
        {
            Trace = Trace,
            Span = Span,
            TraceId = writer.PlaceOf(TraceId),
            SpanId = writer.PlaceOf(SpanId),
            ParentId = writer.PlaceOf(ParentId),
            Start = writer.PlaceOf(Start),
            End = writer.PlaceOf(End),
            Path = writer.PlaceOf(Path),
            Unique = writer.PlaceOf(Unique),
            Size = writer.PlaceOf(Size),
            Flag = writer.PlaceOf(Flag),
        };
    }
}
