using System.Numerics;

namespace Serverless.Tracing.Search;

/// <summary>The layout of a search block: the digests of one service, newest first, column by column.</summary>
/// <remarks>
/// <code>
/// block     = version:byte crc:4 rest                   CRC-32C (RFC 3720) of the rest; numbers are little-endian
/// rest      = codec:byte n newest:varint unpackedLength:varint packedLength:varint packed loose
/// packed    = terms:varint                              Brotli (RFC 7932) with codec 1, as it is with codec 0
///             groups:varint (m term:varint*m)*groups    what resources, scopes and shapes of spans have in common
///             operations:varint kind:byte*operations
///             flags:byte*n                              DigestFlags
///             older:varint*n                            newest start: how much older than the digest before, in microseconds
///             spread:code*n                             how far before it the oldest start may lie
///             shortest:code*n longest:code*n            the durations, in microseconds, rounded outward
///             (m group:varint*m)*n
///             (m operation:varint*m)*n
///             (m term:varint*m)*n                       terms that two digests of the block or more have; merged, all of known high half
///             fingerprints:varint*n                     how many terms only this digest has
/// loose     = traceLow:8*n term:4*terms name:4*operations fingerprint*   what does not compress
/// </code>
/// A term of the block is the high half of its hash (<see cref="SearchTerms"/>), a fingerprint the low 16 bits of it, or 24
/// where a digest has more than <see cref="MostShortFingerprints"/>: so a digest matches by chance less than once in 1,000 times.
/// A block merged of others (<see cref="SearchBlockMerger"/>) has the same layout and version: it takes over what the others
/// knew of a term, its high half as a term, its low bits as a fingerprint of as many bits.
/// An operation's name is the high half of the hash of the name in lower case. A code is a number with 3 bits behind its
/// highest one, so up to an eighth off; 255 is that and everything above.
/// </remarks>
internal static class SearchBlockFormat
{
    public const byte Version = 1;
    /// <summary>Version and checksum.</summary>
    public const int HeadBytes = 5;

    /// <summary>What a digest takes at least: the trace's id.</summary>
    public const int LeastBytesPerDigest = 8;

    public const byte CodecNone = 0;
    public const byte CodecBrotli = 1;

    public const int MostShortFingerprints = 64;
    public const int ShortFingerprintBytes = 2;
    public const int LongFingerprintBytes = 3;

    /// <summary>What claims to unpack to more is damaged.</summary>
    public const int MaxUnpackedBytes = 1 << 20;

    /// <summary>The code that stands for everything from its value on.</summary>
    public const byte HighestCode = 255;

    public const ulong NanosecondsPerMicrosecond = 1000;

    /// <summary>The bytes of each fingerprint of a digest that has that many.</summary>
    public static int FingerprintBytes(int count) => count <= MostShortFingerprints ? ShortFingerprintBytes : LongFingerprintBytes;

    /// <summary>The highest code whose value is not above a number.</summary>
    public static byte CodeBelow(ulong value)
    {
        if (value < 8)
            return (byte)value;
        var exponent = BitOperations.Log2(value);
        var code = ((ulong)(exponent - 2) * 8) + ((value >> (exponent - 3)) & 7);
        return (byte)Math.Min(code, HighestCode);
    }

    /// <summary>The lowest code whose value is not below a number.</summary>
    public static byte CodeAbove(ulong value)
    {
        var code = CodeBelow(value);
        return code == HighestCode || ValueOf(code) == value ? code : (byte)(code + 1);
    }

    /// <summary>The value of a code; that of <see cref="HighestCode"/> is the lowest that it stands for.</summary>
    public static ulong ValueOf(byte code) => code < 8 ? code : (8UL + (uint)(code & 7)) << ((code >> 3) - 1);

    /// <summary>Microseconds rounded up.</summary>
    public static ulong MicrosecondsAbove(ulong ns) => (ns / NanosecondsPerMicrosecond) + (ns % NanosecondsPerMicrosecond == 0 ? 0UL : 1UL);

    /// <summary>Nanoseconds of microseconds, at most the highest number.</summary>
    public static ulong Nanoseconds(ulong microseconds) =>
        microseconds > ulong.MaxValue / NanosecondsPerMicrosecond ? ulong.MaxValue : microseconds * NanosecondsPerMicrosecond;
}
