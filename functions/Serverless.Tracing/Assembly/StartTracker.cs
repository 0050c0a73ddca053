using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// When the reports began that are taken for one span. Zipkin's senders report a span in parts, each of which may have a time of its own; reports
/// of other senders that began at different times are of different spans whose ids collide.
/// </summary>
internal struct StartTracker
{
    // What is less apart was only written with another precision.
    private const ulong RoundingNs = 1_000;

    private bool _hasStart;
    private bool _differ;
    private bool _hasOthersThanZipkins;
    private ulong _startNs;

    /// <summary>False where the report began at another time than those before it, unless all of them are Zipkin's.</summary>
    public readonly bool IsOfSameSpan(Span span)
    {
        if (!span.HasStart || !_hasStart || (span.Protocol == SpanProtocol.Zipkin && !_hasOthersThanZipkins))
            return true;
        return !_differ && !IsElsewhere(span);
    }

    /// <summary>Takes a report in.</summary>
    public void Add(Span span)
    {
        if (!span.HasStart)
            return;
        _differ |= _hasStart && IsElsewhere(span);
        _startNs = _hasStart ? _startNs : span.StartNs;
        _hasStart = true;
        _hasOthersThanZipkins |= span.Protocol != SpanProtocol.Zipkin;
    }

    private readonly bool IsElsewhere(Span span) => Math.Max(span.StartNs, _startNs) - Math.Min(span.StartNs, _startNs) >= RoundingNs;
}
