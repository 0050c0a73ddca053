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
    /// <summary>As part of a key: partition, first sequence number, and how many follow.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{RowKeys.Partition(Partition)}{FirstSequence:x12}{LastSequence - FirstSequence:x3}");
}
