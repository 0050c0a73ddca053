using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.Win32.SafeHandles;

namespace Serverless.Local.Tables.Storage;

/// <summary>Writes a segment (<see cref="SegmentFormat"/>) from rows in key order, one version of each.</summary>
internal sealed class SegmentWriter : IDisposable
{
    private const int BufferBytes = 256 * 1024;

    // Written pieces are synced as they come, so that the last fsync of a large segment does not hold up the log's.
    private const long SyncEveryBytes = 8 * 1024 * 1024;

    // Compressing must save an eighth. After blocks that do not, a growing number is stored plain without trying.
    private const int MaxSkippedBlocks = 128;

    private readonly SafeFileHandle _handle;
    private readonly ByteWriter _buffer = new(BufferBytes + SegmentFormat.BlockBytes);
    private readonly MemoryStream _compressed = new(SegmentFormat.BlockBytes);
    private readonly BlockBuilder _data;
    private readonly BlockBuilder _index = new(0);
    private readonly ByteWriter _handleBytes = new(32);
    private readonly List<byte[]> _indexKeys = [];
    private readonly List<BlockHandle> _indexBlocks = [];
    private readonly byte[] _filter;
    private readonly int _filterPages;
    private readonly long _minVersion;

    private long _flushed;
    private long _synced;
    private long _rows;
    private long _maxVersion;
    private byte[]? _firstKey;
    private byte[] _lastKey = [];
    private ulong _lastHash;
    private int _skip;
    private int _skipNext = 1;

    /// <param name="path">A file that does not exist yet.</param>
    /// <param name="maxRows">No fewer than the rows that will come: sizes the filter.</param>
    /// <param name="minVersion">No version that will come is less.</param>
    public SegmentWriter(string path, long maxRows, long minVersion)
    {
        _minVersion = minVersion;
        _data = new BlockBuilder(minVersion);
        _filterPages = BloomFilter.PagesFor(maxRows);
        _filter = new byte[_filterPages * BloomFilter.PageBytes];
        _handle = DurableFile.CreateNew(path);
    }

    public long Rows => _rows;

    private long Position => _flushed + _buffer.Length;

    public void Add(ReadOnlySpan<byte> key, long version, bool isTombstone, ReadOnlySpan<byte> value)
    {
        if (_data.Length > 0 && _data.Length + key.Length + value.Length > SegmentFormat.BlockBytes)
            EndDataBlock();
        _data.Add(key, version, isTombstone, value);
        _firstKey ??= key.ToArray();
        _maxVersion = Math.Max(_maxVersion, version);
        _rows++;

        var hash = BloomFilter.Hash(KeyCodec.FilteredPart(key));
        if (hash == _lastHash)
            return;
        _lastHash = hash;
        BloomFilter.Add(_filter.AsSpan(BloomFilter.PageOf(hash, _filterPages) * BloomFilter.PageBytes, BloomFilter.PageBytes), hash);
    }

    /// <summary>Completes the file and makes it durable.</summary>
    public void Finish()
    {
        if (!_data.IsEmpty)
            EndDataBlock();
        if (!_index.IsEmpty)
            EndIndexBlock();
        var filterOffset = Position;
        for (var page = 0; page < _filterPages; page++)
            WritePlain(_filter.AsSpan(page * BloomFilter.PageBytes, BloomFilter.PageBytes));

        using var summary = new ByteWriter(4096);
        new SegmentSummary
        {
            Rows = _rows,
            MinVersion = _minVersion,
            MaxVersion = _maxVersion,
            FirstKey = _firstKey ?? [],
            LastKey = _lastKey,
            FilterOffset = filterOffset,
            FilterPages = _filterPages,
            IndexKeys = [.. _indexKeys],
            IndexBlocks = [.. _indexBlocks],
        }.Write(summary);
        var handle = WritePlain(summary.Written);
        _buffer.WriteInt64(handle.Offset);
        _buffer.WriteInt32(handle.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.Append(4), SegmentFormat.Magic);
        FlushBuffer();
        RandomAccess.FlushToDisk(_handle);
    }

    public void Dispose()
    {
        _handle.Dispose();
        _buffer.Dispose();
        _data.Dispose();
        _index.Dispose();
        _handleBytes.Dispose();
    }

    private void EndDataBlock()
    {
        var handle = WriteCompressed(_data.Content);
        _lastKey = _data.LastKey.ToArray();
        _data.Clear();
        _handleBytes.Truncate(0);
        handle.Write(_handleBytes);
        _index.Add(_lastKey, 0, false, _handleBytes.Written);
        if (_index.Length >= SegmentFormat.BlockBytes)
            EndIndexBlock();
    }

    private void EndIndexBlock()
    {
        _indexKeys.Add(_index.LastKey.ToArray());
        _indexBlocks.Add(WriteCompressed(_index.Content));
        _index.Clear();
    }

    private BlockHandle WriteCompressed(ReadOnlySpan<byte> content)
    {
        if (_skip > 0)
        {
            _skip--;
            return WritePlain(content);
        }

        _compressed.SetLength(0);
        using (var deflate = new DeflateStream(_compressed, CompressionLevel.Fastest, leaveOpen: true))
            deflate.Write(content);
        if (_compressed.Length + 4 > content.Length - (content.Length / 8))
        {
            _skip = _skipNext;
            _skipNext = Math.Min(_skipNext * 2, MaxSkippedBlocks);
            return WritePlain(content);
        }

        _skipNext = 1;
        var start = _buffer.Length;
        _buffer.WriteInt32(content.Length);
        _buffer.Write(_compressed.GetBuffer().AsSpan(0, (int)_compressed.Length));
        return EndBlock(start, SegmentFormat.Deflated);
    }

    private BlockHandle WritePlain(ReadOnlySpan<byte> content)
    {
        var start = _buffer.Length;
        _buffer.Write(content);
        return EndBlock(start, SegmentFormat.Plain);
    }

    // Completes the block that starts at a place in the buffer.
    private BlockHandle EndBlock(int start, byte storage)
    {
        _buffer.WriteByte(storage);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.Append(4), Crc32C.Compute(_buffer.Written[start..^4]));
        var handle = new BlockHandle(_flushed + start, _buffer.Length - start);
        if (_buffer.Length >= BufferBytes)
            FlushBuffer();
        return handle;
    }

    private void FlushBuffer()
    {
        RandomAccess.Write(_handle, _buffer.Written, _flushed);
        _flushed += _buffer.Length;
        _buffer.Truncate(0);
        if (_flushed - _synced < SyncEveryBytes)
            return;
        RandomAccess.FlushToDisk(_handle);
        _synced = _flushed;
    }
}
