using System.Text;
using System.Text.Json;
using Serverless.Local;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Tests.Local.Demo;

public class ShopTracesTests
{
    private const int Requests = 300;
    private const int Client = 3, Server = 2, Producer = 4, Consumer = 5;
    private static readonly DateTimeOffset Now = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);
    private static readonly List<JsonElement> Generated = Generate(7);

    [Fact]
    public void Ids_are_hex_of_the_right_length_and_never_used_twice()
    {
        var spans = Generated.SelectMany(Spans).ToList();
        Assert.All(spans, span => Assert.Matches("^[0-9a-f]{32}$", Text(span, "traceId")!));
        Assert.All(spans, span => Assert.Matches("^[0-9a-f]{16}$", Text(span, "spanId")!));
        Assert.Equal(spans.Count, spans.Select(span => Text(span, "spanId")).Distinct().Count());
    }

    [Fact]
    public void Parents_exist_in_the_same_trace_and_a_trace_has_one_root()
    {
        foreach (var trace in Generated.SelectMany(request => Spans(request).GroupBy(span => Text(span, "traceId"))))
        {
            var ids = trace.Select(span => Text(span, "spanId")).ToHashSet();
            Assert.All(trace.Where(span => Text(span, "parentSpanId") is not null), span => Assert.Contains(Text(span, "parentSpanId"), ids));
            Assert.Single(trace, span => Text(span, "parentSpanId") is null);
        }
    }

    [Fact]
    public void Times_are_in_order_and_end_by_now()
    {
        var now = Now.ToUnixTimeMilliseconds() * 1_000_000;
        foreach (var request in Generated)
        {
            var spans = Spans(request).ToDictionary(span => Text(span, "spanId")!);
            Assert.Equal(now, spans.Values.Max(End));
            foreach (var span in spans.Values)
            {
                Assert.True(Start(span) < End(span), "a span takes no time");
                foreach (var one in Array(span, "events"))
                    Assert.InRange(long.Parse(Text(one, "timeUnixNano")!), Start(span), End(span));
                if (Text(span, "parentSpanId") is not { } parent)
                    continue;
                Assert.True(Start(span) >= Start(spans[parent]), "a span begins before its parent");
                if (Kind(span) != Consumer)
                    Assert.True(End(span) <= End(spans[parent]), "a span ends after its parent");
            }
        }
    }

    [Fact]
    public void A_servers_parent_is_a_client_of_another_service()
    {
        foreach (var request in Generated)
        {
            var services = request.GetProperty("resourceSpans").EnumerateArray()
                .SelectMany(group => SpansOf(group).Select(span => (Id: Text(span, "spanId")!, Service: Service(group))))
                .ToDictionary(pair => pair.Id, pair => pair.Service);
            var spans = Spans(request).ToDictionary(span => Text(span, "spanId")!);
            foreach (var span in spans.Values.Where(span => Kind(span) == Server && Text(span, "parentSpanId") is not null))
            {
                var parent = spans[Text(span, "parentSpanId")!];
                Assert.Equal(Client, Kind(parent));
                Assert.NotEqual(services[Text(span, "spanId")!], services[Text(parent, "spanId")!]);
            }
        }
    }

    [Fact]
    public void Mails_are_linked_to_their_producer_in_the_same_trace_or_in_another()
    {
        var sameTrace = new HashSet<bool>();
        foreach (var request in Generated)
            foreach (var consumer in Spans(request).Where(span => Kind(span) == Consumer))
            {
                var link = Assert.Single(Array(consumer, "links"));
                var producer = Assert.Single(Spans(request), span => Text(span, "spanId") == Text(link, "spanId"));
                Assert.Equal(Producer, Kind(producer));
                Assert.Equal(Text(link, "traceId"), Text(producer, "traceId"));
                sameTrace.Add(Text(consumer, "traceId") == Text(producer, "traceId"));
            }

        Assert.Equal([false, true], sameTrace.Order());
    }

    [Fact]
    public void Every_kind_of_thing_that_OTLP_can_say_is_said()
    {
        var text = string.Concat(Generated.Select(request => request.GetRawText()));
        string[] said =
        [
            "stringValue", "intValue", "doubleValue", "boolValue", "bytesValue", "arrayValue", "kvlistValue", "\"exception\"", "exception.stacktrace",
            "\"links\"", "\"code\":2", "postgresql", "redis", "rabbitmq", "schemaUrl",
        ];
        Assert.All(said, one => Assert.Contains(one, text, StringComparison.Ordinal));
        Assert.Equal(
            ["cart", "checkout", "email", "frontend", "payment", "shipping"],
            Generated.SelectMany(request => request.GetProperty("resourceSpans").EnumerateArray()).Select(Service).Distinct().Order());
    }

    [Fact]
    public void The_decoder_takes_every_span_whole()
    {
        var decoder = new OtlpJsonDecoder();
        var batch = new SpanBatch();
        foreach (var request in Generated)
        {
            batch.Reset(SpanProtocol.Otlp);
            var result = decoder.Decode(Encoding.UTF8.GetBytes(request.GetRawText()), batch, DecodeLimits.Default);
            Assert.Equal(new DecodeResult(Spans(request).Count, 0, 0, null), result);
        }
    }

    /// <summary>The files of tests/data/otlp-shop; its README says how to write them anew.</summary>
    [Theory]
    [InlineData("cart.json", 1)]
    [InlineData("order-mailed.json", 7)]
    [InlineData("order-declined.json", 10)]
    public void The_recorded_files_are_what_the_generator_makes(string file, int seed)
    {
        var path = Path.Combine(DataFolder(), "otlp-shop", file);
        using var made = JsonDocument.Parse(ShopTraces.Next(new Random(seed), Now));
        var text = JsonSerializer.Serialize(made, new JsonSerializerOptions
        {
            WriteIndented = true,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        }) + "\n";
        if (Environment.GetEnvironmentVariable("WRITE_TEST_DATA") == "1")
            File.WriteAllText(path, text);
        Assert.Equal(File.ReadAllText(path), text);
    }

    private static string DataFolder()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Serverless.sln")))
                return Path.Combine(folder, "tests", "data");
        throw new InvalidOperationException("Serverless.sln is not above the tests' output.");
    }

    private static List<JsonElement> Generate(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Requests).Select(_ => JsonElement.Parse(ShopTraces.Next(random, Now)))];
    }

    private static List<JsonElement> Spans(JsonElement request) => [.. request.GetProperty("resourceSpans").EnumerateArray().SelectMany(SpansOf)];

    private static IEnumerable<JsonElement> SpansOf(JsonElement group) =>
        group.GetProperty("scopeSpans").EnumerateArray().SelectMany(scope => scope.GetProperty("spans").EnumerateArray());

    private static string Service(JsonElement group) =>
        group.GetProperty("resource").GetProperty("attributes").EnumerateArray()
            .Single(attribute => Text(attribute, "key") == "service.name").GetProperty("value").GetProperty("stringValue").GetString()!;

    private static IEnumerable<JsonElement> Array(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.EnumerateArray() : [];

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static int Kind(JsonElement span) => span.GetProperty("kind").GetInt32();

    private static long Start(JsonElement span) => long.Parse(Text(span, "startTimeUnixNano")!);

    private static long End(JsonElement span) => long.Parse(Text(span, "endTimeUnixNano")!);
}
