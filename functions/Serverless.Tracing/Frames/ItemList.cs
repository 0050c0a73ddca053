namespace Serverless.Tracing.Frames;

/// <summary>
/// A list of attributes, events or links inside a <see cref="SpanBatch"/>: they are linked in the order added, so that
/// the lists of one span may grow in any order. The default value is the empty list.
/// </summary>
public struct ItemList
{
    /// <summary>The first item's index plus one, or 0.</summary>
    internal int First;

    /// <summary>The last item's index plus one, or 0.</summary>
    internal int Last;

    /// <summary>How many items there are.</summary>
    public int Count { get; internal set; }
}
