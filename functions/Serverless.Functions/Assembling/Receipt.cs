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
public sealed record Receipt(
    BatchId Batch, int Spans, int Quarantined, DateTimeOffset AssembledAt, IReadOnlyList<ulong> Traces)
{
    private const byte Version = 1;
    private const int HeaderBytes = 1 + 8 + 8 + 4 + 4 + 8;

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
        for (var i = 0; i < Traces.Count; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(HeaderBytes + (i * 8)), Traces[i]);
        return new StoredRow(Batch.ToString(), data);
    }

    /// <summary>Reads a row.</summary>
    /// <exception cref="FormatException">It is no receipt.</exception>
    public static Receipt FromRow(string partition, StoredRow row)
    {
        ReadOnlySpan<byte> data = row.Data;
        if (data.Length < HeaderBytes || data[0] != Version || (data.Length - HeaderBytes) % 8 != 0)
            throw new FormatException($"Row {row.RowKey} is no receipt of version {Version}.");
        var traces = new ulong[(data.Length - HeaderBytes) / 8];
        for (var i = 0; i < traces.Length; i++)
            traces[i] = BinaryPrimitives.ReadUInt64LittleEndian(data[(HeaderBytes + (i * 8))..]);
        return new Receipt(
            new BatchId(partition, BinaryPrimitives.ReadInt64LittleEndian(data[1..]), BinaryPrimitives.ReadInt64LittleEndian(data[9..])),
            BinaryPrimitives.ReadInt32LittleEndian(data[17..]), BinaryPrimitives.ReadInt32LittleEndian(data[21..]),
            DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(data[25..])), traces);
    }
}
