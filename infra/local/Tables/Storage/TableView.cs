namespace Serverless.Local.Tables.Storage;

/// <summary>
/// What a table consists of at one moment. Readers hold a view while they read, and with it all that it consists of;
/// changes make a new one. Disposing lets go of it.
/// </summary>
internal sealed class TableView : RefCounted, IDisposable
{
    /// <param name="active">The memtable that takes writes.</param>
    /// <param name="frozen">The one that is being flushed, if any.</param>
    /// <param name="segments">In any order.</param>
    public TableView(Memtable active, Memtable? frozen, IEnumerable<Segment> segments)
    {
        Active = active;
        Frozen = frozen;
        Segments = [.. segments.OrderByDescending(segment => segment.Summary.MaxVersion)];
        Active.AddRef();
        Frozen?.AddRef();
        foreach (var segment in Segments)
            segment.AddRef();
    }

    public Memtable Active { get; }

    public Memtable? Frozen { get; }

    /// <summary>Those with the newest rows first.</summary>
    public Segment[] Segments { get; }

    /// <summary>
    /// Looks up one key as of a version. The value is good while the view is held.
    /// </summary>
    /// <returns>Whether the row exists.</returns>
    public bool TryGet(ReadOnlySpan<byte> key, long asOf, out long version, out ReadOnlySpan<byte> value)
    {
        RowCursor? found = null;
        Look(Active.NewCursor(), key, asOf, ref found);
        if (found is null && Frozen is not null)
            Look(Frozen.NewCursor(), key, asOf, ref found);
        if (found is null && Segments.Length > 0)
            LookInSegments(key, asOf, ref found);

        var exists = found is { IsTombstone: false };
        version = exists ? found!.Version : 0;
        value = exists ? found!.Value : default;
        return exists;
    }

    /// <summary>The rows from a key (inclusive) to another (exclusive; null for no end) as of a version.</summary>
    /// <param name="from">The first key.</param>
    /// <param name="to">The key to end before.</param>
    /// <param name="filterHash">Where all keys of the range share it: the hash of their filtered part.</param>
    /// <param name="asOf">Later versions are not seen.</param>
    public RangeCursor Range(byte[] from, byte[]? to, ulong? filterHash, long asOf)
    {
        var cursors = new List<RowCursor>(Segments.Length + 2) { Active.NewCursor() };
        if (Frozen is not null)
            cursors.Add(Frozen.NewCursor());
        foreach (var segment in Segments)
        {
            if (segment.Overlaps(from, to) && (filterHash is not { } hash || segment.MayHave(hash)))
                cursors.Add(segment.NewCursor());
        }

        return new RangeCursor(cursors.Count == 1 ? cursors[0] : new MergingCursor(cursors), from, to, asOf);
    }

    public void Dispose() => Release();

    protected override void Free()
    {
        Active.Release();
        Frozen?.Release();
        foreach (var segment in Segments)
            segment.Release();
    }

    private void LookInSegments(ReadOnlySpan<byte> key, long asOf, ref RowCursor? found)
    {
        var hash = BloomFilter.Hash(KeyCodec.FilteredPart(key));
        foreach (var segment in Segments)
        {
            if (found is not null && found.Version > segment.Summary.MaxVersion)
                return;
            if (segment.Overlaps(key, null) && segment.Summary.FirstKey.AsSpan().SequenceCompareTo(key) <= 0 && segment.MayHave(hash))
                Look(segment.NewCursor(), key, asOf, ref found);
        }
    }

    private static void Look(RowCursor cursor, ReadOnlySpan<byte> key, long asOf, ref RowCursor? found)
    {
        cursor.Seek(key);
        while (cursor.IsValid && cursor.Version > asOf && cursor.Key.SequenceEqual(key))
            cursor.MoveNext();
        if (cursor.IsValid && cursor.Key.SequenceEqual(key) && (found is null || cursor.Version > found.Version))
            found = cursor;
    }
}
