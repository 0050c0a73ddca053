using System.Net;
using System.Net.Sockets;
using System.Text;
using Serverless.Tests.Querying;

namespace Serverless.Tests.Ingest;

/// <summary>Bodies that are longer, shorter or later than they should be.</summary>
public sealed class SlowAndLyingRequestsTests(SlowAndLyingRequestsTests.HurriedApp started) : IClassFixture<SlowAndLyingRequestsTests.HurriedApp>
{
    private const int MaxBodyBytes = 4 << 20;
    private const string Json = "application/json";

    [Theory]
    [InlineData("/api/v2/spans")]
    [InlineData("/api/v1/spans")]
    [InlineData("/v1/traces")]
    public async Task A_body_without_a_length_is_bounded_as_well(string path)
    {
        var (status, text) = await started.App.PostAsync(path, Json, new byte[MaxBodyBytes + 1], isChunked: true);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains($"The body has more than {MaxBodyBytes} bytes; send fewer spans in a request.", text);
        (status, _) = await started.App.PostAsync(path, Json, new byte[MaxBodyBytes + 1]);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        await started.App.AssertIsWellAsync();
    }

    [Theory]
    [InlineData("Content-Length: 10\r\n\r\n[")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n")]
    public async Task A_body_that_does_not_come_is_408(string rest)
    {
        using var connection = await ConnectAsync();
        await SendAsync(connection, rest);
        var answer = await ReadAsync(connection);
        Assert.StartsWith("HTTP/1.1 408 ", answer);
        Assert.Contains("The body did not arrive within 1 s", answer);
        await started.App.AssertIsWellAsync();
    }

    [Theory]
    [InlineData("Content-Length: 10\r\n\r\n[")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\n[")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n")]
    public async Task A_body_that_breaks_off_is_no_fault_of_the_system(string rest)
    {
        using var connection = await ConnectAsync();
        await SendAsync(connection, rest);
        connection.Shutdown(SocketShutdown.Send);
        var answer = await ReadAsync(connection);
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal), answer);
        await started.App.AssertIsWellAsync();
    }

    [Theory]
    [InlineData("Content-Length: 2\r\n\r\n[]garbage\r\n\r\n", "HTTP/1.1 202 ")]
    [InlineData("Content-Length: -1\r\n\r\n[]", "HTTP/1.1 400 ")]
    [InlineData("Content-Length: 99999999999999999999\r\n\r\n[]", "HTTP/1.1 400 ")]
    [InlineData("Content-Length: 4194305\r\n\r\n[]", "HTTP/1.1 413 ")]
    [InlineData("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n", "HTTP/1.1 ")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n0\r\n\r\n", "HTTP/1.1 400 ")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n[]\r\n0\r\n\r\n", "HTTP/1.1 400 ")]
    public async Task A_length_that_is_a_lie_is_no_fault_of_the_system(string rest, string expected)
    {
        using var connection = await ConnectAsync();
        await SendAsync(connection, rest);
        var answer = await ReadAsync(connection);
        Assert.StartsWith(expected, answer);
        Assert.DoesNotContain("HTTP/1.1 5", answer);
        await started.App.AssertIsWellAsync();
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(started.App.Client.BaseAddress!.Host, started.App.Client.BaseAddress.Port, CancellationToken.None);
        return socket;
    }

    private static async Task SendAsync(Socket socket, string rest) => await socket.SendAsync(
        Encoding.ASCII.GetBytes($"POST /api/v2/spans HTTP/1.1\r\nHost: x\r\nContent-Type: {Json}\r\nConnection: close\r\n{rest}"), CancellationToken.None);

    /// <summary>All that comes until the connection ends.</summary>
    private static async Task<string> ReadAsync(Socket socket)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var answer = new MemoryStream();
        try
        {
            await using var stream = new NetworkStream(socket);
            await stream.CopyToAsync(answer, deadline.Token);
        }
        catch (IOException)
        {
            // A reset after the answer, because not all of the request was read.
        }

        return Encoding.UTF8.GetString(answer.ToArray());
    }

    public sealed class HurriedApp : IAsyncLifetime
    {
        public QueryApp App { get; private set; } = null!;

        public async ValueTask InitializeAsync() => App = await QueryApp.StartAsync("--Tracing:MaxBodySeconds=1");

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}
