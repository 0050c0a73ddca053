using System.Buffers.Binary;
using System.Globalization;

namespace Serverless.Functions.Storage;

/// <summary>
/// A run of events of one partition of the hub that was written together. It is part of every row's key: a replay of the same
/// run writes the same rows again, and a replay that is cut differently writes others and never replaces more by less.
/// </summary>
/// <param name="Partition">The partition of the hub.</param>
/// <param name="FirstSequence">The first event's sequence number.</param>
/// <param name="LastSequence">The last event's.</param>
public readonly record struct BatchId(string Partition, long FirstSequence, long LastSequence)
{
    // Beyond every sequence number: at a million events a second a partition gets there after four years.
    private const long FirstMerged = 1L << 47;

    private const int SequenceDigits = 12;
    private const int CountDigits = 3;

    // Event hubs have at most 32 partitions, or 1,024 on dedicated clusters.
    private static readonly string[] Numbers = [.. Enumerable.Range(0, 64).Select(number => number.ToString(CultureInfo.InvariantCulture))];

    /// <summary>It stands for rows that were merged of others.</summary>
    public bool IsMerged => FirstSequence >= FirstMerged;

    /// <summary>
    /// What stands for a batch in the keys of rows that were merged of others: 59 bits of a hash of those others, in a range
    /// that sequence numbers do not reach. The same rows merge to the same keys.
    /// </summary>
    /// <param name="partition">The partition of the hub.</param>
    /// <param name="hash">At least 8 bytes of hash.</param>
    public static BatchId Merged(string partition, ReadOnlySpan<byte> hash)
    {
        var bits = BinaryPrimitives.ReadUInt64BigEndian(hash);
        var first = FirstMerged | (long)(bits >> 17);
        return new BatchId(partition, first, first + (long)(bits & 0xFFF));
    }

    /// <summary>The batch that a part of a key tells.</summary>
    /// <exception cref="FormatException">It tells none.</exception>
    public static BatchId Parse(ReadOnlySpan<char> key)
    {
        var partition = key.Length - SequenceDigits - CountDigits;
        if (partition > 0
            && long.TryParse(key.Slice(partition, SequenceDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var first)
            && int.TryParse(key[(partition + SequenceDigits)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var more))
            return new BatchId(PartitionOf(key[..partition]), first, first + more);
        throw new FormatException($"'{key}' is no batch of events.");
    }

    private static string PartitionOf(ReadOnlySpan<char> padded)
    {
        if (!int.TryParse(padded, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return padded.ToString();
        return number < Numbers.Length ? Numbers[number] : number.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>As part of a key: partition, first sequence number, and how many follow.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{RowKeys.Partition(Partition)}{FirstSequence:x12}{LastSequence - FirstSequence:x3}");
}
