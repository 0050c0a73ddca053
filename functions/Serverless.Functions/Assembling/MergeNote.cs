using System.Buffers.Binary;
using System.Text;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Assembling;

/// <summary>
/// What was merged: written in one transaction with the rows that came of it, beside them, and deleted after the rows that it names
/// are. While it is there, those are not merged again.
/// </summary>
/// <param name="WrittenAt">When.</param>
/// <param name="Sources">The keys of the rows that were merged, all of which begin with the same prefix.</param>
internal sealed record MergeNote(DateTimeOffset WrittenAt, IReadOnlyList<string> Sources)
{
    /// <summary>How many rows one note names at most: their keys take 38 bytes each.</summary>
    public const int MaxSources = 10_000;

    private const byte Version = 1;
    private const int HeaderBytes = 1 + 8;
    private const char Separator = '\n';

    /// <summary>The row: version, time in milliseconds (little-endian), the sources' keys without their prefix, a line each.</summary>
    public StoredRow ToRow(string rowKey, string prefix)
    {
        var keys = string.Join(Separator, Sources.Select(key => key[prefix.Length..]));
        var data = new byte[HeaderBytes + Encoding.UTF8.GetByteCount(keys)];
        data[0] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(1), WrittenAt.ToUnixTimeMilliseconds());
        Encoding.UTF8.GetBytes(keys, data.AsSpan(HeaderBytes));
        return new StoredRow(rowKey, data);
    }

    /// <summary>Reads a row.</summary>
    /// <exception cref="FormatException">It is no such note.</exception>
    public static MergeNote FromRow(StoredRow row, string prefix)
    {
        ReadOnlySpan<byte> data = row.Data;
        if (data.Length <= HeaderBytes || data[0] != Version)
            throw new FormatException($"Row {row.RowKey} is no note of version {Version} on a merge.");
        var keys = Encoding.UTF8.GetString(data[HeaderBytes..]).Split(Separator);
        return new MergeNote(
            DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(data[1..])),
            [.. keys.Select(key => prefix + key)]);
    }
}
