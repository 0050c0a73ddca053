using Serverless.Functions.Querying;

namespace Serverless.Functions.Finalizing;

/// <summary>Reads the traces of an item ahead of their turn: enough to hide the way to a remote service, not more than fits the memory.</summary>
internal sealed class TraceQueue(IReadOnlyList<ulong> traces, Func<ulong, Task<StoredTraceRows>> read)
{
    private const int MostAhead = 16;
    private const long MostBytesAhead = 16 << 20;

    private readonly Queue<(ulong Low, Task<StoredTraceRows> Rows)> _ahead = new(MostAhead);
    private int _next;

    /// <summary>The next trace and its rows; null behind the last.</summary>
    public async ValueTask<(ulong Low, StoredTraceRows Rows)?> NextAsync()
    {
        while (_next < traces.Count && (_ahead.Count == 0 || (_ahead.Count < MostAhead && BytesAhead() < MostBytesAhead)))
        {
            var low = traces[_next++];
            _ahead.Enqueue((low, read(low)));
        }

        if (!_ahead.TryDequeue(out var next))
            return null;
        return (next.Low, await next.Rows);
    }

    private long BytesAhead()
    {
        var bytes = 0L;
        foreach (var (_, rows) in _ahead)
            bytes += rows.IsCompletedSuccessfully ? rows.Result.Bytes : 0;
        return bytes;
    }
}
