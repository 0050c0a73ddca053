using System.Buffers.Binary;
using Microsoft.AspNetCore.Http;

namespace Serverless.Local;

/// <summary>
/// The only message of a unary call, as the body of a request: after a flag (1: compressed) and the length in 4 bytes, big-endian,
/// the message, and then the end. It is read as it arrives.
/// </summary>
/// <remarks>https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, Length-Prefixed-Message.</remarks>
internal sealed class GrpcMessageStream : Stream
{
    private const int PrefixBytes = 5;

    private readonly Stream _body;
    private long _read;

    private GrpcMessageStream(Stream body, ReadOnlySpan<byte> prefix)
    {
        _body = body;
        IsCompressed = prefix[0] switch
        {
            0 => false,
            1 => true,
            var flag => throw Malformed($"The flag before the message is {flag} at offset 0, not 0 or 1."),
        };
        MessageBytes = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
    }

    /// <summary>Whether the message is compressed as <c>grpc-encoding</c> says.</summary>
    public bool IsCompressed { get; }

    /// <summary>The announced length.</summary>
    public long MessageBytes { get; }

    /// <summary>What was wrong with the body around the message; null until something is found.</summary>
    public GrpcException? Failure { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => MessageBytes;

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    /// <summary>Reads what stands before the message.</summary>
    /// <exception cref="GrpcException">It is not whole, or malformed.</exception>
    public static async Task<GrpcMessageStream> OpenAsync(Stream body, CancellationToken cancellation)
    {
        var prefix = new byte[PrefixBytes];
        var read = await body.ReadAtLeastAsync(prefix, PrefixBytes, throwOnEndOfStream: false, cancellation);
        return read == PrefixBytes
            ? new GrpcMessageStream(body, prefix)
            : throw Malformed($"The body ends after {read} of the {PrefixBytes} bytes before the message.");
    }

    /// <exception cref="BadHttpRequestException">The message is not whole, or is not the last; <see cref="Failure"/> says so, too.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0)
            return 0;
        if (_read == MessageBytes)
        {
            // The client has nothing more to say; if it does, this is no unary call.
            if (await _body.ReadAsync(buffer[..1], cancellationToken) > 0)
                throw Fail($"The body goes on at offset {PrefixBytes + MessageBytes}, after its message of {MessageBytes} bytes; the method takes one message.");
            return 0;
        }

        var read = await _body.ReadAsync(buffer[..(int)Math.Min(buffer.Length, MessageBytes - _read)], cancellationToken);
        if (read == 0)
            throw Fail($"The body ends after {_read} of the message's {MessageBytes} bytes.");
        _read += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("The body of a request is read with ReadAsync.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static GrpcException Malformed(string message) => new(GrpcStatusCode.InvalidArgument, message);

    private BadHttpRequestException Fail(string message)
    {
        Failure = Malformed(message);
        return new BadHttpRequestException(message);
    }
}
