using Azure.Messaging.EventHubs;

namespace Serverless.Local;

/// <summary>
/// Reads a partition's events in order: the newest from memory, others from the file in chunks. For one caller at a time.
/// </summary>
internal sealed class PartitionReader : IDisposable
{
    private readonly EventHubPartition _partition;
    private long _next;
    private EventDecoder _record;
    private bool _hasRecord;
    private LogSegment? _segment;
    private long _chunkEnd;
    private ReadOnlyMemory<byte> _chunk;
    private bool _disposed;

    internal PartitionReader(EventHubPartition partition, long firstSequenceNumber)
    {
        _partition = partition;
        _next = Math.Max(0, firstSequenceNumber);
    }

    /// <summary>The number of the event that the next read begins with, if it is still kept.</summary>
    internal long NextSequenceNumber => _next;

    /// <summary>
    /// Waits until at least one event is there, then returns up to <paramref name="maxEvents"/> that are available now, in
    /// order; fewer where their bodies would be over the bound of one read.
    /// </summary>
    /// <exception cref="EventHubsException">An injected fault; the reader is where it was and can be asked again.</exception>
    /// <exception cref="LocalPlatformException">The log is damaged here; the message names file and offset.</exception>
    internal async ValueTask<IReadOnlyList<EventData>> ReadAsync(int maxEvents, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxEvents, 1);
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellation.ThrowIfCancellationRequested();
        await _partition.Namespace.StrikeAsync(FaultOperations.HubReceive, _partition.Hub, cancellation);
        while (true)
        {
            var events = ReadAvailable(maxEvents);
            if (events.Count > 0)
                return events;
            await _partition.ArrivalAsync(_next, cancellation);
        }
    }

    public void Dispose()
    {
        _disposed = true;
        Forget();
    }

    private List<EventData> ReadAvailable(int maxEvents)
    {
        var events = new List<EventData>();
        var bytes = _partition.Namespace.Options.ReadBytes;
        while (events.Count < maxEvents && bytes > 0 && (_hasRecord || NextRecord()))
        {
            if (events.Count > 0 && _record.NextBodyLength > bytes)
                break;
            var data = _record.Next();
            bytes -= data.Body.Length;
            events.Add(data);
            _next = _record.NextSequence;
            _hasRecord = !_record.IsAtEnd;
        }

        return events;
    }

    private bool NextRecord()
    {
        if (_next > _partition.LastEnqueuedSequenceNumber)
        {
            _chunk = default;
            return false;
        }

        if (_chunk.IsEmpty && _partition.Tail.TryGet(_next, out var record))
            _segment = null;
        else if (!NextFromFile(out record))
            return false;
        _record = new EventDecoder(record);
        while (_record.NextSequence < _next)
            _record.Skip();
        return _hasRecord = true;
    }

    private bool NextFromFile(out LogRecord record)
    {
        while (_next <= _partition.LastEnqueuedSequenceNumber)
        {
            try
            {
                if (TakeFromChunk(out record))
                    return true;
                Fill();
            }
            catch (ObjectDisposedException) when (!_partition.IsClosed)
            {
                // Retention has dropped the segment: the oldest that is kept comes next, as in the service.
                Forget();
            }
        }

        record = default;
        return false;
    }

    /// <summary>Reads the bytes behind the chunk, with what of it is left over: at least one record, whole.</summary>
    private void Fill()
    {
        var position = _chunkEnd - _chunk.Length;
        if (_segment is null || position >= _segment.Length)
        {
            (_segment, position) = _partition.Log.Locate(ref _next);
            (_chunk, _chunkEnd) = (default, position);
            // Retention may have dropped all there was.
            if (_next > _partition.LastEnqueuedSequenceNumber)
                return;
        }

        var available = _segment.Length - position;
        if (!_segment.TryReadHeader(position, out var header))
            throw _segment.Damaged(position);
        var length = (int)Math.Min(available, Math.Max(header.TotalLength, _partition.Namespace.Options.ReadChunkBytes));
        var chunk = GC.AllocateUninitializedArray<byte>(length);
        if (_segment.Read(chunk, position) < header.TotalLength)
            throw _segment.Damaged(position);
        (_chunk, _chunkEnd) = (chunk, position + length);
    }

    private bool TakeFromChunk(out LogRecord record)
    {
        record = default;
        if (_segment is null || _chunk.Length < LogRecordHeader.Size)
            return false;
        var position = _chunkEnd - _chunk.Length;
        if (!LogRecordHeader.TryRead(_chunk.Span, out var header))
            throw _segment.Damaged(position);
        if (_chunk.Length < header.TotalLength)
            return false;
        var payload = _chunk.Slice(LogRecordHeader.Size, header.PayloadLength);
        if (_next < header.FirstSequence || _next >= header.NextSequence || Crc32C.Compute(payload.Span) != header.PayloadCrc)
            throw _segment.Damaged(position);
        _chunk = _chunk[header.TotalLength..];
        record = new LogRecord(header, payload);
        return true;
    }

    private void Forget()
    {
        _segment = null;
        _chunk = default;
        _chunkEnd = 0;
    }
}
