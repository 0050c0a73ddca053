using System.Collections.Concurrent;

namespace Serverless.Local.Tables.Storage;

/// <summary>
/// An ordered, durable store of tables: a log-structured merge tree (O'Neil et al., 1996) per table behind one
/// write-ahead log. Writes go to the log and to memtables; these are flushed to sorted segments, which are merged in the
/// background. A version is the time of its transaction in ticks, made strictly increasing.
/// </summary>
internal sealed partial class LsmStore : IAsyncDisposable
{
    private readonly StoreFiles _files;
    private readonly LsmOptions _options;
    private readonly TimeProvider _clock;
    private readonly BlockCache _cache;
    private readonly WriteAheadLog _log;
    private readonly BackgroundMerger _merger;
    private readonly ITimer _idleTimer;
    private readonly ConcurrentDictionary<string, LsmTable> _tables = new(StringComparer.OrdinalIgnoreCase);

    // Guards the set of tables and segments and the manifest that says it. Taken before the commit gate.
    private readonly Lock _manifestGate = new();
    private long _firstLog;
    private long _nextNumber;

    // Guards the order of versions, the log's order and the memtables.
    private readonly Lock _commitGate = new();
    private long _lastVersion;
    private long _durableVersion;
    private long _activeBytes;
    private long _logBytes;
    private Generation? _flushing;
    private Exception? _failure;
    private long _versionAtTick;

    private LsmStore(StoreFiles files, LsmOptions options, TimeProvider clock)
    {
        _files = files;
        _options = options;
        _clock = clock;
        _cache = new BlockCache(options.CacheBytes);
        Recover();
        _log = new WriteAheadLog(files, TakeNumber(), version => Volatile.Write(ref _durableVersion, version), Fail);
        _merger = new BackgroundMerger(Flush, CompactOnce, Fail);
        if (IsFlushDue)
            RequestFlush();
        _merger.Signal();
        _idleTimer = clock.CreateTimer(_ => FlushIfIdle(), null, options.IdleFlushAfter, options.IdleFlushAfter);
    }

    /// <summary>Where its files lie.</summary>
    public string Folder => _files.Folder;

    /// <summary>The tables, by name.</summary>
    public IEnumerable<LsmTable> Tables => _tables.Values.OrderBy(table => table.Name, StringComparer.Ordinal);

    /// <summary>The version up to which all writes are durable. Take it after the view that is to be read with it.</summary>
    public long DurableVersion => Volatile.Read(ref _durableVersion);

    /// <summary>The memory of the memtables that take writes, in bytes.</summary>
    public long ActiveBytes => Volatile.Read(ref _activeBytes);

    /// <summary>What the block cache holds, in bytes.</summary>
    public long CachedBytes => _cache.Bytes;

    private bool IsFlushDue => _activeBytes >= _options.MemtableBytes || _logBytes >= _options.LogBytes;

    /// <summary>Opens the folder, made where missing, with all that was ever acknowledged.</summary>
    /// <exception cref="LocalPlatformException">Its files are damaged or cannot be read.</exception>
    public static LsmStore Open(string folder, LsmOptions options, TimeProvider clock)
    {
        Directory.CreateDirectory(folder);
        return new LsmStore(new StoreFiles(folder), options, clock);
    }

    public LsmTable? Find(string name) => _tables.GetValueOrDefault(name);

    /// <summary>Makes a table durably; null where one of that name (in any case) exists.</summary>
    public LsmTable? Create(string name)
    {
        lock (_manifestGate)
        {
            ThrowIfFailed();
            if (_tables.ContainsKey(name))
                return null;

            // Nobody can write to it before it is durable.
            var table = new LsmTable(TakeNumber(), name, []);
            SaveManifest([.. Tables, table]);
            _tables[name] = table;
            return table;
        }
    }

    /// <summary>Ends a table and removes its files; false if another caller has done so.</summary>
    public bool Drop(LsmTable table)
    {
        lock (_manifestGate)
        {
            ThrowIfFailed();
            TableView? last;
            lock (_commitGate)
            {
                last = table.Drop();
                _activeBytes -= last?.Active.Bytes ?? 0;
            }

            if (last is null)
                return false;
            _tables.TryRemove(table.Name, out _);
            SaveManifest();
            foreach (var segment in last.Segments)
                File.Delete(_files.Segment(segment.Number));
            last.Dispose();
            return true;
        }
    }

