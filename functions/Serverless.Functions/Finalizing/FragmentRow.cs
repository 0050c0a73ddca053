using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;

namespace Serverless.Functions.Finalizing;

/// <summary>Calls of traces that an item finalized: a row of table <c>fragments</c>, partition of the hub <c>finalize</c>, minute and item.</summary>
/// <param name="Received">Calls that services received, behind which no more is seen of their trace.</param>
/// <param name="Opened">Calls that traces begin with.</param>
public sealed record FragmentRow(IReadOnlyList<PropagationCall> Received, IReadOnlyList<PropagationCall> Opened)
{
    /// <summary>A row has at most so many calls of each sort: with the longest names they fit.</summary>
    public const int MaxCalls = 500;

    private const byte Version = 1;
    private const int LongestName = 200;

    /// <summary>The row.</summary>
    /// <param name="item">The item that writes it.</param>
    /// <param name="part">Its number among the rows of that item.</param>
    /// <param name="now">When: rows are read by the minute in which they were written.</param>
    public StoredRow ToRow(FinalizeItemId item, int part, DateTimeOffset now) => new(RowKeys.Fragment(now, item.Sequence, part), RowContent.Write(Version, writer =>
    {
        writer.WriteList(Received, static (to, call) => to.WriteCall(Cut(call)));
        writer.WriteList(Opened, static (to, call) => to.WriteCall(Cut(call)));
    }));

    /// <summary>Reads a row.</summary>
    /// <exception cref="FormatException">It is something else, or damaged.</exception>
    public static FragmentRow FromRow(StoredRow row) => RowContent.Read(row.Data, Version, $"list of calls (row {row.RowKey})", static reader =>
        new FragmentRow(reader.ReadList(static from => from.ReadCall()), reader.ReadList(static from => from.ReadCall())));

    private static PropagationCall Cut(PropagationCall call) =>
        call with { Service = Cut(call.Service), Instance = Cut(call.Instance), Operation = Cut(call.Operation) };

    private static string Cut(string name)
    {
        if (name.Length <= LongestName)
            return name;
        return char.IsHighSurrogate(name[LongestName - 1]) ? name[..(LongestName - 1)] : name[..LongestName];
    }
}
