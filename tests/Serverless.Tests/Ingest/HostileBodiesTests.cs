using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Serverless.Tests.Fuzzing;
using Serverless.Tests.Protocols.Otlp;
using static Serverless.Tests.Ingest.IngestClient;

namespace Serverless.Tests.Ingest;

/// <summary>Whatever is posted, the answer is 2xx or 4xx, a 400 says what is wrong and where, and the system stays well.</summary>
public sealed partial class HostileBodiesTests(StartedApp started) : IClassFixture<StartedApp>
{
    private const int BodiesOfTarget = 60;
    private const int AtOnce = 8;

    private static readonly (string Path, string? Type)[] Entries =
    [
        ("/api/v2/spans", "application/json"), ("/api/v2/spans", "application/x-protobuf"), ("/api/v2/spans", null),
        ("/api/v1/spans", "application/json"), ("/api/v1/spans", "application/x-thrift"),
        ("/v1/traces", "application/x-protobuf"), ("/v1/traces", "application/json"),
        ("/api/traces", "application/x-thrift"), ("/api/traces", "application/vnd.apache.thrift.binary; message=emitBatch"),
        ("/api/traces", "application/vnd.apache.thrift.compact; message=emitBatch"),
        ("/v1/metrics", "application/x-protobuf"), ("/v1/metrics", "application/json"),
    ];

    private static readonly string?[] Encodings = [null, "gzip", "deflate", "br"];

