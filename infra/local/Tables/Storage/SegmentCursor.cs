namespace Serverless.Local.Tables.Storage;

/// <summary>A position in a segment: in an index block, and in the data block that its entry leads to.</summary>
/// <param name="segment">The segment.</param>
/// <param name="buffers">Where data blocks are read to; null to read through the cache.</param>
internal sealed class SegmentCursor(Segment segment, BlockBuffers? buffers) : RowCursor
{
    private readonly SegmentSummary _summary = segment.Summary;
    private readonly BlockCursor _index = new(0);
    private readonly BlockCursor _data = new(segment.Summary.MinVersion);
    private readonly BlockBuffers? _indexBuffers = buffers is null ? null : new BlockBuffers();
    private int _indexBlock;

    public override bool IsValid => _data.IsValid;

    public override ReadOnlySpan<byte> Key => _data.Key;

    public override long Version => _data.Version;

    public override bool IsTombstone => _data.IsTombstone;

    public override ReadOnlySpan<byte> Value => _data.Value;

    public override void Seek(ReadOnlySpan<byte> key)
    {
        _indexBlock = FirstIndexBlock(key);
        if (_indexBlock < _summary.IndexBlocks.Length)
        {
            _index.Open(Read(_summary.IndexBlocks[_indexBlock], _indexBuffers));
            _index.Seek(key);
            OpenDataBlock();
            _data.Seek(key);
        }
        else
        {
            _data.Open(default(Block) with { Bytes = [] });
        }
    }

    public override void MoveNext()
    {
        _data.MoveNext();
        if (_data.IsValid)
            return;
        _index.MoveNext();
        if (!_index.IsValid)
        {
            if (++_indexBlock >= _summary.IndexBlocks.Length)
                return;
            _index.Open(Read(_summary.IndexBlocks[_indexBlock], _indexBuffers));
            _index.MoveNext();
        }

        OpenDataBlock();
        _data.MoveNext();
    }

    private void OpenDataBlock()
    {
        var reader = new ByteReader(_index.Value);
        _data.Open(Read(BlockHandle.Read(ref reader), buffers));
    }

    private Block Read(BlockHandle handle, BlockBuffers? into) => into is null ? segment.ReadRows(handle) : segment.Read(handle, into);

    // The first index block whose last key is not less; one past the last where there is none.
    private int FirstIndexBlock(ReadOnlySpan<byte> key)
    {
        var low = 0;
        var high = _summary.IndexKeys.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_summary.IndexKeys[middle].AsSpan().SequenceCompareTo(key) < 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
