using Serverless.Functions.Alerting;
using Serverless.Functions.Probing;
using Serverless.Functions.Querying.Zipkin;
using Serverless.Functions.Sampling;
using Serverless.Tracing.Protocols;

namespace Serverless.Functions;

/// <summary>What can be set; each is the configuration key <c>Tracing:Name</c> (environment <c>Tracing__Name</c>).</summary>
public sealed class TracingSettings
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Tracing";

    /// <summary>How many whole days of traces are kept besides today.</summary>
    public int RetentionDays { get; init; } = 7;

    /// <summary>The largest request body in bytes as it comes over the wire.</summary>
    public int MaxBodyBytes { get; init; } = 4 << 20;

    /// <summary>The largest request body in bytes after decompression.</summary>
    public int MaxDecodedBytes { get; init; } = 32 << 20;

    /// <summary>How long a request body may take to arrive, in seconds.</summary>
    public int MaxBodySeconds { get; init; } = 30;

    /// <summary>How many bytes of frames may wait for the hub; over it, requests are answered with 503.</summary>
    public int MaxPendingBytes { get; init; } = 64 << 20;

    /// <summary>How many bytes of request bodies may be held at once; over it, requests are answered with 429.</summary>
    public long MaxBodyBytesInFlight { get; init; } = 128 << 20;

    /// <summary>How long the publisher waits for more spans before it sends an event that is not full, in milliseconds.</summary>
    public double LingerMilliseconds { get; init; } = 2;

    /// <summary>How long the publisher tries to send an event before its requests are answered with 503, in seconds.</summary>
    public double SendSeconds { get; init; } = 10;

    /// <summary>How long no span of a trace may arrive before it is finalized, in seconds; a span that arrives after that, and that long after its own end, is late.</summary>
    public double QuietSeconds { get; init; } = 30;

    /// <summary>How many traces one event of hub <c>finalize</c> names at most.</summary>
    public int FinalizeItemTraces { get; init; } = 4_000;

    /// <summary>The most spans of a trace that are finalized, and assembled when it is read; what is beyond is said to be cut off.</summary>
    public int MaxFinalizedSpans { get; init; } = 150_000;

    /// <summary>Whether the spans of finalized traces are sent to hub <c>analytics</c>.</summary>
    public bool ExportsAnalytics { get; init; } = true;

    /// <summary>
    /// Zipkin's STRICT_TRACE_ID: true keeps ids of 64 and 128 bits apart, false lets them match by their low 64 bits.
    /// </summary>
    public bool StrictTraceId { get; init; } = true;

    /// <summary>
    /// By how many seconds times are adjusted for clock skew at the most; a larger skew is only told. Null for no limit, 0 for never.
    /// </summary>
    public double? MaxClockSkewSeconds { get; init; }

    /// <summary>The folder of a built Jaeger UI (with its <c>index.html</c>) to serve below <c>/jaeger/</c>; empty for none.</summary>
    public string JaegerUiFolder { get; init; } = "";

    /// <summary>Jaeger UI's own configuration, a file of JSON or of JavaScript with a function <c>UIConfig</c>; empty for one that shows all that there is.</summary>
    public string JaegerUiConfigFile { get; init; } = "";

    /// <summary>
    /// Zipkin's SEARCH_ENABLED: false keeps neither search blocks nor names, so that nothing is found but traces by their ids.
    /// </summary>
    public bool SearchEnabled { get; init; } = true;

    /// <summary>
    /// Zipkin's AUTOCOMPLETE_KEYS: the attribute keys whose values Zipkin's page suggests, with commas between them; their values are noted as
    /// spans arrive. <c>*</c> for every key that spans had, whose values are looked up in recent traces; empty for none.
    /// </summary>
    public string AutocompleteKeys { get; init; } = "*";

    /// <summary>The folder of a built Zipkin Lens, served at <c>/zipkin/</c>; a relative one is beside the program. Empty for none.</summary>
    public string ZipkinLensFolder { get; init; } = "";

    /// <summary>What Zipkin's page is told about itself.</summary>
    public ZipkinPageSettings ZipkinPage { get; init; } = new();

    /// <summary>The most traces that one search may return.</summary>
    public int MaxSearchTraces { get; init; } = 1_500;

    /// <summary>How long one search may take before it is refused as too wide, in seconds.</summary>
    public double MaxSearchSeconds { get; init; } = 10;

    /// <summary>The most reports of spans that are read of one trace; the answer says that there are more.</summary>
    public int MaxTraceSpans { get; init; } = 1_000_000;

    /// <summary>The most bytes of frames that are read of one trace; the answer says that there are more.</summary>
    public long MaxTraceBytes { get; init; } = 128 << 20;

    /// <summary>A trace of more bytes of frames is large: it is never held as a whole but answered span by span.</summary>
    public long LargeTraceBytes { get; init; } = 512 << 10;

    /// <summary>How many large traces may be answered at once; who comes then waits, and after a while is answered with 503.</summary>
    public int LargeTracesAtOnce { get; init; } = 2;

    /// <summary>How long a large trace may wait for its turn, in seconds.</summary>
    public double LargeTraceWaitSeconds { get; init; } = 10;

    /// <summary>How long a caller may take to receive a large trace, in seconds; a connection that takes longer is broken off.</summary>
    public double LargeTraceSeconds { get; init; } = 300;

    /// <summary>The file of prices that <c>/api/cost</c> multiplies usage by; a relative one is beside the program. Empty for the one that is shipped.</summary>
    public string PricesFile { get; init; } = "";

    /// <summary>The memory of an instance in megabytes, as it was deployed: what GB-seconds are counted with.</summary>
    public int InstanceMemoryMegabytes { get; init; } = 2_048;

    /// <summary>What a decoder takes of one request.</summary>
    public DecodeLimits Decoding { get; init; } = new();

    /// <summary>What clients are told that ask how to sample.</summary>
    public SamplingSettings Sampling { get; init; } = new();

    /// <summary>The part of this app's own traces that is sent to Application Insights, 0 to 1.</summary>
    public double TelemetrySamplingRatio { get; init; } = 1.0;

    /// <summary>How alerts are evaluated and sent.</summary>
    public AlertSettings Alerts { get; init; } = new();

    /// <summary>Where the prober sends its traces; without an address it sends none.</summary>
    public ProbeSettings Probe { get; init; } = new();
}
