using Serverless.Functions.Storage;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying;

/// <summary>Looks up which values an attribute has, in the newest traces that have it.</summary>
public sealed class TagValueSampler(TraceSearch search, TimeProvider clock)
{
    private const int MostTraces = 50;
    private const int MostValues = 200;
    private const int LongestValue = 256; // characters

    private static readonly TimeSpan Lookback = TimeSpan.FromDays(1);

    /// <summary>Values of the key in the newest traces of the last day, sorted, each once.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    public async Task<IReadOnlyList<string>> ValuesAsync(string key, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var found = await search.FindAsync(
            new TraceQuery
            {
                Semantics = QuerySemantics.AnySpanOfService,
                Conditions = [TagCondition.Exists(key)],
                StartMinNs = Nanoseconds(now - Lookback),
                StartMaxNs = Nanoseconds(now),
                Limit = MostTraces,
            },
            cancellation);
        var values = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var span in found.Held.SelectMany(trace => trace.Spans))
        {
            AddValue(values, span.Attributes, key);
            AddValue(values, span.Resource.Attributes, key);
            if (span.Scope is not null)
                AddValue(values, span.Scope.Attributes, key);
            if (values.Count >= MostValues)
                break;
        }

        return [.. values];
    }

    private static void AddValue(SortedSet<string> values, IReadOnlyList<SpanAttribute> attributes, string key)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.Key == key && attribute.Value.ToString() is { Length: > 0 and <= LongestValue } value)
                values.Add(value);
        }
    }

    private static ulong Nanoseconds(DateTimeOffset time) => (ulong)(time - DateTimeOffset.UnixEpoch).Ticks * 100;
}
