using System.Buffers;

namespace Serverless.Functions.Ingest;

/// <summary>A request's body in memory of a pool; disposing gives it back.</summary>
public sealed class RequestBody : IDisposable
{
    // What is larger is rare, and not worth keeping memory for.
    private const int LargestPooledBytes = 8 << 20;

    private readonly int _length;
    private readonly Action? _release;
    private byte[]? _bytes;

    /// <param name="bytes">Memory from <see cref="Rent"/>.</param>
    /// <param name="length">How much of it is the body.</param>
    /// <param name="encoding">How it is compressed, or empty.</param>
    /// <param name="release">Runs when the body is given back.</param>
    internal RequestBody(byte[] bytes, int length, string encoding = "", Action? release = null)
    {
        _bytes = bytes;
        _length = length;
        _release = release;
        Encoding = encoding;
    }

    /// <summary>The body.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>How many bytes it has.</summary>
    public int Length => _length;

    /// <summary>How it is compressed, in the words of its <c>Content-Encoding</c>, or empty.</summary>
    public string Encoding { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_bytes is not { } bytes)
            return;
        _bytes = null;
        Return(bytes);
        _release?.Invoke();
    }

    /// <summary>Memory of at least so many bytes.</summary>
    internal static byte[] Rent(int bytes) =>
        bytes <= LargestPooledBytes ? ArrayPool<byte>.Shared.Rent(bytes) : GC.AllocateUninitializedArray<byte>(bytes);

    /// <summary>Gives memory back.</summary>
    internal static void Return(byte[] bytes)
    {
        if (bytes.Length <= LargestPooledBytes)
            ArrayPool<byte>.Shared.Return(bytes);
    }

    /// <summary>The body as a stream; it holds as long as the body.</summary>
    internal MemoryStream AsStream() => new(_bytes!, 0, _length, writable: false);
}
