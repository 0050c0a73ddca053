using System.Runtime.InteropServices;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// The spans that came after their trace had been taken for finished: their first report arrived when no other had come for a while, and that
/// long after their own end too, so that a call that just took long is not late. Where all spans come late together (a sender that kept them back, old
/// spans that are sent again) none of them is. Spans of a suspect clock, or without times, are not judged.
/// </summary>
internal static class LateSpans
{
    public static void AddTo(List<TraceVerdict> verdicts, TraceTree tree, JudgeContext context)
    {
        var limitNs = context.LateAfter.Ticks * TimeSpan.NanosecondsPerTick;
        if (!TryFindQuiet(context.Arrivals, limitNs, out var quietSince))
            return;
        var firsts = new Dictionary<(SpanId, bool), ulong>();
        foreach (var arrival in context.Arrivals)
        {
            foreach (var span in arrival.Spans)
            {
                ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(firsts, KeyOf(span), out var exists);
                first = exists ? Math.Min(first, arrival.ArrivedNs) : arrival.ArrivedNs;
            }
        }

        var late = new VerdictBuilder(VerdictKind.Late);
        foreach (var span in tree.Spans)
        {
            if (!span.HasStart || (span.Marks & SpanMarks.ClockSuspect) != 0 || !firsts.TryGetValue(KeyOf(span), out var arrived)
                || arrived <= quietSince)
                continue;
            var delay = (Int128)arrived - span.StartNs - Math.Max(0, span.DurationNs);
            if (delay > limitNs)
                late.Add((span, delay), found => Describe(found.span, (long)found.delay));
        }

        late.AddTo(verdicts);
    }

    /// <summary>The first arrival behind which nothing came for as long as the limit, though something came after that.</summary>
    private static bool TryFindQuiet(IReadOnlyList<SpanArrivals> arrivals, long limitNs, out ulong quietSince)
    {
        quietSince = 0;
        if (arrivals.Count < 2)
            return false;
        var times = arrivals.Where(arrival => arrival.Spans.Count > 0).Select(arrival => arrival.ArrivedNs).Order().ToArray();
        for (var i = 1; i < times.Length; i++)
        {
            quietSince = times[i - 1];
            if ((Int128)times[i] - quietSince > limitNs)
                return true;
        }

        return false;
    }

    // Merging may mark a span as shared that did not say so itself, but never changes on which side of a call it is.
    private static (SpanId Id, bool IsServer) KeyOf(Span span) => (span.Id, span.Kind == SpanKind.Server);

    private static VerdictEvidence Describe(Span span, long delayNs) =>
        VerdictEvidence.Of(span, $"Span {span.Id} arrived {SkewText.Of(delayNs)[1..]} after its end.") with
        {
            Amount = new TimeSpan(delayNs / TimeSpan.NanosecondsPerTick),
        };
}
