using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Finalizing;

/// <summary>
/// Traces of which the same is said: a row of table <c>verdicts</c>, partition of the hub <c>finalize</c>. It leads to candidates: what is said of a trace may
/// have changed since, and a trace may be in several rows.
/// </summary>
/// <param name="Verdict">What is said.</param>
/// <param name="Traces">The traces with their starts in nanoseconds since 1970, the newest first, all within <see cref="MaxSpanOfStartsNs"/>.</param>
public sealed record VerdictRow(VerdictKind Verdict, IReadOnlyList<(TraceId Id, ulong StartNs)> Traces)
{
    /// <summary>How far apart the starts of a row's traces are at most: what a search for a time range has to look ahead.</summary>
    public const ulong MaxSpanOfStartsNs = 3_600_000_000_000;

    /// <summary>A row has at most so many traces.</summary>
    public const int MaxTraces = 20_000;

    private const byte Version = 1;
    private const byte Ongoing = 0x80;

    /// <summary>
    /// The times are not starts: a trace that goes on for more than <see cref="MaxSpanOfStartsNs"/> is listed here as often as that, so that it is found
    /// by any time at which it has spans; one that lasts for days is listed at time 0, for all times.
    /// </summary>
    public bool IsOngoing { get; init; }

    /// <summary>What the keys of such lists begin with.</summary>
    public static byte KeyOf(VerdictKind verdict, bool isOngoing) => (byte)((byte)verdict | (isOngoing ? Ongoing : 0));

    /// <summary>The row.</summary>
    /// <param name="item">The item that writes it.</param>
    /// <param name="part">Its number among the rows of that item.</param>
    public StoredRow ToRow(FinalizeItemId item, int part) => new(
        RowKeys.Verdict(KeyOf(Verdict, IsOngoing), Traces[0].StartNs, item.Sequence, part),
        RowContent.Write(Version, writer =>
        {
            writer.Write((byte)Verdict);
            writer.WriteList(Traces, static (to, trace) =>
            {
                to.WriteTraceId(trace.Id);
                to.Write(trace.StartNs);
            });
        }));

    /// <summary>Reads a row.</summary>
    /// <exception cref="FormatException">It is something else, or damaged.</exception>
    public static VerdictRow FromRow(StoredRow row) => RowContent.Read(row.Data, Version, $"list of traces by verdict (row {row.RowKey})", static reader =>
        new VerdictRow((VerdictKind)reader.ReadByte(), reader.ReadList(static from => (from.ReadTraceId(), from.ReadUInt64()))));
}
