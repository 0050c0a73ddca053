using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Serverless.Tests.Protocols.Zipkin;
using Serverless.Tests.Querying;

namespace Serverless.Tests.Ingest;

/// <summary>Zipkin's two endpoints over HTTP, against the whole app.</summary>
public sealed class ZipkinIngestTests(ZipkinIngestTests.StartedApp started) : IClassFixture<ZipkinIngestTests.StartedApp>
{
    private const string V1 = "/api/v1/spans";
    private const string V2 = "/api/v2/spans";
    private const string Json = "application/json";
    private const string Protobuf = "application/x-protobuf";
    private const string Thrift = "application/x-thrift";

    private readonly QueryApp _app = started.App;

    [Theory]
    [InlineData(V2, Json, 0xa1)]
    [InlineData(V2, null, 0xa2)]
    [InlineData(V2, "text/plain", 0xa3)]
    [InlineData(V2, Protobuf, 0xa4)]
    [InlineData(V2, "Application/X-Protobuf; charset=utf-8", 0xa5)]
    [InlineData(V1, Json, 0xa6)]
    [InlineData(V1, null, 0xa7)]
    [InlineData(V1, Thrift, 0xa8)]
    [InlineData(V1, "Application/X-Thrift; charset=utf-8", 0xa9)]
    public async Task Every_format_is_taken_by_its_content_type_and_read_back(string path, string? type, int trace)
    {
        var id = $"{trace:x16}";
        var (status, text) = await PostAsync(path, type, Body(path, type, id));
        Assert.Equal((HttpStatusCode.Accepted, ""), (status, text));
        var answer = await _app.UntilAsync($"/api/v2/trace/{id}", answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(
            $$$"""[{"traceId":"{{{id}}}","id":"0000000000000002","kind":"CLIENT","name":"get","timestamp":1556604172355737,"duration":1431,"localEndpoint":{"serviceName":"front"}}]""",
            answer.Text);
    }

    [Fact]
    public async Task A_span_of_v1_with_both_sides_is_read_back_as_two()
    {
        const string Body = """
            [{"traceId":"b1","id":"2","name":"get","annotations":[
              {"timestamp":1556604172355000,"value":"cs","endpoint":{"serviceName":"front"}},
              {"timestamp":1556604172356000,"value":"sr","endpoint":{"serviceName":"back"}},
              {"timestamp":1556604172357000,"value":"ss","endpoint":{"serviceName":"back"}},
              {"timestamp":1556604172358000,"value":"cr","endpoint":{"serviceName":"front"}}],
              "binaryAnnotations":[{"key":"rows","value":7,"endpoint":{"serviceName":"back"}}]}]
            """;
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(V1, Thrift, ZipkinFormats.Thrift(Body))).Status);
        var answer = await _app.UntilAsync("/api/v2/trace/b1", answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(
            """[{"traceId":"00000000000000b1","id":"0000000000000002","kind":"CLIENT","name":"get","timestamp":1556604172355000,"duration":3000,"localEndpoint":{"serviceName":"front"}},"""
            + """{"traceId":"00000000000000b1","id":"0000000000000002","kind":"SERVER","name":"get","timestamp":1556604172356000,"duration":1000,"localEndpoint":{"serviceName":"back"},"tags":{"rows":"7"},"shared":true}]""",
            answer.Text);
    }

    [Theory]
    [InlineData(V2, Json)]
    [InlineData(V2, Protobuf)]
    [InlineData(V1, Json)]
    [InlineData(V1, Thrift)]
    public async Task An_empty_body_and_an_empty_list_are_fine(string path, string type)
    {
        Assert.Equal((HttpStatusCode.Accepted, ""), await PostAsync(path, type, []));
        Assert.Equal((HttpStatusCode.Accepted, ""), await PostAsync(path, type, "[]"u8.ToArray()));
    }

