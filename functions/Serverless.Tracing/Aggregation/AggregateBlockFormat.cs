using Serverless.Tracing.Frames;

namespace Serverless.Tracing.Aggregation;

/// <summary>The layout of an aggregate block: the counts of one kind and hour, series by series.</summary>
/// <remarks>
/// <code>
/// block  = version:byte crc:4 rest             CRC-32C (RFC 3720) of the rest, little-endian
/// rest   = kind:byte codec:byte hour:varint unpackedLength:varint packed
/// packed = names:varint (length:varint utf8)*names series*       Brotli (RFC 7932) with codec 1, as it is with codec 0
/// series = name:varint name:varint [spanKind:byte] length:varint point*      service and operation, or parent and child
/// point  = minute:byte sums                    of the hour, ascending
/// sums   = calls errors duration zeros:signed buckets:varint bucket*         RED
///        | calls errors timed duration         links
/// bucket = token:varint [count:signed]         token = buckets skipped * 2 + (0 where the count is 1, 1 where it follows)
/// </code>
/// A signed number is a zigzag varint; a duration one of up to 128 bits, in nanoseconds. Counts are signed because blocks are differences: what
/// is known of a trace less what was known of it before. The length of a series lets a reader pass over what it does not want.
/// </remarks>
internal static class AggregateBlockFormat
{
    public const byte Version = 1;

    /// <summary>Version and checksum.</summary>
    public const int HeadBytes = 5;

    public const byte CodecNone = 0;
    public const byte CodecBrotli = 1;

    public const int MinutesPerHour = 60;

    /// <summary>What claims to unpack to more is damaged.</summary>
    public const int MaxUnpackedBytes = AggregateBlock.MaxBytes;

    /// <summary>What precedes <c>packed</c> takes at most that many bytes.</summary>
    public const int MaxOverheadBytes = HeadBytes + 2 + (2 * Varints.MaxBytes);
}
