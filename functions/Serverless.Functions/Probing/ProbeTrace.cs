using System.Globalization;
using System.Net;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Probing;

/// <summary>
/// The trace of a minute and a protocol: the same minute has the same trace, to the bit. Six spans over three services with everything that the
/// protocol can say.
/// </summary>
internal sealed class ProbeTrace
{
    /// <summary>The tag by which searches look for it.</summary>
    public const string IdTag = "probe.id";

    /// <summary>What service names begin with.</summary>
    public const string ServicePrefix = "serverless-prober-";

    /// <summary>How many spans it has.</summary>
    public const int SpanCount = 6;

    private const ulong NanosecondsPerMicrosecond = 1_000;
    private const long MicrosecondsPerMinute = 60_000_000;

    // JavaScript's Number.MAX_SAFE_INTEGER: the answers that are looked at are read as JSON.
    private const ulong LargestExact = (1UL << 53) - 1;

    private readonly ProbeRandom _random;
    private readonly long _startUs;
    private readonly TraceId _traceId;
    private readonly SpanId[] _ids = new SpanId[SpanCount];
    private readonly Resource[] _resources;

    private ProbeTrace(DateTimeOffset minute, ProbeProtocol protocol)
    {
        Minute = minute;
        Protocol = protocol;
        _random = new ProbeRandom(((ulong)minute.ToUnixTimeSeconds() << 3) | (ulong)protocol);
        // The high bits of both halves are set: no id is zero, and none loses digits.
        _traceId = new TraceId(_random.Next() | (1UL << 63), _random.Next() | (1UL << 63));
        for (var i = 0; i < SpanCount; i++)
            _ids[i] = new SpanId(_random.Next() | 1);
        _startUs = (minute.ToUnixTimeSeconds() * 1_000_000) + _random.Next(0, MicrosecondsPerMinute / 1_000);
        Id = string.Create(CultureInfo.InvariantCulture, $"{minute.UtcDateTime:yyyyMMddTHHmm}-{ProbeNames.Of(protocol)}");
        _resources = [Resource(Front, 1), Resource(Cart, 2), Resource(Stock, 3)];
        Spans = Make();
    }

    /// <summary>The minute that it follows from.</summary>
    public DateTimeOffset Minute { get; }

    /// <summary>What it is sent by.</summary>
    public ProbeProtocol Protocol { get; }

    /// <summary>The value of its tag <see cref="IdTag"/>.</summary>
    public string Id { get; }

    /// <summary>The trace's id, 128 bits.</summary>
    public TraceId TraceId => _traceId;

    /// <summary>The spans; those of a service together, the first is the root.</summary>
    public IReadOnlyList<Span> Spans { get; }

    /// <summary>The service of the root, one for each protocol: by it dependencies tell which protocol's calls they are.</summary>
    public string Front => ServicePrefix + ProbeNames.Of(Protocol).Replace('_', '-');

    /// <summary>The service in the middle.</summary>
    public static string Cart => ServicePrefix + "cart";

    /// <summary>The last service.</summary>
    public static string Stock => ServicePrefix + "stock";

    /// <summary>Whether it is sent in one of Zipkin's formats.</summary>
    public bool IsZipkin => Protocol is ProbeProtocol.ZipkinJson or ProbeProtocol.ZipkinProtobuf or ProbeProtocol.ZipkinThrift;

    /// <summary>Whether it is sent by OTLP.</summary>
    public bool IsOtlp => Protocol is ProbeProtocol.OtlpProtobuf or ProbeProtocol.OtlpJson;

    /// <summary>Makes the trace of a minute.</summary>
    public static ProbeTrace Of(DateTimeOffset minute, ProbeProtocol protocol) => new(minute, protocol);

    private Span[] Make()
    {
        // Zipkin's way: client and server of a call report under one id.
        if (IsZipkin)
            _ids[3] = _ids[2];
        return
        [
            Span(0, -1, 0, SpanKind.Server, "GET /probe", 0, 90_000),
            Span(1, 0, 0, SpanKind.Internal, "prepare", 5_000, 10_000) with { Events = [Event(6_000, "prepared")] },
            Span(2, 0, 0, SpanKind.Client, "call cart", 20_000, 60_000) with { RemoteEndpoint = IsZipkin ? _resources[1].LocalEndpoint : null },
            Span(3, IsZipkin ? 0 : 2, 1, SpanKind.Server, IsZipkin ? "call cart" : "POST /cart", 25_000, 50_000) with
            {
                Marks = IsZipkin ? SpanMarks.Shared : SpanMarks.None,
            },
            Span(4, 3, 1, SpanKind.Client, "call stock", 30_000, 40_000) with { RemoteEndpoint = IsZipkin ? _resources[2].LocalEndpoint : null },
            Failed(Span(5, 4, 2, SpanKind.Server, "GET /stock", 35_000, 30_000)),
        ];
    }

