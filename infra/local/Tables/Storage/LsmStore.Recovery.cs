namespace Serverless.Local.Tables.Storage;

/// <content>Opening: what the manifest names, and what the logs hold beyond it.</content>
internal sealed partial class LsmStore
{
    private void Recover()
    {
        var manifest = Manifest.Load(_files.Manifest);
        _nextNumber = manifest.NextNumber;
        _lastVersion = manifest.LastVersion;
        _firstLog = manifest.FirstLog;
        RemoveOrphans(manifest);

        var byId = new Dictionary<long, LsmTable>();
        foreach (var saved in manifest.Tables)
        {
            var segments = saved.Segments.Select(number => Segment.Open(_files, number, _cache)).ToList();
            var table = new LsmTable(saved.Id, saved.Name, segments);
            byId.Add(saved.Id, table);
            _tables[saved.Name] = table;
        }

        var logs = _files.Logs().ToList();
        foreach (var number in logs)
        {
            _nextNumber = Math.Max(_nextNumber, number + 1);
            _logBytes += LogReplay.Run(_files.Log(number), number == logs[^1], (tableId, version, rows) =>
            {
                _lastVersion = Math.Max(_lastVersion, version);
                if (byId.TryGetValue(tableId, out var table))
                    _activeBytes += table.Apply(version, rows);
            });
        }

        _durableVersion = _lastVersion;
    }

    private void RemoveOrphans(Manifest manifest)
    {
        var known = manifest.Tables.SelectMany(table => table.Segments).ToHashSet();
        foreach (var number in _files.Segments().Where(number => !known.Contains(number)).ToList())
        {
            _nextNumber = Math.Max(_nextNumber, number + 1);
            File.Delete(_files.Segment(number));
        }

        foreach (var number in _files.Logs().Where(number => number < manifest.FirstLog).ToList())
            File.Delete(_files.Log(number));
    }
}
