namespace Serverless.Local.Tables.Storage;

/// <content>What the background thread does: flushing memtables to segments, and merging these.</content>
internal sealed partial class LsmStore
{
    // Writes the frozen memtables as segments and drops the logs that they came from. On the merger's thread.
    private void Flush()
    {
        if (Volatile.Read(ref _flushing) is not { } generation)
            return;

        // A segment must not hold what the log could still lose.
        generation.Logged.GetAwaiter().GetResult();
        var segments = generation.Tables.Select(WriteFrozen).ToList();
        lock (_manifestGate)
        {
            for (var i = 0; i < segments.Count; i++)
                Install(generation.Tables[i], segments[i], generation.Tables[i].InstallFlushed);
            _firstLog = generation.FirstLog;
            SaveManifest();
        }

        foreach (var number in _files.Logs().Where(number => number < generation.FirstLog).ToList())
            File.Delete(_files.Log(number));
        lock (_commitGate)
            _flushing = null;
        generation.Done.TrySetResult();
    }

    private Segment? WriteFrozen(LsmTable table)
    {
        using var view = table.Acquire();
        if (view?.Frozen is not { } memtable)
            return null;
        var number = TakeNumber();
        var dropTombstonesBefore = view.Segments.Length == 0 ? long.MaxValue : 0;
        var rows = SegmentMerge.Write(
            _files, number, memtable.NewCursor(), memtable.Count, memtable.MinVersion, dropTombstonesBefore, () => true);
        return rows > 0 ? Segment.Open(_files, number, _cache) : null;
    }

    // Merges the segments of one table, if some are due. On the merger's thread, which flushes in between.
    private bool CompactOnce(Func<bool> pause)
    {
        foreach (var table in Tables)
        {
            using var view = table.Acquire();
            var due = view is null ? [] : CompactionPolicy.Pick(view.Segments, _options);
            if (due.Count == 0)
                continue;
            Compact(table, view!, due, pause);
            return true;
        }

        return false;
    }

    private void Compact(LsmTable table, TableView view, IReadOnlyList<Segment> due, Func<bool> pause)
    {
        var number = TakeNumber();
        var rest = view.Segments.Except(due).ToList();
        var rows = SegmentMerge.Write(
            _files,
            number,
            new MergingCursor([.. due.Select(segment => segment.NewScan())]),
            due.Sum(segment => segment.Summary.Rows),
            due.Min(segment => segment.Summary.MinVersion),
            rest.Count == 0 ? long.MaxValue : rest.Min(segment => segment.Summary.MinVersion),
            () => pause() && !table.IsDropped);
        if (rows < 0)
            return;
        lock (_manifestGate)
        {
            if (!Install(table, rows > 0 ? Segment.Open(_files, number, _cache) : null, merged => table.InstallMerged(due, merged)))
                return;
            SaveManifest();
            foreach (var segment in due)
                File.Delete(_files.Segment(segment.Number));
        }
    }

    // Under the manifest gate, as is dropping: a segment written for a table that has gone meanwhile goes too.
    private bool Install(LsmTable table, Segment? segment, Action<Segment?> install)
    {
        if (!table.IsDropped)
        {
            install(segment);
            return true;
        }

        if (segment is not null)
        {
            File.Delete(_files.Segment(segment.Number));
            segment.Release();
        }

        return false;
    }
}
