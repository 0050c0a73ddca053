using System.Text.Unicode;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>
/// What the decoders of Zipkin's formats share: the batch that they fill, the limits, and how a field becomes what is stored: cut
/// to the limits, in nanoseconds, by the rules of Zipkin's Span.Builder.
/// </summary>
internal class ZipkinDecodeContext
{
    // In microseconds: what still fits the batch's nanoseconds.
    private const long LargestStart = (long)(ulong.MaxValue / 1000);
    private const long LargestDuration = long.MaxValue / 1000;

    private readonly LowerText _lower = new();
    private int _serviceNameKey;
    private int _before;
    private int _truncated;

    /// <summary>Something of the current span was over a limit and was cut.</summary>
    public SpanMarks Cut;

    /// <summary>Takes the spans.</summary>
    public SpanBatch Batch { get; private set; } = null!;

    /// <summary>What is cut and what is refused.</summary>
    public DecodeLimits Limits { get; private set; } = DecodeLimits.Default;

    /// <summary>The tags of the current span.</summary>
    public ZipkinTagList Tags { get; } = new();

    /// <summary>The reason for which a request with more spans than this is refused.</summary>
    public string TooManySpans => $"more than {Limits.MaxSpans} spans in one request; send them in several";

    /// <summary>What became of the body so far.</summary>
    public DecodeResult Result => new(Batch.SpanCount - _before, 0, _truncated, null);

    /// <summary>Begins a body.</summary>
    public virtual void Begin(SpanBatch batch, DecodeLimits limits)
    {
        Batch = batch;
        Limits = limits;
        limits.Apply(batch);
        _before = batch.SpanCount;
        _truncated = 0;
        _serviceNameKey = batch.Intern("service.name"u8);
        Tags.Begin(this);
    }

    /// <summary>Ends a body: lets go of the batch and of unusually large buffers.</summary>
    public virtual void End()
    {
        Batch = null!;
        _lower.Trim();
        Tags.End();
    }

    /// <summary>Interns a text, cut to a length in bytes; false where it is not UTF-8.</summary>
    public bool TryIntern(ReadOnlySpan<byte> text, int longest, out int id)
    {
        if (text.Length > longest)
        {
            id = 0;
            if (!Utf8.IsValid(text))
                return false;
            text = Utf8Text.Cut(text, longest);
            Cut |= longest == Limits.MaxValueBytes ? SpanMarks.CutValue : SpanMarks.CutName;
        }

        return Batch.TryInternText(text, out id);
    }

    /// <summary>Interns a name of a span or service, in lower case as Zipkin keeps them; false where it is not UTF-8.</summary>
    public bool TryInternLower(ReadOnlySpan<byte> text, out int id) => TryIntern(_lower.Of(text), Limits.MaxNameBytes, out id);

    /// <summary>A time in nanoseconds; what is negative is 0, what is too far off is cut.</summary>
    public ulong ToNs(long micros)
    {
        Cut |= micros > LargestStart ? SpanMarks.CutValue : 0;
        return (ulong)Math.Clamp(micros, 0, LargestStart) * 1000;
    }

    /// <summary>A duration in nanoseconds; what is negative is 0, what is too long is cut.</summary>
    public long ToDurationNs(long micros)
    {
        Cut |= micros > LargestDuration ? SpanMarks.CutValue : 0;
        return Math.Clamp(micros, 0, LargestDuration) * 1000;
    }

    /// <summary>Adds a span that nothing is known of yet.</summary>
    public ref SpanEntry BeginSpan()
    {
        ref var span = ref Batch.AddSpan();
        span.Marks = SpanMarks.NoStart | SpanMarks.NoDuration;
        Tags.BeginSpan();
        return ref span;
    }

    /// <summary>Sets when the span began, in microseconds; 0 and less is not known.</summary>
    public void SetStart(ref SpanEntry span, long micros)
    {
        span.StartNs = ToNs(micros);
        Mark(ref span, SpanMarks.NoStart, span.StartNs == 0);
    }

    /// <summary>Sets how long the span took, in microseconds; 0 and less is not known.</summary>
    public void SetDuration(ref SpanEntry span, long micros)
    {
        span.DurationNs = ToDurationNs(micros);
        Mark(ref span, SpanMarks.NoDuration, span.DurationNs == 0);
    }

    /// <summary>Adds an annotation, or counts it as dropped where the span has as many as it may have.</summary>
    public void AddEvent(ref ItemList events, ref uint dropped, long micros, int value)
    {
        if (events.Count < Limits.MaxEvents)
        {
            Batch.AddEvent(ref events, ToNs(micros), value, default);
            return;
        }

        dropped++;
        Cut |= SpanMarks.CutEvents;
    }

    /// <summary>Completes a span of which all fields have been read.</summary>
    public void Complete(ref SpanEntry span, in EndpointItem local, in EndpointItem remote)
    {
        if (span.ParentId == span.Id)
            span.ParentId = 0;
        if (span.Kind == SpanKind.Client)
            span.Marks &= ~SpanMarks.Shared;
        span.Resource = Batch.AddEndpointResource(_serviceNameKey, local.ServiceName, local.Ipv4, local.Ipv6, local.Port);
        if (remote != default)
            span.RemoteEndpoint = Batch.AddEndpoint(remote.ServiceName, remote.Ipv4, remote.Ipv6, remote.Port);
        if (Cut == 0)
            return;
        span.Marks |= SpanMarks.Truncated | Cut;
        _truncated++;
    }

    /// <summary>Sets a mark or takes it away.</summary>
    public static void Mark(ref SpanEntry span, SpanMarks mark, bool set) =>
        span.Marks = set ? span.Marks | mark : span.Marks & ~mark;

    /// <summary>What is wrong with a span's ids, or null.</summary>
    public static string? MissingIds(in SpanEntry span) => MissingIds(span.TraceHigh | span.TraceLow, span.Id);

    /// <summary>What is wrong with a span's ids, or null.</summary>
    public static string? MissingIds(ulong traceId, ulong id) => (traceId, id) switch
    {
        (0, 0) => "the span has no traceId and id",
        (0, _) => "the span has no traceId",
        (_, 0) => "the span has no id",
        _ => null,
    };
}
