namespace Serverless.Local.Tables.Storage;

/// <summary>A table of an <see cref="LsmStore"/>.</summary>
internal sealed class LsmTable
{
    private readonly Lock _gate = new();
    private TableView? _view;

    public LsmTable(long id, string name, IReadOnlyCollection<Segment> segments)
    {
        Id = id;
        Name = name;
        var active = new Memtable();
        _view = new TableView(active, null, segments);
        active.Release();
        foreach (var segment in segments)
            segment.Release();
    }

    public long Id { get; }

    public string Name { get; }

    /// <summary>Held by a writer from its reading of what a write depends on until the write is appended.</summary>
    public Lock WriteGate { get; } = new();

    public bool IsDropped => Volatile.Read(ref _view) is null;

    /// <summary>What the table consists of now, to be disposed after use; null once it is dropped.</summary>
    public TableView? Acquire()
    {
        lock (_gate)
        {
            _view?.AddRef();
            return _view;
        }
    }

    /// <summary>Adds rows to the memtable. The caller holds the store's commit gate, or is alone.</summary>
    /// <returns>The memory that it took more.</returns>
    public long Apply(long version, WriteBatch.RowReader rows)
    {
        var active = _view!.Active;
        var before = active.Bytes;
        while (rows.MoveNext())
            active.Add(rows.Key, version, rows.Value, rows.IsDelete);
        return active.Bytes - before;
    }

    /// <summary>Lets writes go to a new memtable. The caller holds the store's commit gate.</summary>
    /// <returns>Whether there is something to flush.</returns>
    public bool Freeze()
    {
        if (_view is not { Frozen: null, Active.Count: > 0 })
            return false;
        var active = new Memtable();
        Change(view => new TableView(active, view.Active, view.Segments));
        active.Release();
        return true;
    }

    /// <summary>Puts a segment (null for none) in the place of the frozen memtable.</summary>
    public void InstallFlushed(Segment? segment)
    {
        Change(view => new TableView(view.Active, null, segment is null ? view.Segments : view.Segments.Append(segment)));
        segment?.Release();
    }

    /// <summary>Puts a segment (null for none) in the place of those that were merged into it.</summary>
    public void InstallMerged(IReadOnlyCollection<Segment> merged, Segment? segment)
    {
        Change(view =>
        {
            var rest = view.Segments.Except(merged);
            return new TableView(view.Active, view.Frozen, segment is null ? rest : rest.Append(segment));
        });
        segment?.Release();
    }

    /// <summary>Ends the table; those who still read it keep their view.</summary>
    /// <returns>Its last view, to be disposed; null if it had ended before.</returns>
    public TableView? Drop()
    {
        lock (_gate)
        {
            var view = _view;
            Volatile.Write(ref _view, null);
            return view;
        }
    }

    private void Change(Func<TableView, TableView> change)
    {
        lock (_gate)
        {
            var before = _view!;
            Volatile.Write(ref _view, change(before));
            before.Release();
        }
    }
}
