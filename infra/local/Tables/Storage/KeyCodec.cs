using System.Buffers;
using System.Text;

namespace Serverless.Local.Tables.Storage;

/// <summary>
/// Keys as bytes whose order is the service's: PartitionKey, a zero byte, RowKey; each UTF-16 unit on its own in the one
/// to three bytes that UTF-8 would take for that number. Comparing such bytes compares the units, and the zero (which
/// keys cannot hold) puts a shorter PartitionKey first.
/// </summary>
internal static class KeyCodec
{
    /// <summary>How much of a RowKey the Bloom filters know, in UTF-16 units.</summary>
    public const int FilteredRowKeyUnits = 16;

    /// <summary>The longest key in bytes: two parts of 512 units and the separator.</summary>
    public const int MaxKeyBytes = (2 * 512 * 3) + 1;

    private const byte Separator = 0;

    /// <summary>The most bytes that a key of these parts can take.</summary>
    public static int MaxBytes(int partitionKeyUnits, int rowKeyUnits) => (3 * (partitionKeyUnits + rowKeyUnits)) + 1;

    public static int Encode(string partitionKey, string rowKey, Span<byte> bytes)
    {
        var length = EncodePart(partitionKey, bytes);
        bytes[length++] = Separator;
        return length + EncodePart(rowKey, bytes[length..]);
    }

    public static byte[] Encode(string partitionKey, string rowKey)
    {
        var bytes = new byte[MaxBytes(partitionKey.Length, rowKey.Length)];
        return bytes[..Encode(partitionKey, rowKey, bytes)];
    }

    public static byte[] EncodePart(string part)
    {
        var bytes = new byte[part.Length * 3];
        return bytes[..EncodePart(part, bytes)];
    }

    public static int EncodePart(ReadOnlySpan<char> part, Span<byte> bytes)
    {
        if (Ascii.FromUtf16(part, bytes, out var written) == OperationStatus.Done)
            return written;
        var length = 0;
        foreach (var unit in part)
        {
            if (unit < 0x80)
            {
                bytes[length++] = (byte)unit;
                continue;
            }

            if (unit < 0x800)
            {
                bytes[length++] = (byte)(0xC0 | (unit >> 6));
            }
            else
            {
                bytes[length++] = (byte)(0xE0 | (unit >> 12));
                bytes[length++] = (byte)(0x80 | ((unit >> 6) & 0x3F));
            }

            bytes[length++] = (byte)(0x80 | (unit & 0x3F));
        }

        return length;
    }

    public static ReadOnlySpan<byte> PartitionKeyOf(ReadOnlySpan<byte> key) => key[..key.IndexOf(Separator)];

    public static ReadOnlySpan<byte> RowKeyOf(ReadOnlySpan<byte> key) => key[(key.IndexOf(Separator) + 1)..];

    public static string DecodePart(ReadOnlySpan<byte> part)
    {
        if (Ascii.IsValid(part))
            return Encoding.ASCII.GetString(part);
        var units = new char[part.Length];
        var count = 0;
        for (var i = 0; i < part.Length;)
        {
            var lead = part[i++];
            units[count++] = lead switch
            {
                < 0x80 => (char)lead,
                < 0xE0 => (char)(((lead & 0x1F) << 6) | (part[i++] & 0x3F)),
                _ => (char)(((lead & 0x0F) << 12) | ((part[i++] & 0x3F) << 6) | (part[i++] & 0x3F)),
            };
        }

        return new string(units, 0, count);
    }

    /// <summary>The part of a key that Bloom filters know: the PartitionKey and the RowKey's first units.</summary>
    public static ReadOnlySpan<byte> FilteredPart(ReadOnlySpan<byte> key)
    {
        var end = key.IndexOf(Separator) + 1;
        for (var units = 0; end < key.Length; end++)
        {
            var startsUnit = (key[end] & 0xC0) != 0x80;
            if (startsUnit && ++units > FilteredRowKeyUnits)
                break;
        }

        return key[..end];
    }
}
