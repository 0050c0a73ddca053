using Serverless.Functions.Storage;

namespace Serverless.Functions.Finalizing;

/// <summary>Up to which receipt everything is finalized, and what is on its way.</summary>
/// <param name="Settled">The last receipt of each partition of the hub <c>spans</c> up to which everything is finalized.</param>
/// <param name="Open">What is on its way, the oldest first.</param>
/// <param name="ETag">The row's state when it was read; null where there is none.</param>
internal sealed record PlanMarks(IReadOnlyDictionary<string, PlanCursor> Settled, IReadOnlyList<PlanMark> Open, string? ETag)
{
    /// <summary>More are not kept: what the planner sends meanwhile settles together.</summary>
    private const int MaxOpen = 50;

    private const byte Version = 1;

    public static PlanMarks None { get; } = new(new Dictionary<string, PlanCursor>(), [], null);

    /// <summary>What is left when some of it is done, and more was sent.</summary>
    public PlanMarks After(IReadOnlyDictionary<string, FinalizeProgress> progress, PlanMark? sent)
    {
        var done = Open.TakeWhile(mark => mark.IsDone(progress)).Count();
        var open = Open.Skip(done).ToList();
        if (sent is not null)
        {
            if (open.Count == MaxOpen)
                open.RemoveAt(MaxOpen - 1);
            open.Add(sent);
        }

        return done == 0 && sent is null ? this : new PlanMarks(done == 0 ? Settled : Open[done - 1].Positions, open, ETag);
    }

    public byte[] ToBytes() => RowContent.Write(Version, writer =>
    {
        Write(writer, Settled);
        writer.WriteList(Open, static (to, mark) =>
        {
            Write(to, mark.Positions);
            to.WriteList([.. mark.Sent], static (into, sent) =>
            {
                into.Write(sent.Key);
                into.WriteNumber(sent.Value);
            });
        });
    });

    /// <exception cref="FormatException">It is something else, or damaged.</exception>
    public static PlanMarks FromRow(StoredRow row) => RowContent.Read(row.Data, Version, "list of what is being finalized", reader =>
        new PlanMarks(ReadPositions(reader), reader.ReadList(ReadMark), row.ETag));

    private static void Write(BinaryWriter writer, IReadOnlyDictionary<string, PlanCursor> positions) =>
        writer.WriteList([.. positions], static (to, position) =>
        {
            to.Write(position.Key);
            to.WriteDay(position.Value.Day);
            to.Write(position.Value.RowKey);
        });

    private static Dictionary<string, PlanCursor> ReadPositions(BinaryReader reader) =>
        reader.ReadList(static from => (Partition: from.ReadString(), Cursor: new PlanCursor(from.ReadDay(), from.ReadString(), null)))
            .ToDictionary(position => position.Partition, position => position.Cursor, StringComparer.Ordinal);

    private static PlanMark ReadMark(BinaryReader reader) => new(
        ReadPositions(reader),
        reader.ReadList(static from => (Partition: from.ReadString(), Sequence: from.ReadNumber()))
            .ToDictionary(sent => sent.Partition, sent => sent.Sequence, StringComparer.Ordinal));
}
