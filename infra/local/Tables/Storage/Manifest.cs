using System.Buffers.Binary;
using System.Text;

namespace Serverless.Local.Tables.Storage;

/// <summary>
/// What the store consists of, in one small file that is replaced whole: <c>"TMAN" u32, crc-32c u32, content</c>. A log or
/// segment that it does not name is left over from a crash.
/// </summary>
/// <param name="NextNumber">No file or table has this number yet, nor a larger one.</param>
/// <param name="LastVersion">No row of a segment has a larger version.</param>
/// <param name="FirstLog">The first log that holds rows which are in no segment.</param>
/// <param name="Tables">The tables with their segments.</param>
internal sealed record Manifest(long NextNumber, long LastVersion, long FirstLog, IReadOnlyList<Manifest.Table> Tables)
{
    private const uint Magic = 0x4E414D54;
    private const int HeaderBytes = 8;

    public sealed record Table(long Id, string Name, IReadOnlyList<long> Segments);

    public void Save(string path)
    {
        using var writer = new ByteWriter(4096);
        writer.Append(HeaderBytes);
        writer.WriteVarint(NextNumber);
        writer.WriteVarint(LastVersion);
        writer.WriteVarint(FirstLog);
        writer.WriteVarint(Tables.Count);
        foreach (var table in Tables)
        {
            writer.WriteVarint(table.Id);
            writer.WriteBytes(Encoding.UTF8.GetBytes(table.Name));
            writer.WriteVarint(table.Segments.Count);
            foreach (var segment in table.Segments)
                writer.WriteVarint(segment);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(writer.Written, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(writer.Written[4..], Crc32C.Compute(writer.Written[HeaderBytes..]));
        DurableFile.Replace(path, writer.Written);
    }

    /// <summary>Reads the file; an empty store where there is none.</summary>
    /// <exception cref="LocalPlatformException">It is damaged.</exception>
    public static Manifest Load(string path)
    {
        if (!File.Exists(path))
            return new Manifest(1, 0, 0, []);
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < HeaderBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)) != Crc32C.Compute(bytes.AsSpan(HeaderBytes)))
        {
            throw new LocalPlatformException($"The tables' manifest '{path}' is damaged. Restore the data folder from a copy.");
        }

        var reader = new ByteReader(bytes.AsSpan(HeaderBytes));
        var nextNumber = reader.ReadVarint();
        var lastVersion = reader.ReadVarint();
        var firstLog = reader.ReadVarint();
        var tables = new Table[reader.ReadVarint()];
        for (var i = 0; i < tables.Length; i++)
        {
            var id = reader.ReadVarint();
            var name = Encoding.UTF8.GetString(reader.ReadBytes());
            var segments = new long[reader.ReadVarint()];
            for (var j = 0; j < segments.Length; j++)
                segments[j] = reader.ReadVarint();
            tables[i] = new Table(id, name, segments);
        }

        return new Manifest(nextNumber, lastVersion, firstLog, tables);
    }
}
