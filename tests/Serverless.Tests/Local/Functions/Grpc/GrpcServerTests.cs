using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Tests.Local.Functions.Grpc;

/// <summary>The calls that the runner makes of gRPC, and the statuses that it makes of a function's answers.</summary>
public sealed class GrpcServerTests(GrpcServerTests.Runner fixture) : IClassFixture<GrpcServerTests.Runner>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private GrpcCaller Caller => fixture.Caller;

    [Theory]
    [InlineData("application/grpc")]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc; charset=utf-8")]
    public async Task A_message_goes_to_the_function_of_the_route_and_its_answer_comes_back(string type)
    {
        var reply = await Caller.CallAsync(GrpcCaller.Frame("echo abc"u8.ToArray()), type: type);
        Assert.Equal((HttpStatusCode.OK, "application/grpc", 0), (reply.HttpStatus, reply.ContentType, reply.Status));
        Assert.False(reply.IsTrailersOnly);
        Assert.Equal("POST /v1/traces application/x-protobuf 8 '': echo abc", Encoding.UTF8.GetString(reply.Message));
    }

    [Fact]
    public async Task An_empty_message_is_a_message_and_an_empty_answer_is_one()
    {
        var reply = await Caller.CallAsync(GrpcCaller.Frame([]));
        Assert.Equal(0, reply.Status);
        Assert.Equal(new byte[5], reply.Body);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task A_compressed_message_arrives_with_its_encoding(string encoding)
    {
        var reply = await Caller.CallAsync(GrpcCaller.Frame("echo abc"u8.ToArray(), flag: 1), metadata: ("grpc-encoding", encoding));
        Assert.Equal($"POST /v1/traces application/x-protobuf 8 '{encoding}': echo abc", Encoding.UTF8.GetString(reply.Message));
        var plain = await Caller.CallAsync(GrpcCaller.Frame("echo abc"u8.ToArray()), metadata: ("grpc-encoding", encoding));
        Assert.Equal("POST /v1/traces application/x-protobuf 8 '': echo abc", Encoding.UTF8.GetString(plain.Message));
    }

    [Theory]
    [InlineData(400, 3, "The message is malformed.")]
    [InlineData(401, 16, "The function key is missing or wrong; send it as metadata x-functions-key.")]
    [InlineData(403, 7, "This client may not call the method.")]
    [InlineData(404, 12, "The app has no function for the method.")]
    [InlineData(408, 4, "The message did not arrive in time.")]
    [InlineData(413, 8, "The message is too large; send fewer spans in a request.")]
    [InlineData(415, 12, "The app does not take messages of this kind.")]
    [InlineData(500, 13, "The app's function failed; its log says why.")]
    [InlineData(504, 14, "The app is not available; try again later.")]
    [InlineData(418, 2, "The app answered with status 418.")]
    public async Task A_status_of_HTTP_becomes_one_of_gRPC_and_is_not_to_be_tried_again(int http, int grpc, string text)
    {
        var reply = await Caller.CallAsync(GrpcCaller.Frame(Encoding.UTF8.GetBytes($"status {http}")));
        Assert.Equal((HttpStatusCode.OK, grpc, text), (reply.HttpStatus, reply.Status, reply.Text));
        Assert.True(reply.IsTrailersOnly);
        Assert.Empty(reply.Body);
        Assert.Null(reply.RetryDelay);
    }

    [Theory]
    [InlineData("status 429", 8, 1)]
    [InlineData("status 429 7", 8, 7)]
    [InlineData("status 503", 14, 1)]
    [InlineData("status 503 120", 14, 120)]
    public async Task What_may_be_tried_again_says_when(string order, int grpc, int seconds)
    {
        var reply = await Caller.CallAsync(GrpcCaller.Frame(Encoding.UTF8.GetBytes(order)));
        Assert.Equal((grpc, TimeSpan.FromSeconds(seconds)), (reply.Status, reply.RetryDelay));
    }

    [Theory]
    [InlineData("rpc", "100 % größer\nthan \"that\"")]
    [InlineData("text", "plain words")]
    public async Task The_text_of_the_answer_is_the_message_of_the_status(string form, string text)
    {
        var reply = await Caller.CallAsync(GrpcCaller.Frame(Encoding.UTF8.GetBytes($"{form} {text}")));
        Assert.Equal((3, text), (reply.Status, reply.Text));
        Assert.All(reply.Metadata["grpc-message"], c => Assert.InRange(c, ' ', '~'));
    }

    [Fact]
    public async Task A_long_text_is_cut_between_characters()
    {
        var reply = await Caller.CallAsync(GrpcCaller.Frame(Encoding.UTF8.GetBytes("text " + new string('ü', 4_000))));
        Assert.Equal(new string('ü', 512) + "...", reply.Text);
    }

    [Fact]
    public async Task A_function_that_throws_is_an_internal_error()
    {
        var reply = await Caller.CallAsync(GrpcCaller.Frame("throw"u8.ToArray()));
        Assert.Equal((13, "The app's function failed; its log says why."), (reply.Status, reply.Text));
    }

    [Theory]
    [InlineData("/opentelemetry.proto.collector.logs.v1.LogsService/Export")]
    [InlineData("/opentelemetry.proto.collector.trace.v1.traceservice/Export")]
    [InlineData("/v1/traces")]
    [InlineData("/")]
    public async Task An_unknown_method_is_unimplemented(string path)
    {
        var reply = await Caller.CallAsync(GrpcCaller.Frame([]), path);
        Assert.Equal((12, $"There is no method '{path}' here, only '{GrpcCaller.Export}' and '{GrpcCaller.ExportMetrics}'."), (reply.Status, reply.Text));
    }

    [Fact]
    public async Task An_unknown_kind_of_message_is_unimplemented()
    {
        var reply = await Caller.CallAsync(GrpcCaller.Frame([]), type: "application/grpc+json");
        Assert.Equal((12, "Content-Type 'application/grpc+json' is not supported; use application/grpc or application/grpc+proto."), (reply.Status, reply.Text));
    }

    [Fact]
    public async Task An_unknown_encoding_is_unimplemented_and_told_the_known_ones()
    {
        var reply = await Caller.CallAsync(GrpcCaller.Frame([1], flag: 1), metadata: ("grpc-encoding", "zstd"));
        Assert.Equal((12, "grpc-encoding 'zstd' is not supported; use one of identity,deflate,gzip."), (reply.Status, reply.Text));
        Assert.Equal("identity,deflate,gzip", reply.Metadata["grpc-accept-encoding"]);
    }

    [Theory]
    [InlineData("application/json", 415)]
    [InlineData("text/plain", 415)]
    public async Task What_is_not_gRPC_is_told_so_in_HTTP(string type, int status)
    {
        var reply = await Caller.CallAsync([], type: type);
        Assert.Equal(status, (int)reply.HttpStatus);
        using var got = await Caller.SendAsync(HttpMethod.Get, GrpcCaller.Export);
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "POST"), (got.StatusCode, got.Content.Headers.Allow.Single()));
    }

    [Theory]
    [InlineData("", "The body ends after 0 of the 5 bytes before the message.")]
    [InlineData("00000000", "The body ends after 4 of the 5 bytes before the message.")]
    [InlineData("0200000000", "The flag before the message is 2 at offset 0, not 0 or 1.")]
    [InlineData("000000000361", "The body ends after 1 of the message's 3 bytes.")]
    [InlineData("000000000161620000", "The body goes on at offset 6, after its message of 1 bytes; the method takes one message.")]
    [InlineData("00000000000000000000", "The body goes on at offset 5, after its message of 0 bytes; the method takes one message.")]
    [InlineData("010000000161", "The message is marked as compressed at offset 0, but grpc-encoding does not say how.")]
    public async Task Malformed_frames_are_invalid_arguments_with_the_offset(string hex, string text)
    {
        var reply = await Caller.CallAsync(Convert.FromHexString(hex));
        Assert.Equal((3, text), (reply.Status, reply.Text));
    }

    [Fact]
    public async Task A_message_longer_than_any_is_refused_by_its_announcement()
    {
        var reply = await Caller.CallAsync(GrpcCaller.Frame([1, 2, 3], length: uint.MaxValue));
        Assert.Equal((8, "The message is too large; send fewer spans in a request."), (reply.Status, reply.Text));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("S")]
    [InlineData("123456789S")]
    [InlineData("-1S")]
    [InlineData("1s")]
    public async Task A_malformed_timeout_is_refused(string timeout)
    {
        var reply = await Caller.CallAsync(GrpcCaller.Frame([]), metadata: ("grpc-timeout", timeout));
        Assert.Equal((3, $"grpc-timeout '{timeout}' is malformed; it is 1 to 8 digits and one of H, M, S, m, u, n."), (reply.Status, reply.Text));
    }

    [Theory]
    [InlineData("99999999H")]
    [InlineData("10S")]
    [InlineData("60000000u")]
    public async Task A_timeout_that_is_kept_makes_no_difference(string timeout)
    {
        var reply = await Caller.CallAsync(GrpcCaller.Frame("echo"u8.ToArray()), metadata: ("grpc-timeout", timeout));
        Assert.Equal(0, reply.Status);
    }

    [Theory]
    [InlineData("50m")]
    [InlineData("100n")]
    [InlineData("0S")]
    public async Task A_function_that_takes_longer_than_the_timeout_is_cancelled(string timeout)
    {
        var reply = await Caller.CallAsync(GrpcCaller.Frame("hang"u8.ToArray()), metadata: ("grpc-timeout", timeout));
        Assert.Equal((4, $"The call was not done within its grpc-timeout, {timeout}."), (reply.Status, reply.Text));
    }

    [Fact]
    public async Task A_message_that_does_not_come_ends_with_the_timeout()
    {
        var body = new StalledContent(GrpcCaller.Frame("echo"u8.ToArray(), length: 10));
        var reply = await Caller.CallAsync(body, metadata: ("grpc-timeout", "50m"));
        Assert.Equal((4, "The call was not done within its grpc-timeout, 50m."), (reply.Status, reply.Text));
    }

    [Fact]
    public async Task A_client_that_leaves_cancels_the_function()
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(fixture.GrpcAddress, GrpcCaller.Export))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(GrpcCaller.Frame("hang noting"u8.ToArray())),
        };
        request.Content.Headers.ContentType = new("application/grpc");
        var call = http.SendAsync(request, gone.Token);
        await Poll.UntilAsync(() => fixture.Probe.Notes.Contains("hangs"), "the function to begin");
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Poll.UntilAsync(() => fixture.Probe.Notes.Contains("cancelled"), "the function to end");
    }

    [Fact]
    public async Task Many_calls_share_a_connection()
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Caller.CallAsync(GrpcCaller.Frame(Encoding.UTF8.GetBytes($"echo {i}")))));
        Assert.All(replies, (reply, i) => Assert.EndsWith($": echo {i}", Encoding.UTF8.GetString(reply.Message)));
    }

    [Fact]
    public async Task The_port_has_nothing_but_HTTP_2_and_the_others_have_no_gRPC()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(fixture.GrpcAddress.Host, fixture.GrpcAddress.Port, Cancellation);
        await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), Cancellation);
        using var reader = new StreamReader(client.GetStream());
        Assert.StartsWith("HTTP/1.1 400 ", await reader.ReadLineAsync(Cancellation));
        using var other = await fixture.Client.PostAsync(GrpcCaller.Export, new ByteArrayContent([]), Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    [Fact]
    public async Task A_message_of_many_packets_arrives_and_goes_whole()
    {
        var text = "echo " + string.Concat(Enumerable.Range(0, 60_000).Select(i => i.ToString()));
        var reply = await Caller.CallAsync(GrpcCaller.Frame(Encoding.UTF8.GetBytes(text)));
        Assert.EndsWith(": " + text, Encoding.UTF8.GetString(reply.Message));
    }

    /// <summary>Answers as the message says.</summary>
    public sealed class Traces(TestProbe probe)
    {
        [Function("traces")]
        public async Task<IResult> PostAsync(
            [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v1/traces")] HttpRequest request, CancellationToken cancellation)
        {
            using var reader = new StreamReader(request.Body);
            var text = await reader.ReadToEndAsync(cancellation);
            var words = text.Split(' ', 2);
            switch (words[0])
            {
                case "echo":
                    return Results.Text(
                        $"{request.Method} {request.Path} {request.ContentType} {request.ContentLength} '{request.Headers.ContentEncoding}': {text}");
                case "status":
                    if (words[1].Split(' ') is [_, var seconds])
                        request.HttpContext.Response.Headers.RetryAfter = seconds;
                    return Results.StatusCode(int.Parse(words[1].Split(' ')[0]));
                case "rpc":
                    return new Answer("application/x-protobuf", RpcStatus(words[1]));
                case "text":
                    return new Answer("text/plain", Encoding.UTF8.GetBytes(words[1]));
                case "throw":
                    throw new InvalidOperationException("Thrown by the function.");
                case "hang":
                    await HangAsync(words.Length > 1, cancellation);
                    return Results.Ok();
                default:
                    return Results.StatusCode(200);
            }
        }

        private static byte[] RpcStatus(string text) =>
            new Protocols.Otlp.ProtoMessage().Varint(1, 3).Fixed64(7, 1).Fixed32(8, 1).Text(2, text).Bytes(3, 1, 2).ToArray();

        private async Task HangAsync(bool isNoted, CancellationToken cancellation)
        {
            if (isNoted)
                await probe.NoteAsync("hangs", CancellationToken.None);
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                if (isNoted)
                    await probe.NoteAsync("cancelled", CancellationToken.None);
            }
        }

        private sealed class Answer(string type, byte[] body) : IResult
        {
            public async Task ExecuteAsync(HttpContext httpContext)
            {
                httpContext.Response.StatusCode = 400;
                httpContext.Response.ContentType = type;
                await httpContext.Response.Body.WriteAsync(body);
            }
        }
    }

    public sealed class Runner : IAsyncLifetime
    {
        private TestRunner? _runner;
        private GrpcCaller? _caller;

        internal GrpcCaller Caller => _caller!;

        internal HttpClient Client => _runner!.Client;

        public TestProbe Probe => _runner!.Probe;

        public Uri GrpcAddress => _runner!.GrpcAddress!;

        public async ValueTask InitializeAsync()
        {
            _runner = await TestRunner.StartAsync(
                [typeof(Traces)], hostJson: """{ "extensions": { "http": { "routePrefix": "" } } }""", args: ["--grpc-port", "0"]);
            _caller = new GrpcCaller(GrpcAddress);
        }

        public async ValueTask DisposeAsync()
        {
            _caller?.Dispose();
            if (_runner is not null)
                await _runner.DisposeAsync();
        }
    }
}
