using System.Buffers;
using System.Threading.Channels;

namespace Serverless.Local;

/// <summary>Datagrams that wait for the app: bounded by count and by memory, because nobody can be asked to send more slowly.</summary>
internal sealed class DatagramQueue
{
    private const int MostDatagrams = 16_384;
    private const long MostBytes = 64 << 20;

    private readonly Channel<Datagram> _channel = Channel.CreateBounded<Datagram>(MostDatagrams);
    private long _bytes;

    /// <summary>Takes a copy of a datagram; false where there is no room for it.</summary>
    public bool TryAdd(ReadOnlySpan<byte> bytes)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(buffer);
        if (Interlocked.Add(ref _bytes, buffer.Length) <= MostBytes && _channel.Writer.TryWrite(new Datagram(buffer, bytes.Length)))
            return true;
        Release(buffer);
        return false;
    }

    /// <summary>Lets the readers come to an end once the queue is empty.</summary>
    public void Complete() => _channel.Writer.TryComplete();

    /// <summary>The datagrams; each is to be given back with <see cref="Release"/>.</summary>
    public IAsyncEnumerable<Datagram> ReadAllAsync(CancellationToken cancellation) => _channel.Reader.ReadAllAsync(cancellation);

    /// <summary>Throws the next datagram away; false where there is none.</summary>
    public bool TryRemove()
    {
        if (!_channel.Reader.TryRead(out var datagram))
            return false;
        Release(datagram.Buffer);
        return true;
    }

    /// <summary>Gives the memory of a datagram back.</summary>
    public void Release(byte[] buffer)
    {
        Interlocked.Add(ref _bytes, -buffer.Length);
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
