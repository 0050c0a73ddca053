using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Serverless.Tests.Protocols.Otlp;
using Serverless.Tests.Querying;

namespace Serverless.Tests.Local.Functions.Grpc;

/// <summary>The whole app behind gRPC.</summary>
public sealed class GrpcIngestTests(GrpcIngestTests.App fixture) : IClassFixture<GrpcIngestTests.App>
{
    private const int MaxBodyBytes = 100_000;
    private const int MaxDecodedBytes = 200_000;

    [Theory]
    [InlineData(false, "7b8efff798038103d269b633813fc601")]
    [InlineData(true, "7b8efff798038103d269b633813fc602")]
    public async Task Spans_are_stored(bool isCompressed, string traceId)
    {
        var message = OtlpMessages.Request(Span(traceId)).ToArray();
        var frame = GrpcCaller.Frame(isCompressed ? Gzip(message) : message, isCompressed ? (byte)1 : (byte)0);
        var reply = await fixture.Caller.CallAsync(frame, metadata: ("grpc-encoding", "gzip"));
        Assert.Equal(0, reply.Status);
        Assert.Empty(reply.Message);
        var trace = await fixture.Query.UntilAsync($"/api/v2/trace/{traceId}", a => a.Status == HttpStatusCode.OK);
        Assert.Equal(OtlpMessages.SpanIdHex, trace.Json[0].GetProperty("id").GetString());
    }

    [Fact]
    public async Task Metrics_are_taken()
    {
        var reply = await fixture.Caller.CallAsync(GrpcCaller.Frame(OtlpMetricMessages.Full()), GrpcCaller.ExportMetrics);
        Assert.Equal(0, reply.Status);
        Assert.Empty(reply.Message);
        var refused = await fixture.Caller.CallAsync(GrpcCaller.Frame(OtlpMetricMessages.Full()[..^1]), GrpcCaller.ExportMetrics);
        Assert.Equal(3, refused.Status);
        Assert.Contains("Malformed OTLP protobuf: ", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invalid_spans_are_reported_as_partial_success()
    {
        var message = OtlpMessages.Request(Span("7b8efff798038103d269b633813fc603")).ToArray()
            .Concat(OtlpMessages.Request(new ProtoMessage().Hex(1, "00").Hex(2, OtlpMessages.SpanIdHex)).ToArray()).ToArray();
        var reply = await fixture.Caller.CallAsync(GrpcCaller.Frame(message));
        Assert.Equal(0, reply.Status);
        Assert.Equal([0x0A, (byte)(reply.Message.Length - 2), 0x08, 1, 0x12], reply.Message[..5]);
    }

    [Theory]
    [InlineData("0a05", "at byte 1")]
    [InlineData("ff", "")]
    public async Task A_malformed_message_is_an_invalid_argument_with_its_place(string hex, string place)
    {
        var reply = await fixture.Caller.CallAsync(GrpcCaller.Frame(Convert.FromHexString(hex)));
        Assert.Equal(3, reply.Status);
        Assert.NotEqual("", reply.Text);
        Assert.Contains(place, reply.Text);
        Assert.Null(reply.RetryDelay);
    }

    [Fact]
    public async Task Every_changed_or_missing_byte_is_taken_or_refused_as_the_clients_mistake()
    {
        var frame = GrpcCaller.Frame(OtlpMessages.Full());
        var bodies = Enumerable.Range(0, frame.Length).SelectMany(i => (byte[][])[frame[..i], [.. frame[..i], (byte)~frame[i], .. frame[(i + 1)..]]]);
        foreach (var chunk in bodies.Chunk(50))
        {
            var replies = await Task.WhenAll(chunk.Select(body => fixture.Caller.CallAsync(body)));
            Assert.All(replies, reply => Assert.Contains(reply.Status, (int[])[0, 3, 8]));
            Assert.All(replies, reply => Assert.True(reply.Status == 0 || reply.Text.Length > 0));
        }
    }

    [Fact]
    public async Task What_does_not_decompress_is_an_invalid_argument()
    {
        var reply = await fixture.Caller.CallAsync(GrpcCaller.Frame("no gzip"u8.ToArray(), 1), metadata: ("grpc-encoding", "gzip"));
        Assert.Equal(3, reply.Status);
        Assert.StartsWith("The body is not valid gzip", reply.Text);
    }

    [Fact]
    public async Task A_message_over_the_bounds_is_not_to_be_sent_again()
    {
        var reply = await fixture.Caller.CallAsync(GrpcCaller.Frame(new byte[MaxBodyBytes + 1]));
        Assert.Equal((8, $"The body has more than {MaxBodyBytes} bytes; send fewer spans in a request."), (reply.Status, reply.Text));
        Assert.Null(reply.RetryDelay);
        reply = await fixture.Caller.CallAsync(GrpcCaller.Frame(Gzip(new byte[MaxDecodedBytes + 1]), 1), metadata: ("grpc-encoding", "gzip"));
        Assert.Equal(
            (8, $"The body has more than {MaxDecodedBytes} bytes after decompression; send fewer spans in a request."), (reply.Status, reply.Text));
        Assert.Null(reply.RetryDelay);
        reply = await fixture.Caller.CallAsync(GrpcCaller.Frame(Padded(MaxBodyBytes)));
        Assert.Equal(0, reply.Status);
    }

    [Fact]
    public async Task Keys_are_asked_for_where_HTTP_asks_for_them()
    {
        await using var app = await QueryApp.StartAsync("--grpc-port", "0", "--require-keys");
        using var caller = new GrpcCaller(app.GrpcAddress!);
        var message = GrpcCaller.Frame(OtlpMessages.Request(Span("7b8efff798038103d269b633813fc604")).ToArray());
        var refused = await caller.CallAsync(message);
        Assert.Equal((16, "The function key is missing or wrong; send it as metadata x-functions-key."), (refused.Status, refused.Text));
        using var keys = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(app.Folder, "keys.json"), CancellationToken.None));
        var reply = await caller.CallAsync(message, metadata: ("x-functions-key", keys.RootElement.GetProperty("master").GetString()!));
        Assert.Equal(0, reply.Status);
    }