    public static TheoryData<string> Targets => [.. FuzzTarget.All().Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Broken_bodies_are_refused_with_the_place(string name)
    {
        var target = FuzzTarget.All().Single(target => target.Name == name);
        var (path, type) = EntryOf(name);
        var mutator = new FuzzMutator(target.Structure, target.Corpus(), seed: 7);
        var bodies = Enumerable.Range(0, BodiesOfTarget).Select(i => (Body: mutator.Next(), Encoding: Encodings[i % Encodings.Length])).ToArray();
        var refused = 0;
        foreach (var chunk in bodies.Chunk(AtOnce))
        {
            var answers = await Task.WhenAll(chunk.Select(sent => started.App.PostAsync(
                path, type, sent.Encoding is null ? sent.Body : Compress(sent.Body, sent.Encoding), sent.Encoding)));
            foreach (var (status, text) in answers)
            {
                AssertIsNoFault(status, text);
                if (status != HttpStatusCode.BadRequest)
                    continue;
                refused++;
                Assert.Matches(Place(), text);
                Assert.True(
                    text.Contains(target.Format, StringComparison.Ordinal) || text.Contains(" encoded list", StringComparison.Ordinal)
                    || text.Contains("none of the spans can be taken", StringComparison.Ordinal), text);
            }
        }

        Assert.InRange(refused, 1, BodiesOfTarget - 1);
        await started.App.AssertIsWellAsync();
    }

    [Fact]
    public async Task Any_body_may_come_to_any_endpoint_as_anything()
    {
        byte[][] bodies =
        [
            .. FuzzTarget.All().Select(target => target.Corpus()[0]), [], [0], [0xFF, 0xFF, 0xFF, 0xFF], "[]"u8.ToArray(), "{}"u8.ToArray(), "null"u8.ToArray(),
            Compress("[]"u8.ToArray(), "gzip"),
        ];
        var requests = from entry in Entries from body in bodies from encoding in (string?[])[.. Encodings, "identity"] select (entry, body, encoding);
        foreach (var chunk in requests.Chunk(AtOnce))
        {
            var answers = await Task.WhenAll(chunk.Select(request => started.App.PostAsync(request.entry.Path, request.entry.Type, request.body, request.encoding)));
            Assert.All(answers, answer => AssertIsNoFault(answer.Status, answer.Text));
        }

        await started.App.AssertIsWellAsync();
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("raw deflate")]
    [InlineData("br")]
    public async Task Bombs_are_refused_by_their_size(string encoding)
    {
        var bomb = Compress(new byte[(32 << 20) + 1], encoding);
        Assert.InRange(bomb.Length, 1, 1 << 20);
        foreach (var (path, type) in Entries)
        {
            var (status, text) = await started.App.PostAsync(path, type, bomb, encoding.Replace("raw ", "", StringComparison.Ordinal));
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
            Assert.Contains("The body has more than 33554432 bytes after decompression; send fewer spans in a request.", text);
        }

        await started.App.AssertIsWellAsync();
    }

    [Fact]
    public async Task Many_large_bodies_at_once_are_all_answered()
    {
        var large = Compress(Encoding.ASCII.GetBytes("[" + new string(' ', 31 << 20) + "]"), "gzip");
        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => started.App.PostAsync("/api/v2/spans", "application/json", large, "gzip")));
        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.Accepted, ""), answer));
        await started.App.AssertIsWellAsync();
    }

    [Theory]
    [InlineData("gzip", "The body is not valid gzip: ")]
    [InlineData("deflate", "The body is not valid deflate: ")]
    [InlineData("br", "The body is not valid br: ")]
    public async Task What_does_not_decompress_is_refused(string encoding, string expected)
    {
        var good = Compress(OtlpMessages.Full(), encoding);
        // Behind gzip's header, which has bytes that mean nothing.
        var damage = encoding == "gzip" ? 12 : 5;
        byte[] damaged = [.. good[..damage], 0xFF, 0xFF, 0xFF, .. good[(damage + 3)..]];
        foreach (var body in (byte[][])[good[..(good.Length / 2)], good[..^1], OtlpMessages.Full(), damaged])
        {
            var (status, text) = await started.App.PostAsync("/v1/traces", "application/x-protobuf", body, encoding);
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Contains(expected, text);
        }
    }

    [Theory]
    [InlineData("gzip, gzip")]
    [InlineData("gzip,identity")]
    [InlineData("zstd")]
    [InlineData("*")]
    [InlineData("gzip;q=1")]
    public async Task Other_encodings_are_refused_with_the_list(string encoding)
    {
        var body = Compress(Compress("[]"u8.ToArray(), "gzip"), "gzip");
        Assert.Equal(
            (HttpStatusCode.UnsupportedMediaType, $"Content-Encoding '{encoding}' is not supported; use one of gzip, deflate, br, identity."),
            await started.App.PostAsync("/api/v2/spans", "application/json", body, encoding));
    }

    [Theory]
    [InlineData("/v1/traces", "{\"resourceSpans\":[", "{},", "{}]}", 1_000_000, HttpStatusCode.OK)]
    [InlineData("/v1/traces", "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[", "{},", "{}]}]}]}", 1_000_000, HttpStatusCode.BadRequest)]
    [InlineData("/api/v2/spans", "[", "{},", "{}]", 1_000_000, HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/spans", "[", "{},", "{}]", 1_000_000, HttpStatusCode.BadRequest)]
    [InlineData("/api/v2/spans", "[", "null,", "null]", 700_000, HttpStatusCode.BadRequest)]
    [InlineData("/v1/traces", "", "[", "", 10_000_000, HttpStatusCode.BadRequest)]
    [InlineData("/api/v2/spans", "", "[", "", 10_000_000, HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/spans", "", "[", "", 10_000_000, HttpStatusCode.BadRequest)]
    [InlineData("/v1/traces", "", "{\"a\":", "", 5_000_000, HttpStatusCode.BadRequest)]
    [InlineData("/api/v2/spans", "[", "{\"tags\":", "", 3_000_000, HttpStatusCode.BadRequest)]
    public async Task Bombs_of_json_are_refused_or_nothing(string path, string start, string item, string end, int count, HttpStatusCode expected)
    {
        var json = Encoding.ASCII.GetBytes(start + string.Concat(Enumerable.Repeat(item, count)) + end);
        var (status, text) = await started.App.PostAsync(path, "application/json", Compress(json, "gzip"), "gzip");
        Assert.Equal(expected, status);
        if (status == HttpStatusCode.BadRequest)
            Assert.Matches(Place(), text);
        await started.App.AssertIsWellAsync();
    }

    private static (string Path, string? Type) EntryOf(string target) => target switch
    {
        "otlp-protobuf" => Entries[5],
        "otlp-json" => Entries[6],
        "otlp-metrics-protobuf" => Entries[10],
        "otlp-metrics-json" => Entries[11],
        "zipkin-json" => Entries[0],
        "zipkin-json-v1" => Entries[3],
        "zipkin-proto3" => Entries[1],
        "zipkin-thrift" => Entries[4],
        "jaeger-http" => Entries[7],
        "jaeger-binary" => Entries[8],
        _ => Entries[9],
    };

    private static void AssertIsNoFault(HttpStatusCode status, string text)
    {
        Assert.True((int)status is >= 200 and < 300 or >= 400 and < 500, $"{status}: {text}");
        if ((int)status >= 400)
            Assert.NotEqual("", text);
    }

    [GeneratedRegex("at byte [0-9]+: |encoded list")]
    private static partial Regex Place();
}