    [Theory]
    [InlineData(V2, Json, "hello", "Expected a JSON_V2 encoded list\n")]
    [InlineData(V2, Protobuf, "hello", "Expected a PROTO3 encoded list\n")]
    [InlineData(V1, Json, "hello", "Expected a JSON_V1 encoded list\n")]
    [InlineData(V1, Thrift, "hello", "Expected a THRIFT encoded list\n")]
    [InlineData(V2, Json, """[{"traceId":"1","id":"2","binaryAnnotations":[]}]""", "Expected a JSON_V2 encoded list, but received: JSON_V1\n")]
    [InlineData(V1, Json, """[{"traceId":"1","id":"2","tags":{"a":"b"}}]""", "Expected a JSON_V1 encoded list, but received: JSON_V2\n")]
    [InlineData(V2, Protobuf, "\n\u0003dbc", "Malformed reading List<Span> from proto3: Malformed Zipkin proto3: spans[0].debug at byte 2: wire type 4 (end of a group), 0 (varint) expected")]
    [InlineData(V1, Thrift, "\u000c\0\0\0\u0001\0", "Malformed reading List<Span> from TBinary: Malformed Zipkin thrift: [0] at byte 5: the span has no traceId and id")]
    [InlineData(V1, Json, """[{"traceId":"1"}]""", "Malformed reading List<Span> from json: Malformed Zipkin JSON v1: [0] at byte 1: the span has no id")]
    public async Task What_is_wrong_is_400_in_Zipkins_words(string path, string type, string body, string text) =>
        Assert.Equal((HttpStatusCode.BadRequest, text), await PostAsync(path, type, Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData(V2, Json, "1", 0xc1, true)]
    [InlineData(V2, Protobuf, "1", 0xc2, true)]
    [InlineData(V1, Thrift, "1", 0xc3, true)]
    [InlineData(V1, Json, "0", 0xc4, false)]
    public async Task The_debug_flag_of_B3_marks_all_spans(string path, string type, string flags, int trace, bool isDebug)
    {
        var id = $"{trace:x16}";
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(path, type, Body(path, type, id), flags)).Status);
        var answer = await _app.UntilAsync($"/api/v2/trace/{id}", answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(isDebug, answer.Json[0].TryGetProperty("debug", out _));
    }

    private static byte[] Body(string path, string? type, string trace)
    {
        var v1 = $$$"""
            [{"traceId":"{{{trace}}}","id":"2","name":"get","annotations":[{"timestamp":1556604172355737,"value":"cs","endpoint":{"serviceName":"front"}},
              {"timestamp":1556604172357168,"value":"cr","endpoint":{"serviceName":"front"}}]}]
            """;
        var v2 = $$$"""
            [{"traceId":"{{{trace}}}","id":"0000000000000002","kind":"CLIENT","name":"get","timestamp":1556604172355737,"duration":1431,"localEndpoint":{"serviceName":"front"}}]
            """;
        var isBinary = type?.Contains("/x-", StringComparison.OrdinalIgnoreCase) == true;
        return (path, isBinary) switch
        {
            (V1, true) => ZipkinFormats.Thrift(v1),
            (V1, false) => Encoding.UTF8.GetBytes(v1),
            (_, true) => ZipkinFormats.Proto3(v2),
            _ => Encoding.UTF8.GetBytes(v2),
        };
    }

    private async Task<(HttpStatusCode Status, string Text)> PostAsync(string path, string? type, byte[] body, string? flags = null)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        if (flags is not null)
            request.Headers.Add("X-B3-Flags", flags);
        using var response = await _app.Client.SendAsync(request, CancellationToken.None);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(CancellationToken.None));
    }

    /// <summary>The app, once for all tests of the class.</summary>
    public sealed class StartedApp : IAsyncLifetime
    {
        public QueryApp App { get; private set; } = null!;

        public async ValueTask InitializeAsync() => App = await QueryApp.StartAsync();

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}
