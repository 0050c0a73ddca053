namespace Serverless.Local.Tables.Storage;

/// <summary>
/// Several cursors as one: by key, and for one key from the newest version to the oldest. The cursors are kept sorted;
/// moving the first one usually leaves it first, so a step mostly costs one comparison.
/// </summary>
internal sealed class MergingCursor(List<RowCursor> cursors) : RowCursor
{
    private readonly RowCursor[] _sorted = [.. cursors];
    private int _valid;

    public override bool IsValid => _valid > 0;

    public override ReadOnlySpan<byte> Key => _sorted[0].Key;

    public override long Version => _sorted[0].Version;

    public override bool IsTombstone => _sorted[0].IsTombstone;

    public override ReadOnlySpan<byte> Value => _sorted[0].Value;

    public override void Seek(ReadOnlySpan<byte> key)
    {
        foreach (var cursor in _sorted)
            cursor.Seek(key);

        // Those at their end go to the back; the others are sorted in front of them.
        _valid = 0;
        for (var i = 0; i < _sorted.Length; i++)
        {
            if (!_sorted[i].IsValid)
                continue;
            (_sorted[_valid], _sorted[i]) = (_sorted[i], _sorted[_valid]);
            for (var at = _valid++; at > 0 && IsBefore(_sorted[at], _sorted[at - 1]); at--)
                (_sorted[at], _sorted[at - 1]) = (_sorted[at - 1], _sorted[at]);
        }
    }

    public override void MoveNext()
    {
        var first = _sorted[0];
        first.MoveNext();
        var at = 0;
        for (; at + 1 < _valid && (!first.IsValid || IsBefore(_sorted[at + 1], first)); at++)
            _sorted[at] = _sorted[at + 1];
        _sorted[at] = first;
        if (!first.IsValid)
            _valid--;
    }

    private static bool IsBefore(RowCursor left, RowCursor right)
    {
        var order = left.Key.SequenceCompareTo(right.Key);
        return order < 0 || (order == 0 && left.Version > right.Version);
    }
}
