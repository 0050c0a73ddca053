using Serverless.Tracing.Assembly;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Storage;

/// <summary>
/// What rows that are no frames have in common: a version byte, then numbers as LEB128 (<see cref="BinaryWriter.Write7BitEncodedInt64"/>), texts as
/// <see cref="BinaryWriter.Write(string)"/> has them, and the model's own types made of those.
/// </summary>
internal static class RowContent
{
    private const int FirstBytes = 256;
    private const int MostKeptBytes = 64 * 1024;

    [ThreadStatic]
    private static BinaryWriter? _writer;

    /// <summary>Writes the content of a row.</summary>
    public static byte[] Write(byte version, Action<BinaryWriter> write)
    {
        // Thousands of small rows are written at a time.
        var writer = _writer ?? new BinaryWriter(new MemoryStream(FirstBytes));
        _writer = null;
        var bytes = (MemoryStream)writer.BaseStream;
        bytes.SetLength(0);
        writer.Write(version);
        write(writer);
        writer.Flush();
        var content = bytes.ToArray();
        if (bytes.Capacity <= MostKeptBytes)
            _writer = writer;
        return content;
    }

    /// <summary>Reads the content of a row.</summary>
    /// <param name="data">The content.</param>
    /// <param name="version">The version that is understood.</param>
    /// <param name="what">What the content is, for the message.</param>
    /// <param name="read">Reads what is behind the version.</param>
    /// <exception cref="FormatException">It is something else, or damaged.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> data, byte version, string what, Func<BinaryReader, T> read)
    {
        if (data.Length == 0 || data.Span[0] != version)
            throw new FormatException($"That is no {what} of version {version}.");
        try
        {
            using var reader = new BinaryReader(new MemoryStream(data.ToArray(), 1, data.Length - 1, writable: false));
            return read(reader);
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException or OverflowException)
        {
            throw new FormatException($"A {what} is damaged: {e.Message}", e);
        }
    }

    public static void WriteNumber(this BinaryWriter writer, long value) => writer.Write7BitEncodedInt64(value);

    public static long ReadNumber(this BinaryReader reader) => reader.Read7BitEncodedInt64();

    /// <summary>How many items follow, each of at least a byte.</summary>
    public static int ReadCount(this BinaryReader reader)
    {
        var count = reader.Read7BitEncodedInt64();
        var left = reader.BaseStream.Length - reader.BaseStream.Position;
        return count >= 0 && count <= left ? (int)count : throw new FormatException($"{count} items in {left} bytes.");
    }

    public static void WriteList<T>(this BinaryWriter writer, IReadOnlyList<T> items, Action<BinaryWriter, T> write)
    {
        writer.WriteNumber(items.Count);
        foreach (var item in items)
            write(writer, item);
    }

    public static T[] ReadList<T>(this BinaryReader reader, Func<BinaryReader, T> read)
    {
        var count = reader.ReadCount();
        if (count == 0)
            return [];
        var items = new T[count];
        for (var i = 0; i < count; i++)
            items[i] = read(reader);
        return items;
    }

    public static void WriteDay(this BinaryWriter writer, DateOnly day) => writer.WriteNumber(day.DayNumber);

    public static DateOnly ReadDay(this BinaryReader reader) => DateOnly.FromDayNumber(checked((int)reader.ReadNumber()));

    public static void WriteTraceId(this BinaryWriter writer, TraceId id)
    {
        writer.Write(id.High);
        writer.Write(id.Low);
    }

    public static TraceId ReadTraceId(this BinaryReader reader) => new(reader.ReadUInt64(), reader.ReadUInt64());

    /// <summary>Counts as a section of their own, behind its length.</summary>
    public static void WriteCounts(this BinaryWriter writer, LedgerCounts counts, LedgerSectionWriter? sections = null)
    {
        var section = (sections ?? new LedgerSectionWriter()).Write(new LedgerSection(counts));
        writer.WriteNumber(section.Length);
        writer.Write(section);
    }

    /// <summary>Adds counts that were written so to others.</summary>
    public static void ReadCounts(this BinaryReader reader, LedgerCounts counts)
    {
        var length = reader.ReadCount();
        counts.Add(LedgerSectionReader.Read(reader.ReadBytes(length)).Counts);
    }

    public static void WriteBreak(this BinaryWriter writer, PropagationBreak found)
    {
        writer.Write(found.Service);
        writer.WriteCall(found.Received);
        writer.WriteCall(found.Opened);
    }

    public static PropagationBreak ReadBreak(this BinaryReader reader) => new(reader.ReadString(), reader.ReadCall(), reader.ReadCall());

    public static void WriteCall(this BinaryWriter writer, PropagationCall call)
    {
        writer.WriteTraceId(call.TraceId);
        writer.Write(call.SpanId.Value);
        writer.Write(call.Service);
        writer.Write(call.Instance);
        writer.Write(call.Operation);
        writer.Write(call.StartNs);
        writer.WriteNumber((long)(call.EndNs - call.StartNs));
    }

    public static PropagationCall ReadCall(this BinaryReader reader)
    {
        var trace = reader.ReadTraceId();
        var span = new SpanId(reader.ReadUInt64());
        var (service, instance, operation) = (reader.ReadString(), reader.ReadString(), reader.ReadString());
        var start = reader.ReadUInt64();
        return new PropagationCall(trace, span, service, instance, operation, start, start + (ulong)reader.ReadNumber());
    }
}
