using System.Runtime.InteropServices;

namespace Serverless.Tracing.Aggregation;

/// <summary>
/// Keeps the number of names in aggregates bounded: so many operations for a service and hour, and so many bytes in all. What comes
/// beyond counts under <see cref="AggregateName.Other"/>.
/// </summary>
internal sealed class AggregateBudget(AggregateNames names)
{
    /// <summary>More bytes than that are not begun with: with what one more trace may bring, they still fit one transaction.</summary>
    public const int FullBytes = 1_200_000;

    private const int MostBytes = 2_000_000;

    // The head of a series, minute and counts; the names come on top.
    private const int BytesPerPoint = 24;
    private const int BytesPerBucket = 2;

    private readonly HashSet<(int Hour, bool IsLink, int First, int Second)> _known = [];
    private readonly Dictionary<(int Hour, int Service), int> _operations = [];
    private readonly HashSet<(int Hour, bool IsLink)> _hours = [];

    /// <summary>About the bytes that all blocks take together, before compression.</summary>
    public int Bytes { get; private set; }

    /// <summary>How many hours have blocks, those of spans and of links each.</summary>
    public int Hours => _hours.Count;

    /// <summary>The key that a new series and minute counts under.</summary>
    public AggregateKey Admit(AggregateKey key, bool isLink)
    {
        var name = (key.Hour, isLink, key.First, key.Second);
        if (_known.Contains(name))
            return key;
        if (Bytes >= MostBytes)
            return new AggregateKey(key.Minute, names.Other, names.Other, key.SpanKind);
        if (!isLink && key.Second != names.Other)
        {
            ref var operations = ref CollectionsMarshal.GetValueRefOrAddDefault(_operations, (key.Hour, key.First), out _);
            if (operations == TraceAggregates.MaxOperations)
                return new AggregateKey(key.Minute, key.First, names.Other, key.SpanKind);
            operations++;
        }

        _known.Add(name);
        Bytes += names.BytesOf(key.First) + names.BytesOf(key.Second);
        return key;
    }

    public void CountPoint(AggregateKey key, bool isLink)
    {
        _hours.Add((key.Hour, isLink));
        Bytes += BytesPerPoint;
    }

    public void CountBucket() => Bytes += BytesPerBucket;

    public void Clear()
    {
        _known.Clear();
        _operations.Clear();
        _hours.Clear();
        Bytes = 0;
    }
}
