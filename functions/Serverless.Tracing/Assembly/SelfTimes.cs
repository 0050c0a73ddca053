namespace Serverless.Tracing.Assembly;

/// <summary>The duration of each span less the time in which any child ran that it waits for.</summary>
internal static class SelfTimes
{
    public static long[] Of(ClockSkewAdjustment times)
    {
        var tree = times.Tree;
        var selfs = new long[tree.Count];
        List<(long Start, long End)>? unordered = null;
        for (var i = 0; i < tree.Count; i++)
        {
            var (start, end) = (times.Starts[i], times.Ends[i]);
            selfs[i] = end - start;
            var cover = new Cover(start, end);
            var isOrdered = true;
            foreach (var child in tree.ChildrenOf(i))
            {
                if (Counts(times, child))
                    isOrdered &= cover.TryAdd(times.Starts[child], times.Ends[child]);
            }

            if (!isOrdered)
                cover = Sorted(times, i, unordered ??= []);
            selfs[i] -= cover.Covered;
        }

        return selfs;
    }

    private static bool Counts(ClockSkewAdjustment times, int child) => !times.Tree.IsAsync(child) && times.HasStart(child);

    // Adjusting clocks can change the order of siblings.
    private static Cover Sorted(ClockSkewAdjustment times, int span, List<(long Start, long End)> children)
    {
        children.Clear();
        foreach (var child in times.Tree.ChildrenOf(span))
        {
            if (Counts(times, child))
                children.Add((times.Starts[child], times.Ends[child]));
        }

        children.Sort();
        var cover = new Cover(times.Starts[span], times.Ends[span]);
        foreach (var (start, end) in children)
            cover.TryAdd(start, end);
        return cover;
    }

    /// <summary>The union of intervals that come by start, cut to a span's time.</summary>
    private struct Cover(long start, long end)
    {
        private long _reached = start;
        private long _last = long.MinValue;

        public long Covered { get; private set; }

        /// <summary>False if the interval begins before the one added last.</summary>
        public bool TryAdd(long from, long to)
        {
            if (from < _last)
                return false;
            _last = from;
            from = Math.Max(from, _reached);
            to = Math.Min(to, end);
            if (from < to)
            {
                Covered += to - from;
                _reached = to;
            }

            return true;
        }
    }
}
