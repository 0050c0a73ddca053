using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Serverless.Local;

/// <summary>
/// One file of a partition's log: records one after another, named by the first sequence number in it. Readers see it up to
/// <see cref="Length"/>, which only grows when what is before it is durable.
/// </summary>
internal sealed class LogSegment : IDisposable
{
    internal const string Extension = ".log";

    // Where to start looking for a sequence number: one place per this many bytes of file.
    private const long IndexStep = 256 << 10;

    // A header at a time would be a call to the kernel per header; this takes the small records between in as well.
    private const int ScanBytes = 16 << 10;

    private readonly Lock _gate = new();
    private readonly List<(long Sequence, long Position)> _index;
    private readonly SafeFileHandle _handle;
    private long _length;
    private long _firstTicks;

    private LogSegment(string path, long firstSequence, SafeFileHandle handle, long length)
    {
        Path = path;
        FirstSequence = firstSequence;
        _handle = handle;
        _length = length;
        _index = [(firstSequence, 0)];
    }

    internal string Path { get; }

    internal long FirstSequence { get; }

    /// <summary>The durable bytes of the file.</summary>
    internal long Length => Volatile.Read(ref _length);

    /// <summary>When the first event was enqueued, UTC ticks; null while the segment is empty.</summary>
    internal long? FirstTicks => Volatile.Read(ref _firstTicks) is > 0 and var ticks ? ticks : null;

    internal static string FileName(long firstSequence) => firstSequence.ToString("D20", CultureInfo.InvariantCulture) + Extension;

    internal static LogSegment Create(string folder, long firstSequence)
    {
        var path = System.IO.Path.Combine(folder, FileName(firstSequence));
        var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        LogDirectory.Flush(folder);
        return new LogSegment(path, firstSequence, handle, 0);
    }

    internal static LogSegment Open(string path)
    {
        var firstSequence = long.Parse(System.IO.Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture);
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        var segment = new LogSegment(path, firstSequence, handle, RandomAccess.GetLength(handle));
        if (segment.TryReadHeader(0, out var first))
            segment._firstTicks = first.EnqueuedTicks;
        return segment;
    }

    /// <summary>Writes records behind the durable ones and flushes them to disk. Only then are they part of the segment.</summary>
    internal void Append(IReadOnlyList<ReadOnlyMemory<byte>> parts, IReadOnlyList<LogRecordHeader> headers)
    {
        var end = Length;
        RandomAccess.Write(_handle, parts, end);
        RandomAccess.FlushToDisk(_handle);
        if (end == 0)
            Volatile.Write(ref _firstTicks, headers[0].EnqueuedTicks);
        lock (_gate)
        {
            foreach (var header in headers)
            {
                AddToIndex(header.FirstSequence, end);
                end += header.TotalLength;
            }
        }

        Volatile.Write(ref _length, end);
    }

    /// <summary>Cuts off what is behind this position, durably.</summary>
    internal void Cut(long position)
    {
        RandomAccess.SetLength(_handle, position);
        RandomAccess.FlushToDisk(_handle);
        Volatile.Write(ref _length, position);
        if (position == 0)
            Volatile.Write(ref _firstTicks, 0);
    }

    internal int Read(Span<byte> destination, long position)
    {
        var total = 0;
        while (total < destination.Length)
        {
            var read = RandomAccess.Read(_handle, destination[total..], position + total);
            if (read == 0)
                break;
            total += read;
        }

        return total;
    }

    internal bool TryReadHeader(long position, out LogRecordHeader header)
    {
        Span<byte> bytes = stackalloc byte[LogRecordHeader.Size];
        return LogRecordHeader.TryRead(bytes[..Read(bytes, position)], out header) && position + header.TotalLength <= Length;
    }

    /// <summary>The headers from a position that starts a record; it ends before the first that is not whole.</summary>
    internal IEnumerable<(LogRecordHeader Header, long Position)> Headers(long position)
    {
        var window = new byte[ScanBytes];
        var (windowStart, windowLength) = (0L, 0);
        while (position < Length)
        {
            if (position + LogRecordHeader.Size > windowStart + windowLength)
                (windowStart, windowLength) = (position, Read(window, position));
            if (!LogRecordHeader.TryRead(window.AsSpan(0, windowLength)[(int)(position - windowStart)..], out var header)
                || position + header.TotalLength > Length)
                yield break;
            yield return (header, position);
            position += header.TotalLength;
        }
    }

    /// <summary>Where the record that holds this sequence number starts; <see cref="Length"/> for the one after the last.</summary>
    /// <exception cref="LocalPlatformException">The file is damaged before it.</exception>
    internal long Seek(long sequence)
    {
        var position = Nearest(sequence);
        var length = Length;
        foreach (var (header, at) in Headers(position))
        {
            if (sequence < header.NextSequence)
                return at;
            lock (_gate)
                AddToIndex(header.FirstSequence, at);
            position = at + header.TotalLength;
        }

        return position >= length ? position : throw Damaged(position);
    }

    internal LocalPlatformException Damaged(long position) => new(
        $"The event hub log '{Path}' is damaged at offset {position}: what stands there is not the batch of events that was written. "
        + "Restore the data folder from a copy; or, to give up the events from there on, stop the program and cut the file at that offset.");

    public void Dispose() => _handle.Dispose();

    internal void Delete()
    {
        File.Delete(Path);
        Dispose();
    }

    private long Nearest(long sequence)
    {
        lock (_gate)
        {
            var (low, high) = (0, _index.Count - 1);
            while (low < high)
            {
                var middle = (low + high + 1) / 2;
                if (_index[middle].Sequence <= sequence)
                    low = middle;
                else
                    high = middle - 1;
            }

            return _index[low].Position;
        }
    }

    private void AddToIndex(long sequence, long position)
    {
        if (position >= _index[^1].Position + IndexStep)
            _index.Add((sequence, position));
    }
}
