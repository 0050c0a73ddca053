using System.Buffers.Binary;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Assembling;

/// <summary>
/// The proof that a run of events was assembled: table <c>receipts</c>, partition of the hub, batch. A hole
/// between receipts is a dropped event, an overlap a replay.
/// </summary>
/// <param name="Batch">The events.</param>
/// <param name="Spans">How many spans the events brought.</param>
/// <param name="Quarantined">How many of the events could not be decoded.</param>
/// <param name="AssembledAt">When.</param>
/// <param name="Traces">The low 64 bits of the ids of the traces they touched.</param>
/// <param name="Minute">The minute in which the hub took all of the events; of older receipts that of <paramref name="AssembledAt"/>.</param>
public sealed record Receipt(
    BatchId Batch, int Spans, int Quarantined, DateTimeOffset AssembledAt, IReadOnlyList<ulong> Traces, DateTimeOffset Minute)
{
    private const byte Version = 2;
    private const byte FirstVersion = 1;
    private const int FirstHeaderBytes = 1 + 8 + 8 + 4 + 4 + 8;
    private const int HeaderBytes = FirstHeaderBytes + 8;

    /// <summary>The beginning of a time's minute.</summary>
    public static DateTimeOffset MinuteOf(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);

    /// <summary>The row: version, numbers, then 8 bytes for each trace, all little-endian.</summary>
    public StoredRow ToRow()
    {
        var data = new byte[HeaderBytes + (Traces.Count * 8)];
        data[0] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(1), Batch.FirstSequence);
        BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(9), Batch.LastSequence);
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(17), Spans);
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(21), Quarantined);
        BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(25), AssembledAt.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(33), Minute.ToUnixTimeMilliseconds());
        for (var i = 0; i < Traces.Count; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(HeaderBytes + (i * 8)), Traces[i]);
        return new StoredRow(Batch.ToString(), data);
    }

    /// <summary>Reads a row.</summary>
    /// <exception cref="FormatException">It is no receipt.</exception>
    public static Receipt FromRow(string partition, StoredRow row)
    {
        ReadOnlySpan<byte> data = row.Data;
        var header = data.Length > 0 && data[0] == FirstVersion ? FirstHeaderBytes : HeaderBytes;
        if (data.Length < header || data[0] is not (FirstVersion or Version) || (data.Length - header) % 8 != 0)
            throw new FormatException($"Row {row.RowKey} is no receipt of version {FirstVersion} or {Version}.");
        var traces = new ulong[(data.Length - header) / 8];
        for (var i = 0; i < traces.Length; i++)
            traces[i] = BinaryPrimitives.ReadUInt64LittleEndian(data[(header + (i * 8))..]);
        var assembledAt = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(data[25..]));
        var minute = header == FirstHeaderBytes
            ? MinuteOf(assembledAt)
            : DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(data[FirstHeaderBytes..]));
        return new Receipt(
            new BatchId(partition, BinaryPrimitives.ReadInt64LittleEndian(data[1..]), BinaryPrimitives.ReadInt64LittleEndian(data[9..])),
            BinaryPrimitives.ReadInt32LittleEndian(data[17..]), BinaryPrimitives.ReadInt32LittleEndian(data[21..]),
            assembledAt, traces, minute);
    }
}
