using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Serverless.Tracing.Model;
using static Serverless.Tests.Assembly.SampleSpan;

namespace Serverless.Tests.Querying.Jaeger;

[Collection(StoredTracesCollection.Name)]
public sealed class JaegerTransformTests(StoredTraces stored)
{
    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json")]
    [InlineData("application/x-protobuf")]
    public async Task OTLP_becomes_Jaegers_JSON_whatever_the_content_type(string contentType)
    {
        var (status, json) = await TransformAsync(
            OtlpBody.Of(Of(1), Of(2, 1, at: 1), Of(1, trace: new TraceId(0, 9)), Of(2, 1, at: 5)), contentType);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(["data", "total", "limit", "offset", "errors"], json.EnumerateObject().Select(p => p.Name));
        Assert.Equal(JsonValueKind.Null, json.GetProperty("errors").ValueKind);
        var traces = json.GetProperty("data").EnumerateArray().ToArray();
        Assert.Equal(["00000000000000070000000000000001", "0000000000000009"], traces.Select(trace => trace.GetProperty("traceID").GetString()));
        // Nothing is merged: what is shown is what the file says.
        Assert.Equal(3, traces[0].GetProperty("spans").GetArrayLength());
    }

    [Fact]
    public async Task Nothing_of_it_is_stored()
    {
        await TransformAsync(OtlpBody.Of(Of(1, trace: new TraceId(0, 0x7777))), "text/plain");
        Assert.Equal(HttpStatusCode.NotFound, (await stored.App.GetAsync("/api/traces/7777")).Status);
    }

    [Theory]
    [InlineData("Bad Payload", "cannot unmarshal OTLP : Malformed OTLP JSON: at byte 0: ")]
    [InlineData("", "cannot unmarshal OTLP : Malformed OTLP JSON: ")]
    [InlineData("{\"resourceSpans\":[{\"scopeSpans\":1}]}", "cannot unmarshal OTLP : Malformed OTLP JSON: resourceSpans[0].scopeSpans at byte ")]
    public async Task What_is_not_OTLP_is_400(string body, string error)
    {
        var (status, json) = await TransformAsync(body, "text/plain");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith(error, json.GetProperty("errors")[0].GetProperty("msg").GetString(), StringComparison.Ordinal);
        Assert.Equal(400, json.GetProperty("errors")[0].GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task Spans_that_are_invalid_are_left_out_and_told()
    {
        var body = OtlpBody.Of(Of(1), Of(2)).Replace("\"spanId\":\"0000000000000002\"", "\"spanId\":\"\"", StringComparison.Ordinal);
        var (status, json) = await TransformAsync(body, "text/plain");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(1, json.GetProperty("data")[0].GetProperty("spans").GetArrayLength());
        Assert.StartsWith("1 invalid spans were left out; the first: ", json.GetProperty("errors")[0].GetProperty("msg").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_compressed_file_is_decompressed()
    {
        var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(OtlpBody.Of(Of(1))), CancellationToken.None);
        using var content = new ByteArrayContent(compressed.ToArray()) { Headers = { { "Content-Encoding", "gzip" } } };
        using var answer = await stored.App.Client.PostAsync("/api/transform", content, CancellationToken.None);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_413_and_says_how_large_it_may_be()
    {
        var (status, json) = await TransformAsync(new string(' ', (4 << 20) + 1), "text/plain");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("4194304 bytes", json.GetProperty("errors")[0].GetProperty("msg").GetString(), StringComparison.Ordinal);
    }

    private async Task<(HttpStatusCode Status, JsonElement Json)> TransformAsync(string body, string contentType)
    {
        using var content = new StringContent(body, Encoding.UTF8, contentType);
        using var answer = await stored.App.Client.PostAsync("/api/transform", content, CancellationToken.None);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync(CancellationToken.None)).RootElement);
    }
}
