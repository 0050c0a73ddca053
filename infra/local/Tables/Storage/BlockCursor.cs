namespace Serverless.Local.Tables.Storage;

/// <summary>Reads what <see cref="BlockBuilder"/> built.</summary>
internal sealed class BlockCursor(long baseVersion) : RowCursor
{
    private byte[] _block = [];
    private int _length;
    private SeekPoints? _points;
    private int _next;
    private byte[] _key = new byte[128];
    private int _keyLength;
    private int _valueStart;
    private int _valueLength;
    private long _version;
    private bool _isTombstone;
    private bool _isValid;

    public override bool IsValid => _isValid;

    public override ReadOnlySpan<byte> Key => _key.AsSpan(0, _keyLength);

    public override long Version => _version;

    public override bool IsTombstone => _isTombstone;

    public override ReadOnlySpan<byte> Value => _block.AsSpan(_valueStart, _valueLength);

    /// <summary>Where the entry begins that it moves to next.</summary>
    public int Next => _next;

    /// <summary>Goes to another block; it then stands before its first entry.</summary>
    public void Open(Block block)
    {
        _block = block.Bytes;
        _length = block.Length;
        _points = block.Points;
        Rewind();
    }

    public override void Seek(ReadOnlySpan<byte> key)
    {
        Rewind();
        if (_points is not null && _points.TryFindBefore(key, out var offset, out var keyThere))
        {
            // An entry takes the first bytes of its key from the one before: where the key is there already, from itself.
            SetKey(keyThere);
            _next = offset;
        }

        do
            MoveNext();
        while (_isValid && Key.SequenceCompareTo(key) < 0);
    }

    public override void MoveNext()
    {
        _isValid = _next < _length;
        if (!_isValid)
            return;
        var reader = new ByteReader(_block.AsSpan(0, _length)) { Position = _next };
        var shared = (int)reader.ReadVarint();
        var rest = (int)reader.ReadVarint();
        var valueLength = reader.ReadVarint();
        _version = baseVersion + reader.ReadVarint();
        _keyLength = shared + rest;
        if (_key.Length < _keyLength)
            Array.Resize(ref _key, _keyLength * 2);
        reader.Read(rest).CopyTo(_key.AsSpan(shared));
        _isTombstone = (valueLength & 1) != 0;
        _valueLength = (int)(valueLength >> 1);
        _valueStart = reader.Position;
        _next = _valueStart + _valueLength;
    }

    private void SetKey(ReadOnlySpan<byte> key)
    {
        if (_key.Length < key.Length)
            _key = new byte[key.Length * 2];
        key.CopyTo(_key);
    }

    private void Rewind()
    {
        _next = 0;
        _keyLength = 0;
        _isValid = false;
    }
}
