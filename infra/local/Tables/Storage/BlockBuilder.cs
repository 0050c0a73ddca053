namespace Serverless.Local.Tables.Storage;

/// <summary>
/// Builds the content of a block: entries in key order, each
/// <code>shared key bytes varint, other key bytes varint, (value length &lt;&lt; 1 | is tombstone) varint, version - base varint, other key bytes, value</code>
/// where shared counts the bytes in common with the entry before.
/// </summary>
internal sealed class BlockBuilder(long baseVersion) : IDisposable
{
    private readonly ByteWriter _content = new(SegmentFormat.BlockBytes);
    private readonly ByteWriter _lastKey = new(256);

    public int Length => _content.Length;

    public bool IsEmpty => Length == 0;

    public ReadOnlySpan<byte> Content => _content.Written;

    public ReadOnlySpan<byte> LastKey => _lastKey.Written;

    public void Add(ReadOnlySpan<byte> key, long version, bool isTombstone, ReadOnlySpan<byte> value)
    {
        var shared = IsEmpty ? 0 : key.CommonPrefixLength(LastKey);
        _content.WriteVarint(shared);
        _content.WriteVarint(key.Length - shared);
        _content.WriteVarint(((long)value.Length << 1) | (isTombstone ? 1L : 0L));
        _content.WriteVarint(version - baseVersion);
        _content.Write(key[shared..]);
        _content.Write(value);
        _lastKey.Truncate(shared);
        _lastKey.Write(key[shared..]);
    }

    public void Clear()
    {
        _content.Truncate(0);
        _lastKey.Truncate(0);
    }

    public void Dispose()
    {
        _content.Dispose();
        _lastKey.Dispose();
    }
}
