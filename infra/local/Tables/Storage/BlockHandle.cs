namespace Serverless.Local.Tables.Storage;

/// <summary>Where a block lies in its segment.</summary>
/// <param name="Offset">Of its first byte in the file.</param>
/// <param name="Length">In bytes, as stored, with its trailer.</param>
internal readonly record struct BlockHandle(long Offset, int Length)
{
    public void Write(ByteWriter writer)
    {
        writer.WriteVarint(Offset);
        writer.WriteVarint(Length);
    }

    public static BlockHandle Read(ref ByteReader reader) => new(reader.ReadVarint(), checked((int)reader.ReadVarint()));
}
