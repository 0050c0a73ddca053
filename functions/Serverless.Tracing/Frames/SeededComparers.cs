using Serverless.Tracing.Model;

namespace Serverless.Tracing.Frames;

/// <summary>Hashes ids that senders choose with a secret of the process, so that nobody can prepare ids that collide.</summary>
internal sealed class SeededComparers : IEqualityComparer<TraceId>, IEqualityComparer<ulong>
{
    public static readonly SeededComparers Instance = new();

    private readonly ulong _seed = (ulong)Random.Shared.NextInt64() | 1;

    public bool Equals(TraceId x, TraceId y) => x == y;

    public int GetHashCode(TraceId id) => GetHashCode(id.Low ^ ulong.RotateLeft(id.High * 0x9E3779B97F4A7C15, 31));

    public bool Equals(ulong x, ulong y) => x == y;

    public int GetHashCode(ulong value)
    {
        var high = Math.BigMul(value ^ _seed, 0xE7037ED1A0B428DB ^ _seed, out var low);
        var mixed = high ^ low;
        return (int)(mixed ^ (mixed >> 32));
    }
}
