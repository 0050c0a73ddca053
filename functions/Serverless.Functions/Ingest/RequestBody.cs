using System.Buffers;

namespace Serverless.Functions.Ingest;

/// <summary>A request's body, decompressed, in memory of a pool; disposing gives it back.</summary>
public sealed class RequestBody : IDisposable
{
    private byte[]? _bytes;
    private readonly int _length;

    internal RequestBody(byte[] bytes, int length)
    {
        _bytes = bytes;
        _length = length;
    }

    /// <summary>The body.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_bytes is { } bytes)
            ArrayPool<byte>.Shared.Return(bytes);
        _bytes = null;
    }
}
