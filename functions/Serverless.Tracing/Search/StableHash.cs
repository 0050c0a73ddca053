using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Serverless.Tracing.Search;

/// <summary>
/// wyhash, final version 4 with its default secret (Wang Yi, public domain, github.com/wangyi-fudan/wyhash): the texts of spans are short, and
/// it is quickest with those. Search blocks store what it gives, so it must never change.
/// </summary>
internal static class StableHash
{
    private const ulong Secret0 = 0x2D358DCCAA6C78A5;
    private const ulong Secret1 = 0x8BB84B93962EACC9;
    private const ulong Secret2 = 0x4B33A62ED433D4A3;
    private const ulong Secret3 = 0x4D5A2DA51DE1AA47;

    private const int StackBytes = 512;
    private const int StripeBytes = 48;

    /// <summary><see cref="Seeded"/> of 0; a constant, for statics of classes that need each other start in either order.</summary>
    private const ulong NoSeed = 0xCA813BF4C7ABF0A9;

    /// <summary>The hash of a text's UTF-8 bytes.</summary>
    public static ulong Of(string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most <= StackBytes)
        {
            Span<byte> utf8 = stackalloc byte[StackBytes];
            return Of(utf8[..Encoding.UTF8.GetBytes(text, utf8)]);
        }

        var rented = ArrayPool<byte>.Shared.Rent(most);
        var hash = Of(rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }

    /// <summary>The hash of some bytes with seed 0.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes) => Of(bytes, NoSeed);

    /// <summary>A seed as the hash begins with it.</summary>
    public static ulong Seeded(ulong seed) => seed ^ SearchTerms.Mix(seed ^ Secret0, Secret1);

    /// <summary>The hash of some bytes with what <see cref="Seeded"/> made of a seed.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes, ulong seeded)
    {
        ref var first = ref MemoryMarshal.GetReference(bytes);
        var length = bytes.Length;
        ulong a;
        ulong b;
        if (length > 16)
        {
            var at = Stripes(bytes, ref seeded);
            for (; length - at > 16; at += 16)
                seeded = SearchTerms.Mix(Read64(ref first, at) ^ Secret1, Read64(ref first, at + 8) ^ seeded);
            a = Read64(ref first, length - 16);
            b = Read64(ref first, length - 8);
        }
        else if (length >= 4)
        {
            var middle = (length >> 3) << 2;
            a = (Read32(ref first, 0) << 32) | Read32(ref first, middle);
            b = (Read32(ref first, length - 4) << 32) | Read32(ref first, length - 4 - middle);
        }
        else
        {
            a = length == 0 ? 0 : ((ulong)first << 16) | ((ulong)Unsafe.Add(ref first, length >> 1) << 8) | Unsafe.Add(ref first, length - 1);
            b = 0;
        }

        var high = Math.BigMul(a ^ Secret1, b ^ seeded, out var low);
        return SearchTerms.Mix(low ^ Secret0 ^ (ulong)length, high ^ Secret1);
    }

    /// <summary>Takes in 48 bytes at a time while there are more than that.</summary>
    /// <returns>How many bytes it took in.</returns>
    private static int Stripes(ReadOnlySpan<byte> bytes, ref ulong seed)
    {
        var at = 0;
        if (bytes.Length <= StripeBytes)
            return at;
        ref var first = ref MemoryMarshal.GetReference(bytes);
        var (seed1, seed2) = (seed, seed);
        do
        {
            seed = SearchTerms.Mix(Read64(ref first, at) ^ Secret1, Read64(ref first, at + 8) ^ seed);
            seed1 = SearchTerms.Mix(Read64(ref first, at + 16) ^ Secret2, Read64(ref first, at + 24) ^ seed1);
            seed2 = SearchTerms.Mix(Read64(ref first, at + 32) ^ Secret3, Read64(ref first, at + 40) ^ seed2);
            at += StripeBytes;
        }
        while (bytes.Length - at > StripeBytes);
        seed ^= seed1 ^ seed2;
        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Read64(ref byte first, int at)
    {
        var value = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, at));
        return BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Read32(ref byte first, int at)
    {
        var value = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, at));
        return BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);
    }
}
