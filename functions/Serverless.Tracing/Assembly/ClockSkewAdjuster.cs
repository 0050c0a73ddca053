using System.Runtime.InteropServices;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// Sets the clocks of hosts to each other by their calls. A call's server part that lies outside its client part is moved so
/// that the time on the network is the same on both ways, and with it what the same host did below it.
/// </summary>
/// <remarks>
/// The rules are those of Jaeger's <c>CorrectClockSkew</c>: a part that took longer than its caller is only moved to not begin before it, and each
/// call from another host is measured anew, against its caller's adjusted times. Unlike there, a receiver that nobody waits for
/// (<see cref="TraceTree.IsAsync"/>) or whose duration is unknown is only moved to not begin before its sender, as Zipkin does for one-way calls;
/// and less than a microsecond is taken for rounding.
/// </remarks>
public static class ClockSkewAdjuster
{
    private const long RoundingNs = 1_000;

    /// <summary>Measures the skews of a trace, and adjusts its times unless told not to.</summary>
    /// <param name="tree">The trace.</param>
    /// <param name="isOn">False to measure only: all times stay as they are.</param>
    /// <param name="maximum">A skew larger than this is reported and not applied; null for no limit.</param>
    public static ClockSkewAdjustment Adjust(TraceTree tree, bool isOn = true, TimeSpan? maximum = null)
    {
        ArgumentNullException.ThrowIfNull(tree);
        var limit = !isOn ? -1 : maximum is { } most ? Math.Max(0, most.Ticks) * (Int128)TimeSpan.NanosecondsPerTick : Int128.MaxValue;
        var starts = new long[tree.Count];
        var ends = new long[tree.Count];
        var amounts = new long[tree.Count];
        var hosts = new int[tree.Count];
        var table = new HostTable();
        var skews = new Skews(table);
        foreach (var i in tree.Order)
        {
            var span = tree[i];
            hosts[i] = table.NumberOf(span.Resource);
            starts[i] = (long)Math.Min(span.StartNs, long.MaxValue);
            ends[i] = EndOf(starts[i], span);
            var parent = tree.ParentOf(i);
            if (parent < 0)
                continue;
            if (table.IsSame(hosts[i], hosts[parent]))
            {
                amounts[i] = amounts[parent];
            }
            else if (span.HasStart && tree[parent].HasStart)
            {
                var isOneWay = tree.IsAsync(i) || !span.HasDuration || !tree[parent].HasDuration;
                var amount = Measure(starts[parent], ends[parent], starts[i], ends[i], isOneWay);
                if (amount == 0)
                    continue;
                var isApplied = Int128.Abs(amount) <= limit;
                skews.Add(hosts[parent], hosts[i], span.Id, amount, isApplied);
                amounts[i] = isApplied ? amount : 0;
            }

            if (span.HasStart && amounts[i] != 0)
                (starts[i], ends[i]) = (Shift(starts[i], amounts[i]), Shift(ends[i], amounts[i]));
        }

        return new ClockSkewAdjustment(tree, starts, ends, amounts, skews.ToList());
    }

    private static long Measure(long parentStart, long parentEnd, long start, long end, bool isOneWay)
    {
        var outside = Math.Max(parentStart - start, isOneWay ? long.MinValue : end - parentEnd);
        if (outside < RoundingNs)
            return 0;
        if (isOneWay || end - start > parentEnd - parentStart)
            return Math.Max(0, parentStart - start);
        var latency = (parentEnd - parentStart - (end - start)) / 2;
        return parentStart + latency - start;
    }

    private static long EndOf(long start, Span span)
    {
        if (!span.HasStart || !span.HasDuration || span.DurationNs <= 0)
            return start;
        return span.DurationNs > long.MaxValue - start ? long.MaxValue : start + span.DurationNs;
    }

    private static long Shift(long time, long amount) => (long)Int128.Clamp((Int128)time + amount, 0, long.MaxValue);

    /// <summary>The skews by pair of hosts.</summary>
    private sealed class Skews(HostTable hosts)
    {
        private readonly Dictionary<(int From, int To, bool IsApplied), Furthest> _ofPairs = [];

        public void Add(int from, int to, SpanId span, long amount, bool isApplied)
        {
            ref var furthest = ref CollectionsMarshal.GetValueRefOrAddDefault(_ofPairs, (from, to, isApplied), out _);
            if (Math.Abs(amount) > Math.Abs(furthest.AmountNs))
                (furthest.Span, furthest.AmountNs) = (span, amount);
            furthest.Calls++;
        }

        public List<HostSkew> ToList()
        {
            var skews = new List<HostSkew>(_ofPairs.Count);
            foreach (var ((from, to, isApplied), furthest) in _ofPairs)
            {
                var (caller, called) = (hosts[from], hosts[to]);
                skews.Add(new HostSkew(
                    caller.Service, caller.Host, called.Service, called.Host, furthest.Span, furthest.AmountNs, furthest.Calls, isApplied));
            }

            return skews;
        }

        private struct Furthest
        {
            public SpanId Span;
            public long AmountNs;
            public int Calls;
        }
    }
}
