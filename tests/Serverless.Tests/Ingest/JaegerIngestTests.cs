using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Serverless.Tests.Protocols.Jaeger;
using Serverless.Tests.Querying;
using static Serverless.Tests.Protocols.Thrift.ThriftNode;

namespace Serverless.Tests.Ingest;

public sealed class JaegerIngestTests(JaegerIngestTests.Fixture fixture) : IClassFixture<JaegerIngestTests.Fixture>
{
    private const string Thrift = "application/x-thrift";
    private const string Path = "/api/traces";

    private static readonly byte[] Good = JaegerCorpus.Batch(JaegerCorpus.Span()).Write(compact: false);

    private QueryApp App => fixture.App;

    [Theory]
    [InlineData("application/x-thrift")]
    [InlineData("application/vnd.apache.thrift.binary")]
    [InlineData("Application/X-Thrift; charset=utf-8")]
    public async Task A_batch_is_answered_with_202_and_nothing(string type)
    {
        var (status, text) = await PostAsync(type, Good, query: "?format=jaeger.thrift");
        Assert.Equal((HttpStatusCode.Accepted, ""), (status, text));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task It_may_be_compressed(string encoding)
    {
        using var compressed = new MemoryStream();
        await using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(compressed, CompressionMode.Compress, leaveOpen: true),
            "br" => new BrotliStream(compressed, CompressionMode.Compress, leaveOpen: true),
            _ => new ZLibStream(compressed, CompressionMode.Compress, leaveOpen: true),
        })
            stream.Write(Good);
        Assert.Equal((HttpStatusCode.Accepted, ""), await PostAsync(Thrift, compressed.ToArray(), encoding));
    }

    [Theory]
    [InlineData("", "Cannot parse content type: mime: no media type\n")]
    [InlineData("thrift", "Cannot parse content type: mime: 'thrift' is no media type\n")]
    [InlineData("application/json", "Unsupported content type: application/json\n")]
    [InlineData("application/vnd.apache.thrift.compact", "Unsupported content type: application/vnd.apache.thrift.compact\n")]
    [InlineData("application/x-thrift; message=emitBatch", "Unsupported content type: application/x-thrift\n")]
    [InlineData("application/vnd.apache.thrift.binary; message=other", "Unsupported content type: application/vnd.apache.thrift.binary\n")]
    public async Task Other_content_types_are_refused_in_jaegers_words(string type, string expected) =>
        Assert.Equal((HttpStatusCode.BadRequest, expected), await PostAsync(type, Good));

    [Fact]
    public async Task Bodies_that_are_no_batch_are_refused_with_the_place()
    {
        Assert.Equal(
            (HttpStatusCode.BadRequest, "Unable to process request body: Malformed Jaeger thrift binary: at byte 0: 1 bytes expected, but only 0 are left\n"),
            await PostAsync(Thrift, []));
        Assert.Equal(
            (HttpStatusCode.BadRequest, "Unable to process request body: Malformed Jaeger thrift binary: at byte 0: required field process is not set\n"),
            await PostAsync(Thrift, [0]));
        var (status, text) = await PostAsync(Thrift, Good, encoding: "zip");
        Assert.Equal(
            (HttpStatusCode.UnsupportedMediaType, "Unable to process request body: Content-Encoding 'zip' is not supported; use one of gzip, deflate, br, identity.\n"),
            (status, text));
    }

    [Fact]
    public async Task Good_spans_are_kept_beside_bad_ones_but_only_bad_ones_are_refused()
    {
        var zero = JaegerCorpus.Span().With(3, I64(0));
        Assert.Equal((HttpStatusCode.Accepted, ""), await PostAsync(Thrift, JaegerCorpus.Batch(zero, JaegerCorpus.Span().With(1, I64(0x77))).Write(compact: false)));
        await App.UntilAsync("/api/traces/77", answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(
            (HttpStatusCode.BadRequest, "Unable to process request body: none of the spans can be taken: spans[0].spanId at byte 23: an id of zero\n"),
            await PostAsync(Thrift, JaegerCorpus.Batch(zero).Write(compact: false)));
    }

    [Theory]
    [InlineData("every-field.http.bin", "application/x-thrift")]
    [InlineData("every-field.binary.bin", "application/vnd.apache.thrift.binary; message=emitBatch")]
    [InlineData("every-field.compact.bin", "application/vnd.apache.thrift.compact;message=\"emitBatch\"")]
    public async Task Whatever_the_form_the_trace_is_found(string file, string type)
    {
        Assert.Equal((HttpStatusCode.Accepted, ""), await PostAsync(type, JaegerCorpus.Read(file)));
        var answer = await App.UntilAsync("/api/traces/463ac35c9f6413ad8848a5a3953bb612", answer => answer.Status == HttpStatusCode.OK);
        var trace = answer.Json.GetProperty("data")[0];
        Assert.Equal("orders", trace.GetProperty("processes").GetProperty("p1").GetProperty("serviceName").GetString());
        Assert.Contains("GET /orders/{id}", trace.GetProperty("spans").EnumerateArray().Select(span => span.GetProperty("operationName").GetString()));
    }

    [Fact]
    public async Task A_hub_that_takes_nothing_is_told_with_503_and_retry_after()
    {
        await using var app = await QueryApp.StartAsync("--faults", "hub.send:fail", "--Tracing:SendSeconds=0.1");
        using var body = new ByteArrayContent(Good) { Headers = { ContentType = new MediaTypeHeaderValue(Thrift) } };
        using var answer = await app.Client.PostAsync(Path, body, CancellationToken.None);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter?.Delta);
        var text = await answer.Content.ReadAsStringAsync(CancellationToken.None);
        Assert.StartsWith("Cannot submit Jaeger batch: ", text);
    }

    private async Task<(HttpStatusCode Status, string Text)> PostAsync(string type, byte[] body, string? encoding = null, string query = "")
    {
        using var content = new ByteArrayContent(body);
        if (type.Length > 0)
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        if (encoding is not null)
            content.Headers.ContentEncoding.Add(encoding);
        using var answer = await App.Client.PostAsync(Path + query, content, CancellationToken.None);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(CancellationToken.None));
    }

    public sealed class Fixture : IAsyncLifetime
    {
        public QueryApp App { get; private set; } = null!;

        public async ValueTask InitializeAsync() => App = await QueryApp.StartAsync();

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}
