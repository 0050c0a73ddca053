namespace Serverless.Tracing.Aggregation;

/// <summary>What is counted together: two names by number, a minute, and for spans a kind.</summary>
internal readonly struct AggregateKey(int minute, int first, int second, int spanKind) : IEquatable<AggregateKey>
{
    private const int KindBits = 3;

    // The names in one number, time and kind in another: hashed and compared as two.
    private readonly ulong _names = ((ulong)(uint)first << 32) | (uint)second;
    private readonly ulong _when = ((ulong)(uint)minute << KindBits) | (uint)spanKind;

    public int Minute => (int)(_when >> KindBits);

    public int Hour => Minute / AggregateBlockFormat.MinutesPerHour;

    public int First => (int)(_names >> 32);

    public int Second => (int)(uint)_names;

    public int SpanKind => (int)(_when & ((1 << KindBits) - 1));

    public bool Equals(AggregateKey other) => _names == other._names && _when == other._when;

    public override bool Equals(object? obj) => obj is AggregateKey other && Equals(other);

    public override int GetHashCode()
    {
        const ulong Factor = 0x9E3779B97F4A7C15;
        var hash = (_names ^ (_when * Factor)) * Factor;
        return (int)(hash >> 32);
    }

    /// <summary>By hour, then by what is counted, then by minute: the order in which blocks are written.</summary>
    public int CompareInBlocks(AggregateKey other)
    {
        var order = Hour.CompareTo(other.Hour);
        order = order != 0 ? order : _names.CompareTo(other._names);
        order = order != 0 ? order : SpanKind.CompareTo(other.SpanKind);
        return order != 0 ? order : Minute.CompareTo(other.Minute);
    }

    public bool IsSameSeries(AggregateKey other) => _names == other._names && SpanKind == other.SpanKind && Hour == other.Hour;
}
