using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;

namespace Serverless.Functions.Finalizing;

/// <summary>
/// What the finalizer found out about a trace, in the trace's own key range of table <c>spans</c>: read with its rows at no cost. There is one for all
/// traces whose ids have the same low 64 bits, with an entry for each full id.
/// </summary>
public sealed record SummaryRow
{
    /// <summary>A trace of more batches is not finalized again: the list would not fit its row.</summary>
    public const int MaxBatches = 30_000;

    /// <summary>A trace keeps so many breaks, the first that were found.</summary>
    public const int MaxBreaks = 50;

    private const byte FormatVersion = 1;

    /// <summary>Grows each time that the trace is finalized anew, and does not when the same work is only repeated; not always by one.</summary>
    public required int Version { get; init; }

    /// <summary>The item of work that wrote it.</summary>
    public required FinalizeItemId Item { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset FinalizedAt { get; init; }

    /// <summary>The batches that the version before took into account.</summary>
    public required IReadOnlyList<IncludedBatch> Before { get; init; }

    /// <summary>The batches that this version took into account besides those.</summary>
    public required IReadOnlyList<IncludedBatch> Added { get; init; }

    /// <summary>The trace has more spans than are finalized.</summary>
    public bool IsCut { get; init; }

    /// <summary>The breaks of propagation that were found with the trace on one of the sides.</summary>
    public IReadOnlyList<PropagationBreak> Breaks { get; init; } = [];

    /// <summary>The traces, one for each full id; one for all where ids are not strict.</summary>
    public required IReadOnlyList<TraceSummary> Traces { get; init; }

    /// <summary>The row's state when it was read; null where it was not.</summary>
    public string? ETag { get; init; }

    /// <summary>The day of the table that it was read from.</summary>
    public DateOnly Day { get; init; }

    /// <summary>All batches that are taken into account.</summary>
    public IEnumerable<IncludedBatch> Included => Before.Concat(Added);

    /// <summary>The row.</summary>
    /// <param name="traceLow">The low 64 bits of the trace's id.</param>
    public StoredRow ToRow(ulong traceLow) => new(RowKeys.Summary(traceLow), RowContent.Write(FormatVersion, writer =>
    {
        writer.WriteNumber(Version);
        writer.Write(Item.Partition);
        writer.WriteNumber(Item.Sequence);
        writer.WriteNumber(FinalizedAt.ToUnixTimeMilliseconds());
        writer.Write(IsCut);
        writer.WriteList(Before, WriteBatch);
        writer.WriteList(Added, WriteBatch);
        writer.WriteList(Breaks, static (to, found) => to.WriteBreak(found));
        writer.WriteList(Traces, WriteTrace);
    }));

    /// <summary>Reads a row.</summary>
    /// <exception cref="FormatException">It is no summary, or damaged.</exception>
    public static SummaryRow FromRow(StoredRow row, DateOnly day) => RowContent.Read(row.Data, FormatVersion, $"summary of a trace (row {row.RowKey})", reader =>
        new SummaryRow
        {
            Version = checked((int)reader.ReadNumber()),
            Item = new FinalizeItemId(reader.ReadString(), reader.ReadNumber()),
            FinalizedAt = DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadNumber()),
            IsCut = reader.ReadBoolean(),
            Before = reader.ReadList(ReadBatch),
            Added = reader.ReadList(ReadBatch),
            Breaks = reader.ReadList(static from => from.ReadBreak()),
            Traces = reader.ReadList(ReadTrace),
            ETag = row.ETag,
            Day = day,
        });

    private static void WriteBatch(BinaryWriter writer, IncludedBatch included)
    {
        writer.WriteDay(included.Day);
        writer.Write(included.Batch.Partition);
        writer.WriteNumber(included.Batch.FirstSequence);
        writer.WriteNumber(included.Batch.LastSequence - included.Batch.FirstSequence);
    }

    private static IncludedBatch ReadBatch(BinaryReader reader)
    {
        var day = reader.ReadDay();
        var partition = reader.ReadString();
        var first = reader.ReadNumber();
        return new IncludedBatch(day, new BatchId(partition, first, first + reader.ReadNumber()));
    }

    private static void WriteTrace(BinaryWriter writer, TraceSummary trace)
    {
        writer.WriteTraceId(trace.TraceId);
        writer.Write(trace.RootService);
        writer.Write(trace.RootOperation);
        writer.Write(trace.StartNs);
        writer.WriteNumber(trace.DurationNs);
        writer.WriteNumber(trace.SpanCount);
        writer.WriteNumber(trace.ErrorCount);
        writer.WriteNumber(trace.OrphanCount);
        writer.WriteList(trace.Services, static (to, service) =>
        {
            to.Write(service.Name);
            to.WriteNumber(service.Spans);
            to.WriteNumber(service.Errors);
        });
        writer.WriteList(trace.Verdicts, static (to, verdict) => to.Write((byte)verdict));
    }

    private static TraceSummary ReadTrace(BinaryReader reader)
    {
        var id = reader.ReadTraceId();
        var (service, operation) = (reader.ReadString(), reader.ReadString());
        var start = reader.ReadUInt64();
        return new TraceSummary
        {
            TraceId = id,
            RootService = service,
            RootOperation = operation,
            StartNs = start,
            EndNs = start + (ulong)reader.ReadNumber(),
            SpanCount = checked((int)reader.ReadNumber()),
            ErrorCount = checked((int)reader.ReadNumber()),
            OrphanCount = checked((int)reader.ReadNumber()),
            Services = reader.ReadList(static from => new ServiceCount(from.ReadString(), checked((int)from.ReadNumber()), checked((int)from.ReadNumber()))),
            Verdicts = reader.ReadList(static from => (VerdictKind)from.ReadByte()),
        };
    }
}
