namespace Serverless.Local.Tables.Storage;

/// <summary>The rows of a range as they were at a version: of each key the newest one up to it, unless that is a delete.</summary>
internal sealed class RangeCursor(RowCursor rows, byte[] from, byte[]? to, long asOf)
{
    private byte[] _lastKey = new byte[128];
    private int _lastKeyLength = -1;

    public ReadOnlySpan<byte> Key => rows.Key;

    public long Version => rows.Version;

    public ReadOnlySpan<byte> Value => rows.Value;

    /// <summary>Moves to the next row; false at the range's end.</summary>
    public bool MoveNext()
    {
        if (_lastKeyLength < 0)
            rows.Seek(from);
        else
            rows.MoveNext();

        for (; rows.IsValid; rows.MoveNext())
        {
            if (rows.Version > asOf || IsLastKey(rows.Key))
                continue;
            if (to is not null && rows.Key.SequenceCompareTo(to) >= 0)
                return false;
            SetLastKey(rows.Key);
            if (!rows.IsTombstone)
                return true;
        }

        return false;
    }

    private bool IsLastKey(ReadOnlySpan<byte> key) => _lastKeyLength >= 0 && key.SequenceEqual(_lastKey.AsSpan(0, _lastKeyLength));

    private void SetLastKey(ReadOnlySpan<byte> key)
    {
        if (_lastKey.Length < key.Length)
            _lastKey = new byte[key.Length * 2];
        key.CopyTo(_lastKey);
        _lastKeyLength = key.Length;
    }
}
