using System.Buffers.Binary;

namespace Serverless.Local.Tables.Storage;

/// <summary>
/// Which trace-sized prefixes of keys (<see cref="KeyCodec.FilteredPart"/>) a segment may hold (Bloom, 1970), in pages
/// that are read one at a time: a prefix's hash names its page, and six bits in it by double hashing
/// (Kirsch and Mitzenmacher, 2006). About 1% of the prefixes that are not there seem to be.
/// </summary>
internal static class BloomFilter
{
    public const int PageBytes = 8 * 1024;

    private const int BitsPerKey = 10;
    private const int Probes = 6;

    /// <summary>How many pages this many keys need.</summary>
    public static int PagesFor(long keys) => checked((int)((keys * BitsPerKey / (PageBytes * 8)) + 1));

    public static int PageOf(ulong hash, int pages) => (int)Math.BigMul(hash, (ulong)pages, out _);

    public static void Add(Span<byte> page, ulong hash)
    {
        var (at, step) = Probe(hash);
        for (var i = 0; i < Probes; i++, at += step)
            page[(int)(at % (PageBytes * 8)) >> 3] |= (byte)(1 << (int)(at & 7));
    }

    public static bool MayHave(ReadOnlySpan<byte> page, ulong hash)
    {
        var (at, step) = Probe(hash);
        for (var i = 0; i < Probes; i++, at += step)
        {
            if ((page[(int)(at % (PageBytes * 8)) >> 3] & (1 << (int)(at & 7))) == 0)
                return false;
        }

        return true;
    }

    /// <summary>A hash that stays the same from build to build: multiply and fold, eight bytes at a time.</summary>
    public static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 0x9E3779B97F4A7C15UL ^ (ulong)bytes.Length;
        for (; bytes.Length >= 8; bytes = bytes[8..])
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        ulong rest = 0;
        for (var i = 0; i < bytes.Length; i++)
            rest |= (ulong)bytes[i] << (8 * i);
        return Mix(Mix(hash ^ rest));
    }

    private static ulong Mix(ulong value)
    {
        var high = Math.BigMul(value ^ 0xA0761D6478BD642FUL, 0xE7037ED1A0B428DBUL, out var low);
        return high ^ low;
    }

    // The page is named by the hash's high bits; the probes take others.
    private static (uint At, uint Step) Probe(ulong hash)
    {
        var mixed = Mix(hash);
        return ((uint)mixed, (uint)(mixed >> 32) | 1);
    }
}
