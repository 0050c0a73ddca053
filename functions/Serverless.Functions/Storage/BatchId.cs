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

    /// <summary>As part of a key: partition, first sequence number, and how many follow.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{RowKeys.Partition(Partition)}{FirstSequence:x12}{LastSequence - FirstSequence:x3}");
}
