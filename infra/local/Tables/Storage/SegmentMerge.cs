namespace Serverless.Local.Tables.Storage;

/// <summary>Writes the rows of memtables or segments into a new segment: of every key the newest version alone.</summary>
internal static class SegmentMerge
{
    // How many rows are written between two looks at whether something else is more urgent.
    private const int RowsBetweenPauses = 256;

    /// <param name="files">Where the segment goes.</param>
    /// <param name="number">Its number.</param>
    /// <param name="rows">The rows, by key and from new to old.</param>
    /// <param name="maxRows">No fewer than there are.</param>
    /// <param name="minVersion">No version among them is less.</param>
    /// <param name="dropTombstonesBefore">Deletes with a smaller version hide nothing that is elsewhere, and are left out.</param>
    /// <param name="pause">Called now and then; false abandons the merge.</param>
    /// <returns>How many rows the segment has. With none, or when abandoned (-1), the file is removed.</returns>
    public static long Write(
        StoreFiles files, long number, RowCursor rows, long maxRows, long minVersion, long dropTombstonesBefore, Func<bool> pause)
    {
        var path = files.Segment(number);
        var written = Write(path, rows, maxRows, minVersion, dropTombstonesBefore, pause);
        if (written <= 0)
            File.Delete(path);
        return written;
    }

    private static long Write(string path, RowCursor rows, long maxRows, long minVersion, long dropTombstonesBefore, Func<bool> pause)
    {
        using var writer = new SegmentWriter(path, maxRows, minVersion);
        using var lastKey = new ByteWriter(256);
        var isFirst = true;
        var untilPause = RowsBetweenPauses;
        for (rows.Seek([]); rows.IsValid; rows.MoveNext())
        {
            if (--untilPause == 0)
            {
                untilPause = RowsBetweenPauses;
                if (!pause())
                    return -1;
            }

            if (!isFirst && rows.Key.SequenceEqual(lastKey.Written))
                continue;
            isFirst = false;
            lastKey.Truncate(0);
            lastKey.Write(rows.Key);
            if (!rows.IsTombstone || rows.Version >= dropTombstonesBefore)
                writer.Add(rows.Key, rows.Version, rows.IsTombstone, rows.Value);
        }

        if (writer.Rows > 0)
            writer.Finish();
        return writer.Rows;
    }
}
