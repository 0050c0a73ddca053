namespace Serverless.EndToEnd.Harness;

/// <summary>
/// Traces made of a seed: every span follows from the seed, its trace's number and its place, so that a check needs no memory
/// of what was sent. One trace in three comes as Zipkin, one as OTLP, one as both; its spans lie in two to four requests that
/// are sent far apart, and so come into several batches and survive different kills.
/// </summary>
internal sealed class SpanSource(ulong seed, DateTimeOffset start, int payloadChars = 0)
{
    /// <summary>Spans of a trace.</summary>
    public const int SpansPerTrace = 10;

    /// <summary>Traces whose spans are dealt out to the same requests.</summary>
    public const int TracesPerWindow = 20;

    /// <summary>Requests that the traces of a window are dealt out to: two protocols, two parts of each.</summary>
    public const int RequestsPerWindow = 4;

    // The second parts of a window go out when the first parts of a window so much later do.
    private const int PartDistance = 25;

    private const int SharingClient = 8;
    private const int SharingServer = 9;
    private const int Services = 5;

    // Far longer than what a compressor remembers.
    private static readonly string PayloadText = new([.. new Random(1).GetItems<char>("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 1 << 20)]);
    private const int Operations = 12;

    private readonly long _startMicroseconds = (start - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The time between which all spans started, in whole milliseconds since 1970.</summary>
    public (long From, long To) Milliseconds { get; } = (start.ToUnixTimeMilliseconds(), start.ToUnixTimeMilliseconds() + 60_000);

    /// <summary>The number of the request that is sent at a place in the order, or null where there is none.</summary>
    public static long? RequestAt(long place)
    {
        var (window, request) = (place / RequestsPerWindow, place % RequestsPerWindow);
        if (request >= RequestsPerWindow / 2)
            window -= PartDistance;
        return window < 0 ? null : (window * RequestsPerWindow) + request;
    }

    /// <summary>The request that brings a span.</summary>
    public static long RequestOf(long trace, int place) =>
        (trace / TracesPerWindow * RequestsPerWindow) + (Part(trace, place) * 2) + (IsOtlp(trace, place) ? 1 : 0);

    /// <summary>Whether a request is OTLP, else it is Zipkin.</summary>
    public static bool IsOtlpRequest(long request) => request % 2 == 1;

    /// <summary>The spans of a request.</summary>
    public IEnumerable<MadeSpan> SpansOf(long request)
    {
        var first = request / RequestsPerWindow * TracesPerWindow;
        for (var trace = first; trace < first + TracesPerWindow; trace++)
        {
            for (var place = 0; place < SpansPerTrace; place++)
            {
                if (RequestOf(trace, place) == request)
                    yield return Span(trace, place);
            }
        }
    }

    /// <summary>The id of a trace: 16 digits for every second of those that come as Zipkin alone, else 32.</summary>
    public string TraceId(long trace)
    {
        var low = Id(trace, 100);
        return Form(trace) == 0 && trace % 2 == 0 ? low : Id(trace, 101) + low;
    }

    /// <summary>A span of a trace.</summary>
    public MadeSpan Span(long trace, int place)
    {
        var isShared = Form(trace) == 0 && place == SharingServer;
        var noise = Mix(trace, place + 200);
        var idPlace = isShared ? SharingClient : place;
        return new MadeSpan(
            TraceId(trace),
            Id(trace, idPlace),
            idPlace == 0 ? null : Id(trace, (idPlace - 1) / 2),
            isShared,
            isShared ? "SERVER" : place == SharingClient ? "CLIENT" : (noise % 3) switch { 0 => "CLIENT", 1 => "SERVER", _ => null },
            $"operation-{(noise >> 8) % Operations}",
            $"service-{(trace + place) % Services}",
            _startMicroseconds + (trace * 10 % 50_000_000) + (place * 100),
            1_000 + (long)((noise >> 16) % 100_000),
            Id(trace, place + 300),
            Payload(noise));
    }

    /// <summary>Text that does not compress by much, so that few spans make much data.</summary>
    private string Payload(ulong noise) => PayloadText.Substring((int)((noise >> 32) % (ulong)(PayloadText.Length - payloadChars)), payloadChars);

    private static int Form(long trace) => (int)(trace % 3);

    private static bool IsOtlp(long trace, int place) => Form(trace) == 1 || (Form(trace) == 2 && place % 2 == 1);

    private static int Part(long trace, int place) => Form(trace) == 2 ? place / 2 % 2 : place % 2;

    private string Id(long trace, int what) => (Mix(trace, what) | 1).ToString("x16");

    /// <summary>SplitMix64 of the seed and two numbers.</summary>
    private ulong Mix(long trace, int what)
    {
        var z = seed + ((((ulong)trace * 1_000) + (ulong)what) * 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
