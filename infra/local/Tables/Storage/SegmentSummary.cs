namespace Serverless.Local.Tables.Storage;

/// <summary>What is kept in memory of a segment: its bounds, its filter's place, and where its index blocks lie.</summary>
internal sealed class SegmentSummary
{
    public required long Rows { get; init; }

    public required long MinVersion { get; init; }

    public required long MaxVersion { get; init; }

    public required byte[] FirstKey { get; init; }

    public required byte[] LastKey { get; init; }

    public required long FilterOffset { get; init; }

    public required int FilterPages { get; init; }

    /// <summary>Of every index block the last key that it leads to.</summary>
    public required byte[][] IndexKeys { get; init; }

    public required BlockHandle[] IndexBlocks { get; init; }

    public BlockHandle FilterPage(int page)
    {
        const int stride = BloomFilter.PageBytes + SegmentFormat.TrailerBytes;
        return new BlockHandle(FilterOffset + ((long)page * stride), stride);
    }

    public void Write(ByteWriter writer)
    {
        writer.WriteVarint(Rows);
        writer.WriteVarint(MinVersion);
        writer.WriteVarint(MaxVersion);
        writer.WriteBytes(FirstKey);
        writer.WriteBytes(LastKey);
        writer.WriteVarint(FilterOffset);
        writer.WriteVarint(FilterPages);
        writer.WriteVarint(IndexKeys.Length);
        for (var i = 0; i < IndexKeys.Length; i++)
        {
            writer.WriteBytes(IndexKeys[i]);
            IndexBlocks[i].Write(writer);
        }
    }

    public static SegmentSummary Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        var rows = reader.ReadVarint();
        var minVersion = reader.ReadVarint();
        var maxVersion = reader.ReadVarint();
        var firstKey = reader.ReadBytes().ToArray();
        var lastKey = reader.ReadBytes().ToArray();
        var filterOffset = reader.ReadVarint();
        var filterPages = checked((int)reader.ReadVarint());
        var keys = new byte[reader.ReadVarint()][];
        var blocks = new BlockHandle[keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = reader.ReadBytes().ToArray();
            blocks[i] = BlockHandle.Read(ref reader);
        }

        return new SegmentSummary
        {
            Rows = rows,
            MinVersion = minVersion,
            MaxVersion = maxVersion,
            FirstKey = firstKey,
            LastKey = lastKey,
            FilterOffset = filterOffset,
            FilterPages = filterPages,
            IndexKeys = keys,
            IndexBlocks = blocks,
        };
    }
}
