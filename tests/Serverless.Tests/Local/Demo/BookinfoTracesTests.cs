using System.Text.Json;
using Serverless.Local;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Zipkin;

namespace Serverless.Tests.Local.Demo;

public class BookinfoTracesTests
{
    private const int Traces = 300;
    private static readonly DateTimeOffset Now = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);
    private static readonly List<List<JsonElement>> Generated = Generate(7);

    [Fact]
    public void Ids_are_hex_of_64_or_128_bits_and_a_trace_has_one_id()
    {
        foreach (var trace in Generated)
        {
            var id = Assert.Single(trace.Select(span => Text(span, "traceId")).Distinct())!;
            Assert.Matches("^([0-9a-f]{16}|[0-9a-f]{32})$", id);
            Assert.All(trace, span => Assert.Matches("^[0-9a-f]{16}$", Text(span, "id")!));
        }

        Assert.Contains(Generated, trace => Text(trace[0], "traceId")!.Length == 16);
        Assert.Contains(Generated, trace => Text(trace[0], "traceId")!.Length == 32);
        Assert.Equal(Traces, Generated.Select(trace => Text(trace[0], "traceId")).Distinct().Count());
    }

    [Fact]
    public void A_span_id_is_shared_by_a_client_and_a_server_that_says_so_unless_it_was_not_reached()
    {
        foreach (var call in Generated.SelectMany(trace => trace.GroupBy(span => Text(span, "id"))))
        {
            var client = Assert.Single(call, span => Text(span, "kind") == "CLIENT");
            Assert.False(client.TryGetProperty("shared", out _));
            if (Text(client.GetProperty("tags"), "response_flags") != "-")
            {
                Assert.Single(call);
                continue;
            }

            var server = Assert.Single(call, span => Text(span, "kind") == "SERVER");
            Assert.Equal(2, call.Count());
            Assert.True(server.GetProperty("shared").GetBoolean());
            Assert.Equal(Text(client, "parentId"), Text(server, "parentId"));
        }
    }

    [Fact]
    public void Parents_exist_and_only_the_gateway_has_none()
    {
        foreach (var trace in Generated)
        {
            var ids = trace.Select(span => Text(span, "id")).ToHashSet();
            foreach (var span in trace)
                if (Text(span, "parentId") is { } parent)
                    Assert.Contains(parent, (IEnumerable<string?>)ids);
                else
                    Assert.Contains(Service(span), (string?[])["istio-ingressgateway.istio-system", "productpage.default"]);
            Assert.Single(trace, span => Text(span, "parentId") is null && Text(span, "kind") == "CLIENT");
        }
    }

    [Fact]
    public void Times_nest_and_end_by_now()
    {
        var now = Now.ToUnixTimeMilliseconds() * 1000;
        foreach (var trace in Generated)
        {
            Assert.Equal(now, trace.Max(End));
            foreach (var span in trace)
            {
                Assert.True(span.GetProperty("duration").GetInt64() > 0);
                var outer = Text(span, "kind") == "SERVER"
                    ? trace.Single(other => Text(other, "id") == Text(span, "id") && Text(other, "kind") == "CLIENT")
                    : trace.FirstOrDefault(other => Text(other, "id") == Text(span, "parentId") && Text(other, "kind") == "SERVER");
                if (outer.ValueKind == JsonValueKind.Undefined)
                    continue;
                Assert.True(Start(span) >= Start(outer), "a span begins before the one around it");
                Assert.True(End(span) <= End(outer), "a span ends after the one around it");
            }
        }
    }

    [Fact]
    public void Tags_are_Envoys_and_all_texts()
    {
        string[] keys = ["component", "guid:x-request-id", "http.method", "http.url", "http.status_code", "node_id", "response_flags", "upstream_cluster"];
        foreach (var span in Generated.SelectMany(trace => trace))
        {
            var tags = span.GetProperty("tags");
            Assert.All(keys, key => Assert.True(tags.TryGetProperty(key, out _), key));
            Assert.All(tags.EnumerateObject(), tag => Assert.Equal(JsonValueKind.String, tag.Value.ValueKind));
            Assert.Equal(Text(tags, "http.status_code") == "503", tags.TryGetProperty("error", out _));
        }
    }

    [Fact]
    public void All_versions_of_reviews_are_seen_and_ratings_are_sometimes_slow_and_sometimes_fail()
    {
        var spans = Generated.SelectMany(trace => trace).ToList();
        var versions = spans.Where(span => Service(span) == "reviews.default").Select(span => Text(span.GetProperty("tags"), "istio.canonical_revision"));
        Assert.Equal(["v1", "v2", "v3"], versions.Distinct().Order());
        var ratings = spans.Where(span => Text(span, "name")!.StartsWith("ratings.", StringComparison.Ordinal)).ToList();
        Assert.Contains(ratings, span => Text(span.GetProperty("tags"), "http.status_code") == "503");
        Assert.Contains(ratings, span => span.GetProperty("duration").GetInt64() > 500_000);
    }

    [Fact]
    public void The_decoder_takes_every_span_whole()
    {
        var decoder = new ZipkinJsonDecoder();
        var batch = new SpanBatch();
        foreach (var trace in Generated)
        {
            batch.Reset(SpanProtocol.Zipkin);
            var result = decoder.Decode(JsonSerializer.SerializeToUtf8Bytes(trace), batch, DecodeLimits.Default);
            Assert.Equal(new DecodeResult(trace.Count, 0, 0, null), result);
        }
    }

    [Fact]
    public void The_same_seed_makes_the_same_bytes() =>
        Assert.Equal(BookinfoTraces.Next(new Random(3), Now), BookinfoTraces.Next(new Random(3), Now));

    private static List<List<JsonElement>> Generate(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Traces).Select(_ => JsonElement.Parse(BookinfoTraces.Next(random, Now)).EnumerateArray().ToList())];
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static string? Service(JsonElement span) => Text(span.GetProperty("localEndpoint"), "serviceName");

    private static long Start(JsonElement span) => span.GetProperty("timestamp").GetInt64();

    private static long End(JsonElement span) => Start(span) + span.GetProperty("duration").GetInt64();
}
