using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>The order of a merged trace's spans: by start, those without one last; then by id, then client before server.</summary>
internal sealed class SpanOrder : IComparer<Span>
{
    public static readonly SpanOrder Instance = new();

    public int Compare(Span? x, Span? y)
    {
        var order = ComparePlaces(x!, y!);
        return order != 0 || ReferenceEquals(x, y) ? order : SpanContentOrder.Instance.Compare(x!, y!);
    }

    /// <summary>The same without what spans of one id and one side hold.</summary>
    public static int ComparePlaces(Span x, Span y)
    {
        if (x.StartNs != y.StartNs && x.HasStart && y.HasStart)
            return x.StartNs.CompareTo(y.StartNs);
        if (x.HasStart != y.HasStart)
            return x.HasStart ? -1 : 1;
        var order = x.Id.Value.CompareTo(y.Id.Value);
        if (order == 0)
            order = x.TraceId.CompareTo(y.TraceId);
        return order == 0 ? x.IsShared.CompareTo(y.IsShared) : order;
    }
}