    private Span Span(int index, int parent, int service, SpanKind kind, string name, long offsetUs, long leastUs) => new()
    {
        TraceId = _traceId,
        Id = _ids[index],
        ParentId = parent < 0 ? default : _ids[parent],
        Kind = kind == SpanKind.Internal && IsZipkin ? SpanKind.Unspecified : kind,
        Name = name,
        StartNs = (ulong)(_startUs + offsetUs) * NanosecondsPerMicrosecond,
        DurationNs = _random.Next(leastUs, 1_000) * (long)NanosecondsPerMicrosecond,
        Resource = _resources[service],
        Scope = IsOtlp ? new InstrumentationScope { Name = "serverless.prober", Version = "1.0.0" } : null,
        TraceState = IsOtlp ? "prober=1" : "",
        Attributes = Attributes(),
    };

    private Span Failed(Span span) => span with
    {
        Status = SpanStatus.Error,
        StatusMessage = IsOtlp ? "probe: out of stock" : "",
        Attributes = IsZipkin ? [.. span.Attributes, new("error", AttributeValue.Of("probe: out of stock"))] : span.Attributes,
        Events = [Event(36_000, "exception"), Event(37_000, "retried")],
        Links = IsZipkin ? [] : [new SpanLink(_traceId, _ids[1], "", IsOtlp ? [new("probe.link", AttributeValue.Of("prepared"))] : [], 0, 0)],
    };

    private SpanEvent Event(long offsetUs, string name) => new(
        (ulong)(_startUs + offsetUs) * NanosecondsPerMicrosecond, name,
        IsZipkin ? [] : [new("probe.step", AttributeValue.Of(_random.Next(1, 1_000))), new("probe.note", AttributeValue.Of("note of " + name))], 0);

    private Resource Resource(string service, byte host) => new()
    {
        ServiceName = service,
        LocalEndpoint = IsZipkin ? new Endpoint(service, new IPAddress([192, 0, 2, host]), null, 8_000 + host) : null,
        Attributes = IsZipkin ? [] : [new("probe.host", AttributeValue.Of($"host-{host}")), new("probe.hosts", AttributeValue.Of(3))],
    };

    /// <summary>A value of each type that the protocol has.</summary>
    private List<SpanAttribute> Attributes()
    {
        var number = (long)(_random.Next() & LargestExact);
        var bytes = BitConverter.GetBytes(_random.Next());
        var half = _random.Next(1, 1_000_000) + 0.5;
        List<SpanAttribute> attributes =
        [
            new(IdTag, AttributeValue.Of(Id)),
            new("probe.text", AttributeValue.Of(string.Create(CultureInfo.InvariantCulture, $"Grüße, 世界 \"{_random.Next():x16}\" \\ 🜁"))),
        ];
        if (Protocol is ProbeProtocol.ZipkinJson or ProbeProtocol.ZipkinProtobuf)
            return [.. attributes, new("probe.int", AttributeValue.Of(number.ToString(CultureInfo.InvariantCulture)))];
        attributes.Add(new("probe.true", AttributeValue.Of(true)));
        attributes.Add(new("probe.false", AttributeValue.Of(false)));
        attributes.Add(new("probe.int", AttributeValue.Of(number)));
        attributes.Add(new("probe.negative", AttributeValue.Of(-number)));
        attributes.Add(new("probe.double", AttributeValue.Of(half)));
        attributes.Add(new("probe.bytes", AttributeValue.Of(bytes)));
        if (!IsOtlp)
            return attributes;
        attributes.Add(new("probe.list", AttributeValue.Of([AttributeValue.Of("a"), AttributeValue.Of(number), AttributeValue.Of(true)])));
        attributes.Add(new("probe.map", AttributeValue.Of([new SpanAttribute("k", AttributeValue.Of("v")), new SpanAttribute("n", AttributeValue.Of(half))])));
        attributes.Add(new("probe.empty", default));
        return attributes;
    }
}
