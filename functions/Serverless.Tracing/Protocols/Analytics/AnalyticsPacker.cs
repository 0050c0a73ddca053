using System.IO.Compression;
using Serverless.Tracing.Assembly;

namespace Serverless.Tracing.Protocols.Analytics;

/// <summary>
/// Packs the lines of traces into as few gzip events as the hub's limit on an event allows. A line is never split over events; those of a trace may
/// be. Used by one packer at a time; keeps its memory between events.
/// </summary>
/// <remarks>
/// A compressor tells how long its output is only when it is flushed. So lines are compressed by the chunk, each flushed, and a chunk is never larger than
/// what surely fits into what is left of the event; as lines compress to a tenth, the last few chunks become smaller and smaller.
/// </remarks>
public sealed class AnalyticsPacker : IDisposable
{
    /// <summary>The least limit on an event, in bytes.</summary>
    public const int MinEventBytes = 64 * 1024;

    private const int ChunkBytes = 64 * 1024;

    // With less room than that an event is full: to fill it would take ever more and smaller chunks.
    private const int LeastRoomBytes = 16 * 1024;

    // The last block, which is empty, and gzip's trailer.
    private const int EndBytes = 64;

    private const int LargestKeptBytes = 4 << 20;

    private readonly int _maxEventBytes;
    private readonly JsonBytes _json = new();
    private readonly AnalyticsLines _lines;
    private readonly Queue<AnalyticsEvent> _full = [];

    private PooledBytes? _event;
    private GZipStream? _gzip;
    private int _eventLines;
    private int _fits;

    /// <summary>A packer with nothing in it.</summary>
    /// <param name="maxEventBytes">How many bytes the body of an event may have; at least <see cref="MinEventBytes"/>.</param>
    public AnalyticsPacker(int maxEventBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxEventBytes, MinEventBytes);
        _maxEventBytes = maxEventBytes;
        _fits = Fitting(maxEventBytes);
        _lines = new AnalyticsLines(Math.Min(AnalyticsLines.DefaultMaxLineBytes, _fits), _json);
    }

    /// <summary>How many lines were packed so far.</summary>
    public long Lines { get; private set; }

    /// <summary>How many of them had to be cut, because alone they were over the limit.</summary>
    public long CutLines => _lines.CutLines;

    /// <summary>Adds the spans of a trace. Events that are full thereby wait in <see cref="TryTake"/>.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="version">1 for the first time that the trace is written, and more each time.</param>
    public void Add(AssembledTrace trace, int version)
    {
        _lines.Begin(trace, version);
        for (var i = 0; i < trace.Tree.Count; i++)
        {
            var before = _json.Length;
            _lines.WriteLine(i);
            if (_json.Length > _fits)
                MakeRoom(before);
            _eventLines++;
            Lines++;
            if (_json.Length >= ChunkBytes)
                Compress(_json.Length, isLast: false);
        }
    }

    /// <summary>An event that is full; false where there is none.</summary>
    /// <param name="full">The event; the caller disposes of it.</param>
    public bool TryTake(out AnalyticsEvent full) => _full.TryDequeue(out full!);

    /// <summary>Ends the event that is not full, if anything is in it; it then waits in <see cref="TryTake"/>.</summary>
    public void Finish()
    {
        if (_eventLines == 0)
            return;
        Compress(_json.Length, isLast: true);
        _json.Trim(LargestKeptBytes);
        _gzip!.Dispose();
        _gzip = null;
        var (pooled, length) = _event!.Detach();
        _event = null;
        _full.Enqueue(new AnalyticsEvent(pooled, length, _eventLines));
        _eventLines = 0;
        _fits = Fitting(_maxEventBytes);
    }

    /// <summary>Forgets everything that was not taken.</summary>
    public void Dispose()
    {
        _gzip?.Dispose();
        _gzip = null;
        _event?.Dispose();
        _event = null;
        _eventLines = 0;
        _json.Reset();
        _fits = Fitting(_maxEventBytes);
        while (TryTake(out var full))
            full.Dispose();
    }

    /// <summary>Compresses all but the last line, and ends the event if that line does not surely fit then.</summary>
    private void MakeRoom(int lastLine)
    {
        if (lastLine > 0)
            Compress(lastLine, isLast: false);
        if (_json.Length <= _fits && _fits >= LeastRoomBytes)
            return;
        // The event ends before the last line, which is not counted yet.
        var line = _json.Written.ToArray();
        _json.Reset();
        Finish();
        _json.Raw(line);
    }

    private void Compress(int bytes, bool isLast)
    {
        _event ??= new PooledBytes();
        _gzip ??= new GZipStream(_event, CompressionLevel.Fastest, leaveOpen: true);
        _gzip.Write(_json.Written[..bytes]);
        _json.RemoveFirst(bytes);
        if (isLast)
            return;
        _gzip.Flush();
        _fits = Fitting(_maxEventBytes - (int)_event.Length);
    }

    // At its fastest level the compressor spends at most 9 bits on a byte (zlib-ng's deflate_quick, fixed Huffman codes).
    private static int Fitting(int room) => (int)Math.Max(0, (room - EndBytes - EndBytes) * 8L / 9);
}