    [Fact]
    public async Task A_hub_that_takes_nothing_makes_it_unavailable_with_a_delay()
    {
        await using var app = await QueryApp.StartAsync("--grpc-port", "0", "--faults", "hub.send:fail", "--Tracing:SendSeconds", "0.1");
        using var caller = new GrpcCaller(app.GrpcAddress!);
        var reply = await caller.CallAsync(GrpcCaller.Frame(OtlpMessages.Request(Span("7b8efff798038103d269b633813fc605")).ToArray()));
        Assert.Equal(14, reply.Status);
        Assert.NotEqual("", reply.Text);
        Assert.True(reply.RetryDelay > TimeSpan.Zero);
    }

    private static ProtoMessage Span(string traceId) =>
        new ProtoMessage().Hex(1, traceId).Hex(2, OtlpMessages.SpanIdHex).Text(5, "grpc").Fixed64(7, 1_700_000_000_000_000_000).Fixed64(8, 1_700_000_000_000_001_000);

    /// <summary>A request without spans of a certain length.</summary>
    private static byte[] Padded(int length) => new ProtoMessage().Bytes(100, new byte[length - 5]).ToArray()[..length];

    private static byte[] Gzip(byte[] bytes)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return compressed.ToArray();
    }

    public sealed class App : IAsyncLifetime
    {
        private QueryApp? _app;
        private GrpcCaller? _caller;

        public QueryApp Query => _app!;

        internal GrpcCaller Caller => _caller!;

        public async ValueTask InitializeAsync()
        {
            _app = await QueryApp.StartAsync(
                "--grpc-port", "0", "--Tracing:MaxBodyBytes", $"{MaxBodyBytes}", "--Tracing:MaxDecodedBytes", $"{MaxDecodedBytes}");
            _caller = new GrpcCaller(_app.GrpcAddress!);
        }

        public async ValueTask DisposeAsync()
        {
            _caller?.Dispose();
            if (_app is not null)
                await _app.DisposeAsync();
        }
    }
}
