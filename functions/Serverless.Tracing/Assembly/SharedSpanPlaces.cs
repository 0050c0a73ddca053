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
    private readonly Dictionary<Span, int> _places;

    /// <summary>Finds their places.</summary>
    /// <param name="shared">The merged spans whose ids are not theirs alone, in the order of the trace.</param>
    /// <param name="usedIds">Makes a set of all ids that spans of the trace have or name as their parents; it is changed.</param>
    public SharedSpanPlaces(Span[] shared, Func<HashSet<SpanId>> usedIds)
    {
        _index = new SpanIndex(shared);
        _places = new Dictionary<Span, int>(HalfOfSpan.Instance);
        HashSet<SpanId>? used = null;
        for (var i = 0; i < shared.Length; i++)
        {
            _places.TryAdd(shared[i], i);
            if (_index.IsServerHalf[i] && _index.ClientOf(i) is >= 0 and var client && client != i)
                _newIds.Add(i, SharedSpanSplitter.NewId(shared[i], used ??= usedIds()));
        }
    }

    /// <summary>True where no span has to change.</summary>
    public bool IsEmpty => _newIds.Count == 0;

    /// <summary>The span with the ids that it has in the trace: itself, or a copy.</summary>
    public Span Place(Span span)
    {
        if (_places.TryGetValue(span, out var own) && _newIds.TryGetValue(own, out var id))
            return span with { Id = id, ParentId = span.Id, Marks = span.Marks & ~SpanMarks.Shared };
        return !span.ParentId.IsZero && span.ParentId != span.Id && _newIds.TryGetValue(_index.Find(span, span.ParentId), out var half)
            ? span with { ParentId = half }
            : span;
    }

    /// <summary>Merged spans of one id are told apart by their side and by who sent them.</summary>
    private sealed class HalfOfSpan : IEqualityComparer<Span>
    {
        public static readonly HalfOfSpan Instance = new();

        public bool Equals(Span? x, Span? y) =>
            x!.Id == y!.Id && x.Kind == y.Kind && x.Marks == y.Marks && x.StartNs == y.StartNs && x.ServiceName == y.ServiceName
            && Equals(x.Resource.LocalEndpoint, y.Resource.LocalEndpoint);

        public int GetHashCode(Span span) => HashCode.Combine(span.Id, span.Kind, span.StartNs, span.ServiceName);
    }
}
