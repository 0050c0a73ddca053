namespace Serverless.Tracing.Assembly;

/// <summary>Walks the tree from the end of its top back to its start. Every span is met at most once, so that it takes O(n log n).</summary>
internal sealed class CriticalPathWalk
{
    private const int FirstStretches = 64;

    private readonly ClockSkewAdjustment _times;
    private readonly TraceTree _tree;
    private readonly List<CriticalStretch> _backwards;
    private readonly Stack<Step> _steps = [];

    // The children that may still be met, of all spans on the stack one after the other; those of each by their end, the last to finish last.
    private readonly List<Candidate> _candidates = [];

    public CriticalPathWalk(ClockSkewAdjustment times)
    {
        _times = times;
        _tree = times.Tree;
        // A span is left and entered once, or a few more times: what is a guess here only spares growing.
        _backwards = new List<CriticalStretch>(Math.Min(_tree.Count + (_tree.Count / 2), FirstStretches));
    }

    public List<CriticalStretch> Walk()
    {
        if (_tree.Top >= 0 && _times.HasStart(_tree.Top))
            Enter(_tree.Top, _times.Starts[_tree.Top], _times.Ends[_tree.Top]);
        while (_steps.TryPop(out var step))
        {
            if (!TryTakeLastFinishing(step, out var child))
            {
                Add(step.Span, step.Start, step.Cursor);
                continue;
            }

            Add(step.Span, child.End, step.Cursor);
            _steps.Push(step with { Cursor = child.Start });
            Enter(child.Span, child.Start, child.End);
        }

        _backwards.Reverse();
        return _backwards;
    }

    private void Enter(int span, long start, long end)
    {
        var from = _candidates.Count;
        foreach (var child in _tree.ChildrenOf(span))
        {
            if (_tree.IsAsync(child) || !_times.HasStart(child))
                continue;
            var (childStart, childEnd) = (Math.Max(start, _times.Starts[child]), Math.Min(end, _times.Ends[child]));
            if (childStart < childEnd)
                _candidates.Add(new Candidate(child, childStart, childEnd));
        }

        if (_candidates.Count - from > 1)
            _candidates.Sort(from, _candidates.Count - from, Candidate.ByEnd);
        _steps.Push(new Step(span, start, end, from));
    }

    // A candidate that ends after the point reached ran beside what is on the path already, and is done with: the point only moves back.
    private bool TryTakeLastFinishing(Step step, out Candidate child)
    {
        while (_candidates.Count > step.CandidatesFrom)
        {
            child = _candidates[^1];
            _candidates.RemoveAt(_candidates.Count - 1);
            if (child.End <= step.Cursor)
                return true;
        }

        child = default;
        return false;
    }

    private void Add(int span, long from, long to)
    {
        if (from >= to)
            return;
        if (_backwards.Count > 0 && _backwards[^1].Span == span)
            _backwards[^1] = _backwards[^1] with { FromNs = (ulong)from };
        else
            _backwards.Add(new CriticalStretch(span, (ulong)from, (ulong)to));
    }

    private readonly record struct Step(int Span, long Start, long Cursor, int CandidatesFrom);

    private readonly record struct Candidate(int Span, long Start, long End)
    {
        // Of those that finish together the one that began first comes last, and so is taken.
        public static readonly IComparer<Candidate> ByEnd = Comparer<Candidate>.Create(static (x, y) =>
            x.End != y.End ? x.End.CompareTo(y.End) : x.Start != y.Start ? y.Start.CompareTo(x.Start) : y.Span.CompareTo(x.Span));
    }
}
