using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>
/// The spans of a trace grouped as OTLP has them: by resource, and those by scope. What was sent in different requests is equal without
/// being the same object.
/// </summary>
internal static class SpanGroups
{
    /// <summary>The indexes of the spans of each resource, in the order in which resources come first.</summary>
    public static List<List<int>> ByResource(IReadOnlyList<Span> spans) =>
        Group(Enumerable.Range(0, spans.Count), i => spans[i].Resource, ContentComparer.OfResources);

    /// <summary>Of these, the indexes of the spans of each scope.</summary>
    public static List<List<int>> ByScope(IReadOnlyList<Span> spans, List<int> indexes) =>
        Group(indexes, i => spans[i].Scope ?? NoScope, ContentComparer.OfScopes);

    // Another than an empty scope: no sender names one so.
    private static readonly InstrumentationScope NoScope = new() { Name = "\0" };

    private static List<List<int>> Group<T>(IEnumerable<int> indexes, Func<int, T> keyOf, IEqualityComparer<T> comparer)
        where T : class
    {
        var groups = new List<List<int>>();
        var known = new Dictionary<T, List<int>>(comparer);
        T? last = null;
        List<int>? current = null;
        foreach (var i in indexes)
        {
            var key = keyOf(i);
            if (!ReferenceEquals(key, last) && !known.TryGetValue(key, out current))
            {
                known.Add(key, current = []);
                groups.Add(current);
            }

            current!.Add(i);
            last = key;
        }

        return groups;
    }
}
