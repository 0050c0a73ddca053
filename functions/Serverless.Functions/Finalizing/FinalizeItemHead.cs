using Serverless.Functions.Storage;

namespace Serverless.Functions.Finalizing;

/// <summary>
/// What an item of the finalizer says of itself, beside the aggregates that it wrote, in the same transaction. Its rows count as final once the
/// partition's <see cref="FinalizeProgress"/> has reached the item: until then a repetition may replace them.
/// </summary>
/// <param name="Attempt">Which attempt at the item wrote it.</param>
/// <param name="Keys">The keys of the rows of aggregates that the item wrote.</param>
/// <param name="Batches">For each batch of the assembler, how many reports of it were finalized for the first time.</param>
public sealed record FinalizeItemHead(Guid Attempt, IReadOnlyList<string> Keys, IReadOnlyList<BatchCount> Batches)
{
    private const byte Version = 1;

    /// <summary>The row.</summary>
    public StoredRow ToRow(long sequence) => new(RowKeys.ItemHead(sequence), RowContent.Write(Version, writer =>
    {
        writer.Write(Attempt.ToByteArray());
        writer.WriteList(Keys, static (to, key) => to.Write(key));
        writer.WriteList(Batches, static (to, count) =>
        {
            to.Write(count.Batch.Partition);
            to.WriteNumber(count.Batch.FirstSequence);
            to.WriteNumber(count.Batch.LastSequence - count.Batch.FirstSequence);
            to.WriteNumber(count.Reports);
        });
    }));

    /// <summary>Reads a row.</summary>
    /// <exception cref="FormatException">It is something else, or damaged.</exception>
    public static FinalizeItemHead FromRow(StoredRow row) => RowContent.Read(row.Data, Version, $"head of an item (row {row.RowKey})", static reader =>
        new FinalizeItemHead(new Guid(reader.ReadBytes(16)), reader.ReadList(static from => from.ReadString()), reader.ReadList(ReadCount)));

    private static BatchCount ReadCount(BinaryReader reader)
    {
        var partition = reader.ReadString();
        var first = reader.ReadNumber();
        return new BatchCount(new BatchId(partition, first, first + reader.ReadNumber()), reader.ReadNumber());
    }
}
