using System.Runtime.InteropServices;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>The spans whose first report arrived too long after their end. Spans of a suspect clock, or without times, are not judged.</summary>
internal static class LateSpans
{
    public static void AddTo(List<TraceVerdict> verdicts, TraceTree tree, JudgeContext context)
    {
        if (context.Arrivals.Count == 0)
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

        var limitNs = context.LateAfter.Ticks * TimeSpan.NanosecondsPerTick;
        var late = new VerdictBuilder(VerdictKind.Late);
        foreach (var span in tree.Spans)
        {
            if (!span.HasStart || (span.Marks & SpanMarks.ClockSuspect) != 0 || !firsts.TryGetValue(KeyOf(span), out var arrived))
                continue;
            var delay = (Int128)arrived - span.StartNs - Math.Max(0, span.DurationNs);
            if (delay > limitNs)
                late.Add((span, delay), found => Describe(found.span, (long)found.delay));
        }

        late.AddTo(verdicts);
    }

    // Merging may mark a span as shared that did not say so itself, but never changes on which side of a call it is.
    private static (SpanId Id, bool IsServer) KeyOf(Span span) => (span.Id, span.Kind == SpanKind.Server);

    private static VerdictEvidence Describe(Span span, long delayNs) =>
        VerdictEvidence.Of(span, $"Span {span.Id} arrived {SkewText.Of(delayNs)[1..]} after its end.") with
        {
            Amount = new TimeSpan(delayNs / TimeSpan.NanosecondsPerTick),
        };
}
