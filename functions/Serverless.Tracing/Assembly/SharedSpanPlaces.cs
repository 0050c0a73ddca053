using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// What <see cref="SharedSpanSplitter"/> does, where not all spans of the trace are at hand: only those that share their ids are, and the
/// others come one at a time. The rules are the same ones (<see cref="SpanIndex"/>).
/// </summary>
internal sealed class SharedSpanPlaces
{
    private readonly SpanIndex _index;
    private readonly Dictionary<int, SpanId> _newIds = [];

    /// <summary>Finds their places.</summary>
    /// <param name="shared">The merged spans whose ids are not theirs alone, in the order of the trace.</param>
    /// <param name="usedIds">Makes a set of all ids that spans of the trace have or name as their parents; it is changed.</param>
    public SharedSpanPlaces(Span[] shared, Func<HashSet<SpanId>> usedIds)
    {
        _index = new SpanIndex(shared);
        HashSet<SpanId>? used = null;
        for (var i = 0; i < shared.Length; i++)
        {
            if (_index.IsServerHalf[i] && _index.ClientOf(i) is >= 0 and var client && client != i)
                _newIds.Add(i, SharedSpanSplitter.NewId(shared[i], used ??= usedIds()));
        }
    }

    /// <summary>True where no span has to change.</summary>
    public bool IsEmpty => _newIds.Count == 0;

    /// <summary>The span with the ids that it has in the trace: itself, or a copy.</summary>
    /// <param name="span">The span.</param>
    /// <param name="own">Its index among those that share their ids; -1 where it is none of them.</param>
    public Span Place(Span span, int own)
    {
        if (_newIds.TryGetValue(own, out var id))
            return span with { Id = id, ParentId = span.Id, Marks = span.Marks & ~SpanMarks.Shared };
        return !span.ParentId.IsZero && span.ParentId != span.Id && _newIds.TryGetValue(_index.Find(span, span.ParentId), out var half)
            ? span with { ParentId = half }
            : span;
    }
}
