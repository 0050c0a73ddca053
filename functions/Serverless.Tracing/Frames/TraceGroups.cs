using Serverless.Tracing.Model;

namespace Serverless.Tracing.Frames;

/// <summary>The spans of a batch by trace, in the order in which the traces came first; linked through the spans themselves.</summary>
internal sealed class TraceGroups
{
    private readonly Dictionary<TraceId, int> _ids = new(SeededComparers.Instance);
    private readonly ItemPool<TraceGroup> _traces = new();

    /// <summary>How many traces there are.</summary>
    public int Count => _traces.Count;

    public ref readonly TraceGroup this[int index] => ref _traces[index];

    /// <summary>Groups the spans of a batch.</summary>
    public void Group(SpanBatch batch)
    {
        var last = -1;
        for (var i = 0; i < batch.Spans.Count; i++)
        {
            ref var span = ref batch.Spans[i];
            span.NextInTrace = 0;
            if (last < 0 || _traces[last].Low != span.TraceLow || _traces[last].High != span.TraceHigh)
                last = Find(span, i);
            ref var trace = ref _traces[last];
            if (trace.Count++ > 0)
                batch.Spans[trace.Last].NextInTrace = i + 1;
            trace.Last = i;
        }
    }

    /// <summary>Forgets the traces, and gives memory back that an unusual request made it take.</summary>
    public void Reset(int keepItems)
    {
        _ids.Clear();
        if (_ids.Capacity > keepItems)
            _ids.TrimExcess();
        _traces.Reset(keepItems);
    }

    private int Find(in SpanEntry span, int index)
    {
        var id = new TraceId(span.TraceHigh, span.TraceLow);
        if (_ids.TryGetValue(id, out var found))
            return found;
        _ids.Add(id, _traces.Count);
        _traces.Add() = new TraceGroup { High = span.TraceHigh, Low = span.TraceLow, First = index, Last = index };
        return _traces.Count - 1;
    }
}
