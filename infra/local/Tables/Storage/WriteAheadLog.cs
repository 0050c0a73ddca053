using Microsoft.Win32.SafeHandles;

namespace Serverless.Local.Tables.Storage;

/// <summary>
/// Makes transactions durable in the order of their appending. Those that come while a write is under way wait together
/// and share the next write and fsync (group commit); one thread does both.
/// </summary>
internal sealed class WriteAheadLog : IDisposable
{
    // Appended and not yet written. Past it writers wait, so that a slow disk bounds memory.
    private const long MaxPendingBytes = 16 * 1024 * 1024;

    private readonly StoreFiles _files;
    private readonly Action<long> _durable;
    private readonly Action<Exception> _failed;
    private readonly Thread _thread;

    // Guards the fields below; pulsed when there is something to do.
    private readonly object _gate = new();
    private readonly Queue<Group> _groups = new();
    private Group? _last;
    private long _file;
    private long _pendingBytes;
    private bool _closing;
    private Exception? _failure;

    // The thread's own.
    private SafeFileHandle? _handle;
    private long _handleFile;
    private long _written;

    /// <param name="files">Where the logs lie.</param>
    /// <param name="file">The number of the first log to write.</param>
    /// <param name="durable">Told the version up to which all is durable, before the writers are.</param>
    /// <param name="failed">Told when the log cannot be written, after which it takes nothing more.</param>
    public WriteAheadLog(StoreFiles files, long file, Action<long> durable, Action<Exception> failed)
    {
        _files = files;
        _file = file;
        _durable = durable;
        _failed = failed;
        _thread = new Thread(WriteGroups) { Name = "table log", IsBackground = true };
        _thread.Start();
    }

    /// <summary>
    /// Appends a sealed batch, which then belongs to the log. The task ends when it is durable. Callers append one at a
    /// time, versions rising.
    /// </summary>
    public Task Append(WriteBatch batch, long version)
    {
        lock (_gate)
        {
            if (_failure is not null || _closing)
            {
                batch.Dispose();
                return Task.FromException(_failure ?? new ObjectDisposedException(nameof(WriteAheadLog)));
            }

            if (_last is null || _last.Taken || _last.File != _file)
                _groups.Enqueue(_last = new Group(_file));
            _last.Batches.Add(batch);
            _last.Version = version;
            _last.Bytes += batch.Length;
            _pendingBytes += batch.Length;
            Monitor.Pulse(_gate);
            return _last.Done.Task;
        }
    }

    /// <summary>Ends when there is room for another batch.</summary>
    public Task WaitForRoom()
    {
        lock (_gate)
            return _pendingBytes > MaxPendingBytes && _last is not null ? _last.Done.Task : Task.CompletedTask;
    }

    /// <summary>Lets what is appended from now on go to another file. The task ends when all before it is durable.</summary>
    public Task Rotate(long file)
    {
        lock (_gate)
        {
            _file = file;
            return _last?.Done.Task ?? Task.CompletedTask;
        }
    }

    /// <summary>Writes what was appended, then stops.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closing = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
        _handle?.Dispose();
    }

    private void WriteGroups()
    {
        while (NextGroup() is { } group)
        {
            try
            {
                Write(group);
                _durable(group.Version);
                Settle(group);
                group.Done.SetResult();
            }
            catch (Exception e)
            {
                // Whatever it was: without this thread writers would wait for ever.
                lock (_gate)
                    _failure ??= e;
                _failed(e);
                Settle(group);
                group.Done.SetException(e);
            }
        }
    }

    private Group? NextGroup()
    {
        lock (_gate)
        {
            while (_groups.Count == 0 && !_closing)
                Monitor.Wait(_gate);
            if (!_groups.TryDequeue(out var group))
                return null;
            group.Taken = true;
            return group;
        }
    }

    private void Write(Group group)
    {
        // After a failed fsync nobody knows what is on the disk: what follows must fail too.
        if (_failure is not null)
            throw new IOException($"The log of the tables could not be written before: {_failure.Message}", _failure);
        if (_handle is null || _handleFile != group.File)
        {
            _handle?.Dispose();
            _handle = DurableFile.CreateNew(_files.Log(group.File));
            _handleFile = group.File;
            _written = 0;
            DurableFile.SyncFolder(_files.Folder);
        }

        var records = new ReadOnlyMemory<byte>[group.Batches.Count];
        for (var i = 0; i < records.Length; i++)
        {
            group.Batches[i].WriteHeader(synced: _written);
            records[i] = group.Batches[i].Record;
        }

        RandomAccess.Write(_handle, records, _written);
        RandomAccess.FlushToDisk(_handle);
        _written += group.Bytes;
    }

    private void Settle(Group group)
    {
        lock (_gate)
            _pendingBytes -= group.Bytes;
        foreach (var batch in group.Batches)
            batch.Dispose();
    }

    /// <summary>Batches that share one write.</summary>
    private sealed class Group(long file)
    {
        public long File { get; } = file;

        public List<WriteBatch> Batches { get; } = [];

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Bytes { get; set; }

        public long Version { get; set; }

        public bool Taken { get; set; }
    }
}
