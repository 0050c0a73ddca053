namespace Serverless.Local;

/// <summary>
/// A partition's log on disk: segments in order, the last of which is written. <see cref="Append"/> and
/// <see cref="ApplyRetention"/> are for one thread at a time; reading is for any.
/// </summary>
internal sealed class SegmentedLog : IDisposable
{
    private readonly string _folder;
    private readonly EventHubStorageOptions _options;
    private readonly TimeProvider _clock;
    private readonly EventHubStatistics.Counter _statistics;
    private readonly Lock _gate = new();
    private readonly Lock _writing = new();
    private readonly List<ReadOnlyMemory<byte>> _parts = [];
    private readonly List<LogSegment> _segments;
    private byte[] _headers = new byte[16 * LogRecordHeader.Size];
    private bool _cutBeforeWriting;
    private bool _disposed;
    private long _lastSequence;
    private long _lastTicks;

    private SegmentedLog(
        string folder, EventHubStorageOptions options, TimeProvider clock, EventHubStatistics.Counter statistics, LogRecovery recovered)
    {
        _folder = folder;
        _options = options;
        _clock = clock;
        _statistics = statistics;
        _segments = recovered.Segments;
        _lastSequence = recovered.LastSequence;
        _lastTicks = recovered.LastTicks;
    }

    internal long FirstSequence
    {
        get
        {
            lock (_gate)
                return _segments[0].FirstSequence;
        }
    }

    /// <summary>The newest durable event's number; -1 before the first.</summary>
    internal long LastSequence => Interlocked.Read(ref _lastSequence);

    internal long LastTicks => Interlocked.Read(ref _lastTicks);

    /// <summary>Opens the folder, creating it where missing, and cuts off what a crash has left behind the last durable event.</summary>
    /// <exception cref="LocalPlatformException">A file is damaged elsewhere.</exception>
    internal static SegmentedLog Open(
        string folder, EventHubStorageOptions options, TimeProvider clock, EventHubStatistics.Counter statistics)
    {
        LogDirectory.Create(folder);
        return new SegmentedLog(folder, options, clock, statistics, LogRecovery.Run(folder));
    }

    /// <summary>
    /// Writes the batches as one commit group: one write, one flush. On return they are durable, with the sequence numbers of
    /// the headers; when it throws none of them is part of the log.
    /// </summary>
    internal LogRecordHeader[] Append(IReadOnlyList<PendingAppend> group)
    {
        lock (_writing)
        {
            var active = Active;
            if (_cutBeforeWriting)
            {
                active.Cut(active.Length);
                _cutBeforeWriting = false;
            }

            if (active.Length >= _options.SegmentBytes)
                active = Roll();

            var headers = Prepare(group, out var bytes);
            try
            {
                active.Append(_parts, headers);
            }
            catch
            {
                _cutBeforeWriting = true;
                throw;
            }
            finally
            {
                _parts.Clear();
            }

            Interlocked.Exchange(ref _lastTicks, headers[^1].EnqueuedTicks);
            Interlocked.Exchange(ref _lastSequence, headers[^1].NextSequence - 1);
            _statistics.Add(group.Count, headers[^1].NextSequence - headers[0].FirstSequence, bytes);
            return headers;
        }
    }

    /// <summary>Drops whole segments that are too old or too much; a too old active one is closed first.</summary>
    internal void ApplyRetention()
    {
        lock (_writing)
        {
            if (_disposed)
                return;
            var oldest = (_clock.GetUtcNow() - _options.RetentionAge).UtcTicks;
            if (Active.Length > 0 && LastTicks < oldest && !_cutBeforeWriting)
                Roll();
            else
                Drop(oldest);
        }
    }

    /// <summary>The segment that holds a sequence number (which moves up to the oldest there is), and where in it.</summary>
    internal (LogSegment Segment, long Position) Locate(ref long sequence)
    {
        LogSegment segment;
        lock (_gate)
        {
            sequence = Math.Max(sequence, _segments[0].FirstSequence);
            var index = _segments.Count - 1;
            while (_segments[index].FirstSequence > sequence)
                index--;
            segment = _segments[index];
        }

        return (segment, segment.Seek(sequence));
    }

    /// <summary>The first event that was enqueued at this time (UTC ticks) or later; one after the last where there is none.</summary>
    internal long SequenceAt(long ticks)
    {
        LogSegment segment;
        lock (_gate)
        {
            var index = _segments.Count - 1;
            while (index > 0 && !(_segments[index].FirstTicks < ticks))
                index--;
            segment = _segments[index];
        }

        foreach (var (header, _) in segment.Headers(0))
        {
            if (header.EnqueuedTicks >= ticks)
                return header.FirstSequence;
        }

        lock (_gate)
            return _segments.Find(next => next.FirstSequence > segment.FirstSequence)?.FirstSequence ?? LastSequence + 1;
    }

    public void Dispose()
    {
        lock (_writing)
        {
            _disposed = true;
            foreach (var segment in _segments)
                segment.Dispose();
        }
    }

    private LogSegment Active
    {
        get
        {
            lock (_gate)
                return _segments[^1];
        }
    }

    private LogRecordHeader[] Prepare(IReadOnlyList<PendingAppend> group, out long bytes)
    {
        var headers = new LogRecordHeader[group.Count];
        if (_headers.Length < group.Count * LogRecordHeader.Size)
            _headers = new byte[group.Count * LogRecordHeader.Size];
        bytes = 0;
        var first = LastSequence + 1;
        var next = first;
        var now = Math.Max(LastTicks, _clock.GetUtcNow().UtcTicks);
        for (var i = 0; i < headers.Length; i++)
        {
            var append = group[i];
            headers[i] = new LogRecordHeader(append.Payload.Length, append.PayloadCrc, append.Count, next, now, first);
            var header = _headers.AsMemory(i * LogRecordHeader.Size, LogRecordHeader.Size);
            headers[i].Write(header.Span);
            _parts.Add(header);
            _parts.Add(append.Payload);
            next += append.Count;
            bytes += append.TotalLength;
        }

        return headers;
    }

    private LogSegment Roll()
    {
        var segment = LogSegment.Create(_folder, LastSequence + 1);
        lock (_gate)
            _segments.Add(segment);
        Drop((_clock.GetUtcNow() - _options.RetentionAge).UtcTicks);
        return segment;
    }

    private void Drop(long oldestTicks)
    {
        List<LogSegment> dropped;
        lock (_gate)
        {
            var kept = _segments.Sum(segment => segment.Length);
            var count = 0;
            while (count < _segments.Count - 1
                && (kept > _options.RetentionBytesPerPartition || (_segments[count + 1].FirstTicks ?? LastTicks) < oldestTicks))
                kept -= _segments[count++].Length;
            dropped = _segments[..count];
            _segments.RemoveRange(0, count);
        }

        foreach (var segment in dropped)
            segment.Delete();
    }
}
