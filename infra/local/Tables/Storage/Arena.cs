namespace Serverless.Local.Tables.Storage;

/// <summary>
/// Memory for many small things that are freed together: chunks outside of the garbage-collected heap, so that a
/// million rows cost the collector nothing. One thread allocates; what it allocated may be read by any.
/// </summary>
internal sealed unsafe class Arena
{
    private const int FirstChunkBytes = 16 * 1024;
    private const int LargestChunkBytes = 1024 * 1024;

    private readonly List<(nint Memory, int Bytes)> _chunks = [];
    private byte* _next;
    private byte* _end;
    private int _chunkBytes = FirstChunkBytes / 2;

    /// <summary>The bytes allocated.</summary>
    public long Bytes { get; private set; }

    /// <summary>Uninitialised memory, aligned to eight bytes.</summary>
    public byte* Allocate(int bytes)
    {
        bytes = (bytes + 7) & ~7;
        if (_end - _next < bytes)
        {
            _chunkBytes = Math.Min(_chunkBytes * 2, LargestChunkBytes);
            var size = Math.Max(_chunkBytes, bytes);
            _next = Pages.Allocate(size);
            _end = _next + size;
            _chunks.Add(((nint)_next, size));
        }

        var allocated = _next;
        _next += bytes;
        Bytes += bytes;
        return allocated;
    }

    public void Free()
    {
        foreach (var (memory, size) in _chunks)
            Pages.Free((byte*)memory, size);
        _chunks.Clear();
        _next = _end = null;
        Bytes = 0;
    }
}
