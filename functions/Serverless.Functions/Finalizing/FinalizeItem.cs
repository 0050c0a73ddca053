using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;

namespace Serverless.Functions.Finalizing;

/// <summary>The body of an event of the hub <c>finalize</c>: traces of one of its partitions that are to be finalized.</summary>
/// <param name="Day">The day on which the newest of their spans were assembled: the finalizer writes to the tables of that day.</param>
/// <param name="Traces">The low 64 bits of their ids, by shard.</param>
/// <param name="Breaks">Breaks of propagation that were found between those traces and others.</param>
public sealed record FinalizeItem(DateOnly Day, IReadOnlyList<ulong> Traces, IReadOnlyList<PropagationBreak> Breaks)
{
    private const byte Version = 1;

    /// <summary>The event's body: version, day, the ids, the breaks (<see cref="RowContent"/>).</summary>
    public byte[] ToBytes() => RowContent.Write(Version, writer =>
    {
        writer.WriteDay(Day);
        writer.WriteList(Traces, static (to, low) => to.Write(low));
        writer.WriteList(Breaks, static (to, found) => to.WriteBreak(found));
    });

    /// <summary>Reads an event's body.</summary>
    /// <exception cref="FormatException">It is none of this hub, or damaged.</exception>
    public static FinalizeItem FromBytes(ReadOnlyMemory<byte> body) => RowContent.Read(body, Version, "list of traces to finalize", static reader =>
        new FinalizeItem(reader.ReadDay(), reader.ReadList(static from => from.ReadUInt64()), reader.ReadList(static from => from.ReadBreak())));
}
