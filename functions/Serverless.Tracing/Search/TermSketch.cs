using System.Numerics;
using System.Runtime.CompilerServices;

namespace Serverless.Tracing.Search;

/// <summary>
/// Tells most of a block's terms that occur once from those that may occur again: counts in few bytes, which terms share by chance.
/// Most values are unique, and so need no place in a table.
/// </summary>
internal sealed class TermSketch
{
    private const int SmallestSketch = 1 << 8;
    private const int LargestSketch = 1 << 17;
    private const int CountersPerTerm = 8;

    private byte[] _counters = [];
    private int _mask;

    /// <summary>Forgets all terms, and makes room for that many.</summary>
    public void Reset(int terms)
    {
        var size = (int)Math.Clamp(BitOperations.RoundUpToPowerOf2((uint)Math.Min(terms, LargestSketch) * CountersPerTerm), SmallestSketch, LargestSketch);
        if (_counters.Length < size)
            _counters = new byte[size];
        else
            Array.Clear(_counters, 0, size);
        _mask = size - 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong term)
    {
        ref var counter = ref _counters[(int)term & _mask];
        counter = (byte)Math.Min(counter + 1, 2);
    }

    /// <summary>False where the term was added once only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MayRepeat(ulong term) => _counters[(int)term & _mask] > 1;
}
