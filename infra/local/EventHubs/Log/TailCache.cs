namespace Serverless.Local;

/// <summary>The newest records of a partition in memory, so that readers that keep up do not go to the file. Bounded by bytes.</summary>
internal sealed class TailCache(long capacityBytes)
{
    private readonly Lock _gate = new();
    private readonly List<LogRecord> _records = [];
    private int _first;
    private long _bytes;

    internal void Add(IReadOnlyList<LogRecordHeader> headers, IReadOnlyList<PendingAppend> group)
    {
        lock (_gate)
        {
            for (var i = 0; i < group.Count; i++)
            {
                _records.Add(new LogRecord(headers[i], group[i].Payload));
                _bytes += headers[i].TotalLength;
            }

            while (_bytes > capacityBytes && _first < _records.Count)
            {
                _bytes -= _records[_first].Header.TotalLength;
                _records[_first++] = default;
            }

            // Moving the rest down each time half is gone costs a constant per record.
            if (_first > _records.Count / 2)
            {
                _records.RemoveRange(0, _first);
                _first = 0;
            }
        }
    }

    /// <summary>The record that holds this sequence number, if it is still in memory.</summary>
    internal bool TryGet(long sequence, out LogRecord record)
    {
        lock (_gate)
        {
            var (low, high) = (_first, _records.Count - 1);
            while (low <= high)
            {
                var middle = (low + high) / 2;
                record = _records[middle];
                if (sequence < record.Header.FirstSequence)
                    high = middle - 1;
                else if (sequence >= record.Header.NextSequence)
                    low = middle + 1;
                else
                    return true;
            }
        }

        record = default;
        return false;
    }
}