    /// <summary>Ends when the store can take a write, which is at once as long as disk and flushing keep up.</summary>
    /// <exception cref="IOException">The store takes no more writes.</exception>
    public async ValueTask WaitForRoomAsync(CancellationToken cancellation)
    {
        await _log.WaitForRoom().WaitAsync(cancellation);
        while (BusyFlush() is { } flushed)
        {
            // A failed flush is reported below, with what to do.
            await flushed.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellation.ThrowIfCancellationRequested();
            ThrowIfFailed();
        }
    }

    /// <summary>
    /// Appends a transaction, which then belongs to the store. The caller holds the table's write gate; the task ends when
    /// the write is durable and visible.
    /// </summary>
    /// <returns>Null where the table is dropped.</returns>
    public Task? Commit(LsmTable table, WriteBatch batch, out long version)
    {
        lock (_commitGate)
        {
            version = 0;
            ThrowIfFailed();
            if (table.IsDropped)
            {
                batch.Dispose();
                return null;
            }

            version = _lastVersion = Math.Max(_clock.GetUtcNow().UtcTicks, _lastVersion + 1);
            _activeBytes += table.Apply(version, batch.Rows);
            batch.Seal(version);
            _logBytes += batch.Length;
            var durable = _log.Append(batch, version);
            if (IsFlushDue)
                RequestFlush();
            return durable;
        }
    }

    /// <summary>Flushes the memtables and merges what is due, and ends when both are done.</summary>
    public async Task FlushAsync()
    {
        for (var isOurs = false; !isOurs;)
        {
            Task flushed;
            lock (_commitGate)
            {
                isOurs = RequestFlush();
                flushed = _flushing!.Done.Task;
            }

            await flushed;
        }

        await _merger.WhenIdleAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _idleTimer.DisposeAsync();
        await _merger.DisposeAsync();
        _log.Dispose();
        Fail(new ObjectDisposedException(nameof(LsmStore), "The store is closed."));
        lock (_manifestGate)
        {
            foreach (var table in _tables.Values)
                table.Drop()?.Dispose();
        }
    }

    private Task? BusyFlush()
    {
        lock (_commitGate)
            return IsFlushDue ? _flushing?.Done.Task : null;
    }

    // Lets writes go to new memtables and a new log, and the old ones be flushed, unless the ones before still are. Under
    // the commit gate.
    private bool RequestFlush()
    {
        if (_flushing is not null)
            return false;
        var firstLog = TakeNumber();
        _flushing = new Generation([.. _tables.Values.Where(table => table.Freeze())], firstLog, _log.Rotate(firstLog));
        _activeBytes = 0;
        _logBytes = 0;
        _merger.Signal();
        return true;
    }

    private void FlushIfIdle()
    {
        lock (_commitGate)
        {
            if (_failure is null && _versionAtTick == _lastVersion && _activeBytes >= _options.IdleFlushBytes)
                RequestFlush();
            _versionAtTick = _lastVersion;
        }
    }

    private void SaveManifest() => SaveManifest(Tables);

    private void SaveManifest(IEnumerable<LsmTable> all)
    {
        var tables = new List<Manifest.Table>();
        var lastVersion = 0L;
        foreach (var table in all)
        {
            using var view = table.Acquire()!;
            tables.Add(new Manifest.Table(table.Id, table.Name, [.. view.Segments.Select(segment => segment.Number)]));
            if (view.Segments.Length > 0)
                lastVersion = Math.Max(lastVersion, view.Segments[0].Summary.MaxVersion);
        }

        new Manifest(Volatile.Read(ref _nextNumber), Math.Max(lastVersion, DurableVersion), _firstLog, tables).Save(_files.Manifest);
    }

    private long TakeNumber() => Interlocked.Increment(ref _nextNumber) - 1;

    private void Fail(Exception failure)
    {
        lock (_commitGate)
        {
            _failure ??= failure;
            _flushing?.Done.TrySetException(failure);
        }
    }

    private void ThrowIfFailed()
    {
        if (Volatile.Read(ref _failure) is { } failure)
            throw new IOException($"The tables in '{_files.Folder}' take no more writes since one failed: {failure.Message} Free disk space if it is full, then restart.", failure);
    }

    /// <summary>Memtables that are flushed together.</summary>
    /// <param name="Tables">Those whose memtable was frozen.</param>
    /// <param name="FirstLog">The first log whose records are not in them.</param>
    /// <param name="Logged">Ends when all their rows are in the log.</param>
    private sealed record Generation(IReadOnlyList<LsmTable> Tables, long FirstLog, Task Logged)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
