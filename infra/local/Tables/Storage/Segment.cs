using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Serverless.Local.Tables.Storage;

/// <summary>An open segment file: reads its blocks, through the cache unless told otherwise.</summary>
internal sealed class Segment : RefCounted
{
    private readonly SafeFileHandle _handle;
    private readonly BlockCache _cache;
    private readonly string _path;

    private Segment(string path, long number, SafeFileHandle handle, BlockCache cache)
    {
        _path = path;
        _handle = handle;
        _cache = cache;
        Number = number;
        Bytes = RandomAccess.GetLength(handle);
        Summary = ReadSummary();
    }

    public long Number { get; }

    /// <summary>The size of the file.</summary>
    public long Bytes { get; }

    public SegmentSummary Summary { get; }

    /// <exception cref="LocalPlatformException">The file is missing or damaged.</exception>
    public static Segment Open(StoreFiles files, long number, BlockCache cache)
    {
        var path = files.Segment(number);
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.RandomAccess);
            return new Segment(path, number, handle, cache);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LocalPlatformException)
        {
            handle?.Dispose();
            throw e as LocalPlatformException
                ?? new LocalPlatformException($"The table segment '{path}' cannot be opened: {e.Message} Restore it from a copy of the data folder.", e);
        }
    }

    /// <summary>Whether rows from a key (inclusive) to another (exclusive; null for no end) can be in it.</summary>
    public bool Overlaps(ReadOnlySpan<byte> from, byte[]? to) =>
        Summary.LastKey.AsSpan().SequenceCompareTo(from) >= 0 && (to is null || Summary.FirstKey.AsSpan().SequenceCompareTo(to) < 0);

    /// <summary>Whether a key with this filtered part's hash can be in it. Wrongly yes in about 1% of the cases.</summary>
    public bool MayHave(ulong hash)
    {
        var page = BloomFilter.PageOf(hash, Summary.FilterPages);
        return BloomFilter.MayHave(ReadFilterPage(Summary.FilterPage(page)).Content, hash);
    }

    public RowCursor NewCursor() => new SegmentCursor(this, buffers: null);

    /// <summary>A cursor for reading all once: it leaves the cache alone, and reads into memory of its own.</summary>
    public RowCursor NewScan() => new SegmentCursor(this, new BlockBuffers());

    /// <summary>Reads a block of rows through the cache.</summary>
    /// <exception cref="LocalPlatformException">The block is damaged.</exception>
    public Block ReadRows(BlockHandle handle)
    {
        if (_cache.TryGet(Number, handle.Offset, out var block))
            return block;
        block = ReadOne(handle);
        block = block with { Points = SeekPoints.Of(block) };
        _cache.Add(Number, handle.Offset, block);
        return block;
    }

    /// <summary>Reads a block into buffers; it is good until these are used again.</summary>
    /// <exception cref="LocalPlatformException">The block is damaged.</exception>
    public Block Read(BlockHandle handle, BlockBuffers buffers)
    {
        var stored = buffers.Stored(handle.Length);
        var read = RandomAccess.Read(_handle, stored.AsSpan(0, handle.Length), handle.Offset);
        try
        {
            if (read < handle.Length)
                throw new InvalidDataException("the file ends in it");
            return SegmentFormat.Open(stored, handle.Length, buffers);
        }
        catch (InvalidDataException e)
        {
            throw Damaged(handle.Offset, e.Message, e);
        }
    }

    protected override void Free() => _handle.Dispose();

    private Block ReadOne(BlockHandle handle) => BlockBuffers.ReadOne(handle.Length, buffers => Read(handle, buffers));

    private Block ReadFilterPage(BlockHandle handle)
    {
        if (_cache.TryGet(Number, handle.Offset, out var page))
            return page;
        page = ReadOne(handle);
        _cache.Add(Number, handle.Offset, page);
        return page;
    }

    private SegmentSummary ReadSummary()
    {
        Span<byte> footer = stackalloc byte[SegmentFormat.FooterBytes];
        var offset = Bytes - footer.Length;
        if (offset < 0 || RandomAccess.Read(_handle, footer, offset) < footer.Length)
            throw Damaged(Math.Max(offset, 0), "it has no footer");
        var summary = new BlockHandle(BinaryPrimitives.ReadInt64LittleEndian(footer), BinaryPrimitives.ReadInt32LittleEndian(footer[8..]));
        if (BinaryPrimitives.ReadUInt32LittleEndian(footer[12..]) != SegmentFormat.Magic
            || summary.Length < SegmentFormat.TrailerBytes || summary.Offset < 0 || summary.Offset + summary.Length > offset)
        {
            throw Damaged(offset, "its footer is not one");
        }

        return SegmentSummary.Read(Read(summary, new BlockBuffers()).Content);
    }

    private LocalPlatformException Damaged(long offset, string what, Exception? inner = null) =>
        new($"The table segment '{_path}' is damaged at offset {offset}: {what}. Restore it from a copy of the data folder.", inner);
}
