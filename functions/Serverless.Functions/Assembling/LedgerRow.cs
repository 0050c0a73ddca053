using System.Buffers.Binary;
using System.IO.Compression;
using Serverless.Functions.Storage;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Assembling;

/// <summary>What the ledger is told of a batch: a row beside its receipt, written in the same transaction.</summary>
/// <remarks>
/// <code>
/// row   = version:byte minute:8 assembledAt:8 first:8 n:4 length:4 payload     little-endian; times in milliseconds since 1970
/// payload (DEFLATE) = event*n section*n
/// event = sequence:8 enqueuedAt:8 flags:byte spans:4 found:4 bytes:4 id:8 attempt:byte section:4
/// </code>
/// </remarks>
/// <param name="Batch">The events.</param>
/// <param name="Minute">The minute in which the hub took them.</param>
/// <param name="AssembledAt">When they were written.</param>
/// <param name="Events">The events.</param>
/// <param name="Sections">What each of them tells the ledger.</param>
public sealed record LedgerRow(
    BatchId Batch, DateTimeOffset Minute, DateTimeOffset AssembledAt, IReadOnlyList<LedgerEvent> Events, IReadOnlyList<LedgerSection> Sections)
{
    private const byte Version = 1;
    private const int HeaderBytes = 1 + 8 + 8 + 8 + 4 + 4;
    private const int EventBytes = 8 + 8 + 1 + 4 + 4 + 4 + 8 + 1 + 4;
    private const int MostPayloadBytes = 8 << 20;

    /// <summary>Makes the row.</summary>
    /// <param name="batch">The events.</param>
    /// <param name="minute">Their minute.</param>
    /// <param name="assembledAt">When they are written.</param>
    /// <param name="events">The events.</param>
    /// <param name="sections">Their sections, one after the other.</param>
    public static StoredRow ToRow(
        BatchId batch, DateTimeOffset minute, DateTimeOffset assembledAt, IReadOnlyList<LedgerEvent> events, ReadOnlySpan<byte> sections)
    {
        var payload = new byte[events.Count * EventBytes];
        for (var i = 0; i < events.Count; i++)
            Write(payload.AsSpan(i * EventBytes), events[i]);
        var row = new MemoryStream(HeaderBytes + payload.Length);
        row.SetLength(HeaderBytes);
        row.Position = HeaderBytes;
        using (var deflate = new DeflateStream(row, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(payload);
            deflate.Write(sections);
        }

        var data = row.ToArray();
        data[0] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(1), minute.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(9), assembledAt.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(17), batch.FirstSequence);
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(25), events.Count);
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(29), payload.Length + sections.Length);
        return new StoredRow(RowKeys.LedgerOf(batch), data);
    }

    /// <summary>Reads a row.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static LedgerRow FromRow(string partition, StoredRow row)
    {
        ReadOnlySpan<byte> data = row.Data;
        if (data.Length < HeaderBytes || data[0] != Version)
            throw Damaged(row, null);
        var count = BinaryPrimitives.ReadInt32LittleEndian(data[25..]);
        var length = BinaryPrimitives.ReadInt32LittleEndian(data[29..]);
        if (count <= 0 || length is < 0 or > MostPayloadBytes || (long)count * EventBytes > length)
            throw Damaged(row, null);
        try
        {
            var payload = new byte[length];
            using (var inflate = new DeflateStream(new MemoryStream(row.Data, HeaderBytes, row.Data.Length - HeaderBytes), CompressionMode.Decompress))
                inflate.ReadExactly(payload);
            var events = new LedgerEvent[count];
            var sections = new LedgerSection[count];
            var at = count * EventBytes;
            for (var i = 0; i < count; i++)
            {
                events[i] = Read(payload.AsSpan(i * EventBytes));
                sections[i] = LedgerSectionReader.Read(payload.AsSpan(at, events[i].SectionBytes));
                at += events[i].SectionBytes;
            }

            return new LedgerRow(
                new BatchId(partition, events[0].Sequence, events[^1].Sequence), Time(data[1..]), Time(data[9..]), events, sections);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or ArgumentOutOfRangeException or FrameFormatException)
        {
            throw Damaged(row, e);
        }
    }

    private static DateTimeOffset Time(ReadOnlySpan<byte> ms) => DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(ms));

    private static void Write(Span<byte> to, in LedgerEvent e)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to, e.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], e.EnqueuedAt.ToUnixTimeMilliseconds());
        to[16] = (byte)(e.IsQuarantined ? 1 : 0);
        BinaryPrimitives.WriteInt32LittleEndian(to[17..], e.Spans);
        BinaryPrimitives.WriteInt32LittleEndian(to[21..], e.Found);
        BinaryPrimitives.WriteInt32LittleEndian(to[25..], e.Bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(to[29..], e.Id);
        to[37] = (byte)e.Attempt;
        BinaryPrimitives.WriteInt32LittleEndian(to[38..], e.SectionBytes);
    }

    private static LedgerEvent Read(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadInt64LittleEndian(from), Time(from[8..]), from[16] == 1,
        BinaryPrimitives.ReadInt32LittleEndian(from[17..]), BinaryPrimitives.ReadInt32LittleEndian(from[21..]),
        BinaryPrimitives.ReadInt32LittleEndian(from[25..]), BinaryPrimitives.ReadUInt64LittleEndian(from[29..]), from[37],
        BinaryPrimitives.ReadInt32LittleEndian(from[38..]));

    private static FormatException Damaged(StoredRow row, Exception? inner) =>
        new($"Row {row.RowKey} is no ledger row of version {Version}.", inner);
}
