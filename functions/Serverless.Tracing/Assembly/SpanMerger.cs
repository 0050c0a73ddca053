using System.Runtime.InteropServices;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// Makes one span of everything that was reported about it: deliveries repeat, Zipkin's senders report a span in parts, and client and
/// server may report under one id.
/// </summary>
/// <remarks>
/// The rules are those of Zipkin's <c>zipkin2.internal.Trace.merge</c>: reports of one id and one side (shared or not) are one span unless they
/// come from different services or addresses; where an id has a client, its servers are the shared side even if they do not say so; a shared
/// span without a parent takes its client's. Unlike Zipkin's, the result does not depend on the order in which reports came.
/// Only Zipkin's senders report a span in parts of which each has a time of its own: other reports of one id that began at different times
/// are spans whose ids collide, and all of them stay, as in Jaeger's stores.
/// </remarks>
public static class SpanMerger
{
    // Most traces are small and of spans that came once: to compare their ids with each other is quicker than to put them into a table.
    private const int MostCompared = 32;

    /// <summary>
    /// Every span once, in whatever width the trace's id was reported: whoever keeps the widths apart merges each by itself. By start, then id,
    /// then client before server; spans without a start come last.
    /// </summary>
    public static List<Span> Merge(IReadOnlyList<Span> spans)
    {
        ArgumentNullException.ThrowIfNull(spans);
        var merged = new List<Span>(spans.Count);
        if (spans.Count <= MostCompared && AreOfDifferentIds(spans))
        {
            merged.AddRange(spans);
            merged.Sort(SpanOrder.Instance);
            return merged;
        }

        Dictionary<int, List<Span>>? repeated = null;
        var first = new Dictionary<ReportKey, int>(spans.Count, ReportKeyComparer.Instance);
        for (var i = 0; i < spans.Count; i++)
        {
            ref var at = ref CollectionsMarshal.GetValueRefOrAddDefault(first, new ReportKey(spans[i].TraceId.Low, spans[i].Id), out var exists);
            if (!exists)
                at = i;
            else if ((repeated ??= []).TryGetValue(at, out var others))
                others.Add(spans[i]);
            else
                repeated.Add(at, [spans[at], spans[i]]);
        }

        foreach (var at in first.Values)
        {
            if (repeated is not null && repeated.TryGetValue(at, out var reports))
                MergeReports(reports, merged);
            else
                merged.Add(spans[at]);
        }

        merged.Sort(SpanOrder.Instance);
        return merged;
    }

    private static bool AreOfDifferentIds(IReadOnlyList<Span> spans)
    {
        Span<ulong> ids = stackalloc ulong[MostCompared];
        for (var i = 0; i < spans.Count; i++)
        {
            ids[i] = spans[i].Id.Value;
            if (ids[..i].Contains(ids[i]))
                return false;
        }

        return true;
    }

    /// <summary>Merges all reports of one id.</summary>
    private static void MergeReports(List<Span> reports, List<Span> merged)
    {
        var hasClient = reports.Exists(IsClient);
        var sides = reports.ConvertAll(span => new Report(span, span.IsShared || (hasClient && span.Kind == SpanKind.Server)));
        sides.Sort(Report.ByEndpoint);

        var from = merged.Count;
        var current = new List<Span>();
        for (var i = 0; i < sides.Count;)
        {
            var side = sides[i];
            var origin = new OriginTracker();
            var start = new StartTracker();
            var kind = SpanKind.Unspecified;
            current.Clear();
            for (; i < sides.Count && sides[i].IsShared == side.IsShared && AgreesInSide(sides[i].Span, ref kind, side.IsShared)
                && start.IsOfSameSpan(sides[i].Span) && origin.TryAdd(sides[i].Span); i++)
            {
                start.Add(sides[i].Span);
                current.Add(sides[i].Span);
            }

            merged.Add(SpanFold.Fold(current, side.IsShared));
        }

        TakeParentOfClient(merged, from);
    }

    private static bool IsClient(Span span) => span.Kind == SpanKind.Client && !span.IsShared;

    /// <summary>Reports of a client and of another kind are not of one span, whatever their origin.</summary>
    private static bool AgreesInSide(Span span, ref SpanKind kind, bool isShared)
    {
        if (span.Kind == SpanKind.Unspecified || isShared)
            return true;
        if (kind != SpanKind.Unspecified && kind != span.Kind && (kind == SpanKind.Client || span.Kind == SpanKind.Client))
            return false;
        kind = span.Kind;
        return true;
    }

    /// <summary>A shared server that was not told its parent has that of the client it shares its id with.</summary>
    private static void TakeParentOfClient(List<Span> merged, int from)
    {
        var client = merged.FindIndex(from, span => !span.IsShared && !span.ParentId.IsZero);
        if (client < 0)
            return;
        for (var i = from; i < merged.Count; i++)
        {
            if (merged[i].IsShared && merged[i].ParentId.IsZero)
                merged[i] = merged[i] with { ParentId = merged[client].ParentId };
        }
    }

    private readonly record struct ReportKey(ulong TraceLow, SpanId SpanId);

    private sealed class ReportKeyComparer : IEqualityComparer<ReportKey>
    {
        public static readonly ReportKeyComparer Instance = new();

        public bool Equals(ReportKey x, ReportKey y) => x.SpanId == y.SpanId && x.TraceLow == y.TraceLow;

        public int GetHashCode(ReportKey key) =>
            SeededComparers.Instance.GetHashCode(key.SpanId.Value ^ (key.TraceLow * 0x9E3779B97F4A7C15));
    }

    /// <summary>A report with its side.</summary>
    private sealed record Report(Span Span, bool IsShared)
    {
        /// <summary>Client side first; then by kind and origin, the unnamed first, so that parts join the first span they fit.</summary>
        public static int ByEndpoint(Report x, Report y)
        {
            var order = x.IsShared.CompareTo(y.IsShared);
            if (order == 0)
                order = IsClient(y.Span).CompareTo(IsClient(x.Span));
            if (order == 0)
                order = OriginTracker.Compare(x.Span, y.Span);
            return order != 0 ? order : SpanContentOrder.Instance.Compare(x.Span, y.Span);
        }
    }
}
