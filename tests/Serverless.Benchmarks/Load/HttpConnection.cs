using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;

namespace Serverless.Benchmarks.Load;

/// <summary>A server's answer; the body is valid until the connection's next request.</summary>
internal readonly record struct HttpAnswer(int Status, int? RetryAfterSeconds, ReadOnlyMemory<byte> Body)
{
    /// <summary>Whether the status is 2xx.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;
}

/// <summary>
/// One kept-alive HTTP/1.1 connection with one request at a time (RFC 9112), on a blocking socket: what the load generator itself
/// uses of the CPU is not there for the server.
/// </summary>
internal sealed class HttpConnection(Uri server) : IDisposable
{
    private const int TimeoutMilliseconds = 60_000;
    private const int MaxAnswerBytes = 256 * 1024 * 1024;

    private byte[] _buffer = new byte[64 * 1024];
    private Socket? _socket;

    /// <summary>Sends whole requests (head and body), and reads the answer.</summary>
    /// <exception cref="IOException">The connection broke, or the answer is not HTTP; the next request connects anew.</exception>
    public HttpAnswer Send(ReadOnlySpan<byte> request)
    {
        try
        {
            _socket ??= Connect();
            while (request.Length > 0)
                request = request[_socket.Send(request)..];
            return Receive(_socket);
        }
        catch (Exception e) when (e is SocketException or IOException or FormatException)
        {
            Dispose();
            throw new IOException($"{server.Authority}: {e.Message}", e);
        }
    }

    /// <summary>Sends a GET.</summary>
    /// <exception cref="IOException">As for <see cref="Send"/>.</exception>
    public HttpAnswer Get(string pathAndQuery) =>
        Send(Encoding.ASCII.GetBytes($"GET {pathAndQuery} HTTP/1.1\r\nHost: {server.Authority}\r\nAccept: application/json\r\n\r\n"));

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private Socket Connect()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = TimeoutMilliseconds,
            SendTimeout = TimeoutMilliseconds,
        };
        try
        {
            socket.Connect(server.Host, server.Port);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private HttpAnswer Receive(Socket socket)
    {
        var filled = 0;
        int headEnd;
        while ((headEnd = _buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) < 0)
            ReceiveMore(socket, ref filled);

        var head = _buffer.AsSpan(0, headEnd);
        if (!head.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(head[9..], out int status, out _))
            throw new FormatException("the answer is not HTTP/1.1");
        int? retryAfter = Header(head, "Retry-After"u8) is { Length: > 0 } wait && Utf8Parser.TryParse(wait, out int seconds, out _)
            ? seconds : null;
        var closes = Header(head, "Connection"u8).SequenceEqual("close"u8);
        var chunked = Header(head, "Transfer-Encoding"u8).SequenceEqual("chunked"u8);
        Utf8Parser.TryParse(Header(head, "Content-Length"u8), out int length, out _);

        var at = headEnd + 4;
        var body = chunked ? ReceiveChunks(socket, at, ref filled) : ReceiveLength(socket, at, length, ref filled);
        if (closes)
            Dispose();
        return new HttpAnswer(status, retryAfter, body);
    }

    private ReadOnlyMemory<byte> ReceiveLength(Socket socket, int at, int length, ref int filled)
    {
        while (filled - at < length)
            ReceiveMore(socket, ref filled);
        return _buffer.AsMemory(at, length);
    }

    /// <summary>Reads chunks to the last one and moves their data together (RFC 9112, 7.1).</summary>
    private ReadOnlyMemory<byte> ReceiveChunks(Socket socket, int at, ref int filled)
    {
        var start = at;
        var end = at;
        while (true)
        {
            int line;
            while ((line = _buffer.AsSpan(at, filled - at).IndexOf("\r\n"u8)) < 0)
                ReceiveMore(socket, ref filled);
            if (!Utf8Parser.TryParse(_buffer.AsSpan(at, line), out int size, out _, 'X'))
                throw new FormatException("a chunk has no size");
            at += line + 2;
            while (filled - at < size + 2)
                ReceiveMore(socket, ref filled);
            _buffer.AsSpan(at, size).CopyTo(_buffer.AsSpan(end));
            end += size;
            at += size + 2;
            if (size == 0)
                return _buffer.AsMemory(start, end - start);
        }
    }

    private void ReceiveMore(Socket socket, ref int filled)
    {
        if (filled == _buffer.Length)
        {
            if (filled >= MaxAnswerBytes)
                throw new FormatException($"the answer is larger than {MaxAnswerBytes} bytes");
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = socket.Receive(_buffer.AsSpan(filled));
        if (read == 0)
            throw new IOException("the server closed the connection before it had answered");
        filled += read;
    }

    private static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        while (head.IndexOf("\r\n"u8) is >= 0 and var end)
        {
            head = head[(end + 2)..];
            if (head.Length > name.Length && head[name.Length] == ':' && Ascii.EqualsIgnoreCase(head[..name.Length], name))
            {
                var value = head[(name.Length + 1)..];
                var valueEnd = value.IndexOf("\r\n"u8);
                return (valueEnd < 0 ? value : value[..valueEnd]).Trim((byte)' ');
            }
        }

        return default;
    }
}
