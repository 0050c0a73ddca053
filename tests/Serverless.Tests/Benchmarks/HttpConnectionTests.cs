using System.Net;
using System.Net.Sockets;
using System.Text;
using Serverless.Benchmarks.Load;

namespace Serverless.Tests.Benchmarks;

public class HttpConnectionTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, null, "hello")]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", 200, null, "hello")]
    [InlineData("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 429, 7, "")]
    [InlineData("HTTP/1.1 202 Accepted\r\n\r\n", 202, null, "")]
    public async Task Answers_are_read_however_they_arrive(string answer, int status, int? retryAfter, string body)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, answer, byteByByte: true);
        using var connection = new HttpConnection(new Uri($"http://{listener.LocalEndpoint}"));
        var read = await Task.Run(() =>
        {
            var got = connection.Get("/");
            return (got.Status, got.RetryAfterSeconds, Body: Encoding.UTF8.GetString(got.Body.Span));
        }, TestContext.Current.CancellationToken);
        await serving;
        Assert.Equal((status, retryAfter, body), read);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_an_error_that_names_the_server()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", byteByByte: false);
        using var connection = new HttpConnection(new Uri($"http://{listener.LocalEndpoint}"));
        var error = await Assert.ThrowsAsync<IOException>(() => Task.Run(() => connection.Get("/").Status, TestContext.Current.CancellationToken));
        await serving;
        Assert.Equal($"{listener.LocalEndpoint}: the server closed the connection before it had answered", error.Message);
    }

    private static async Task ServeAsync(TcpListener listener, string answer, bool byteByByte)
    {
        using var socket = await listener.AcceptSocketAsync();
        socket.NoDelay = true;
        await socket.ReceiveAsync(new byte[4096]);
        foreach (var part in byteByByte ? Encoding.ASCII.GetBytes(answer).Chunk(1) : [Encoding.ASCII.GetBytes(answer)])
            await socket.SendAsync(part);
    }
}
