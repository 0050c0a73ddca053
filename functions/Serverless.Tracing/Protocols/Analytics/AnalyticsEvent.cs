using System.Buffers;

namespace Serverless.Tracing.Protocols.Analytics;

/// <summary>The body of one event of the hub <c>analytics</c>: JSON lines in one gzip member. To be disposed of when it has been sent.</summary>
public sealed class AnalyticsEvent : IDisposable
{
    private readonly int _length;
    private byte[]? _buffer;

    internal AnalyticsEvent(byte[] pooled, int length, int lines)
    {
        _buffer = pooled;
        _length = length;
        Lines = lines;
    }

    /// <summary>How many lines it has, one for each span.</summary>
    public int Lines { get; }

    /// <summary>The bytes; gone after <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _buffer is null ? throw new ObjectDisposedException(nameof(AnalyticsEvent)) : _length);

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}
