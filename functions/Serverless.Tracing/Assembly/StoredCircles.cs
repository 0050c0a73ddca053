namespace Serverless.Tracing.Assembly;

/// <summary>
/// Finds the ids of a large trace that may be in circles of parents, by the reports' numbers alone: a span from which the way up ends, or from
/// which every way down ends, is in none. In most traces nothing is left then.
/// </summary>
internal sealed class StoredCircles
{
    private readonly IReadOnlyList<SpanReport> _reports;

    // Per report the number of its id, and of its parent's or -1; a report is an edge of the graph from the one to the other.
    private readonly int[] _from;
    private readonly int[] _to;
    private readonly int _ids;
    private readonly bool[] _isOut;

    private StoredCircles(IReadOnlyList<SpanReport> reports)
    {
        _reports = reports;
        _from = new int[reports.Count];
        _to = new int[reports.Count];
        var (ids, order) = (new ulong[reports.Count], new int[reports.Count]);
        for (var i = 0; i < order.Length; i++)
            (ids[i], order[i]) = (reports[i].Id, i);
        Array.Sort(ids, order);
        for (var i = 0; i < order.Length; i++)
        {
            if (i > 0 && ids[i] != ids[_ids - 1])
                ids[_ids++] = ids[i];
            else if (i == 0)
                _ids = 1;
            _from[order[i]] = _ids - 1;
        }

        for (var i = 0; i < order.Length; i++)
        {
            var parent = reports[i].ParentId;
            _to[i] = parent == 0 || parent == reports[i].Id ? -1 : Math.Max(-1, Array.BinarySearch(ids, 0, _ids, parent));
        }

        _isOut = new bool[_ids];
    }

    /// <summary>The first report of each such id, in order; none where there are no circles.</summary>
    public static List<int> FirstReports(IReadOnlyList<SpanReport> reports)
    {
        var circles = new StoredCircles(reports);
        if (circles.TakeOut(circles._from, circles._to))
            circles.TakeOut(circles._to, circles._from);
        return circles.Left();
    }

    /// <summary>Takes out what has no edge that starts at it, again and again.</summary>
    /// <returns>True where anything is left.</returns>
    private bool TakeOut(int[] starts, int[] ends)
    {
        var edges = new int[_ids];
        // The edges by where they end, one after the other.
        var offsets = new int[_ids + 1];
        for (var i = 0; i < starts.Length; i++)
        {
            if (!IsEdge(i))
                continue;
            edges[starts[i]]++;
            offsets[ends[i] + 1]++;
        }

        for (var i = 0; i < _ids; i++)
            offsets[i + 1] += offsets[i];
        var byEnd = new int[offsets[_ids]];
        var next = offsets.AsSpan(.._ids).ToArray();
        for (var i = 0; i < starts.Length; i++)
        {
            if (IsEdge(i))
                byEnd[next[ends[i]]++] = starts[i];
        }

        var open = new Stack<int>();
        var left = 0;
        for (var id = 0; id < _ids; id++)
        {
            if (_isOut[id])
                continue;
            left++;
            if (edges[id] == 0)
                open.Push(id);
        }

        while (open.TryPop(out var id))
        {
            _isOut[id] = true;
            left--;
            foreach (var start in byEnd.AsSpan(offsets[id]..offsets[id + 1]))
            {
                if (--edges[start] == 0)
                    open.Push(start);
            }
        }

        return left > 0;
    }

    private bool IsEdge(int report) => _to[report] >= 0 && !_isOut[_from[report]] && !_isOut[_to[report]];

    private List<int> Left()
    {
        var left = new List<int>();
        for (var i = 0; i < _reports.Count; i++)
        {
            if (_isOut[_from[i]])
                continue;
            left.Add(i);
            _isOut[_from[i]] = true;
        }

        return left;
    }
}
