using System.Globalization;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Querying.Jaeger;

/// <summary>
/// The cases of Jaeger's storage integration suite (internal/storage/integration of jaegertracing/jaeger: what it stores and what it asks,
/// not its code), over HTTP: all traces are stored first, so that each is the counterexample of the others' searches.
/// </summary>
public sealed class JaegerStorageSuiteTests(JaegerStorageSuiteTests.Suite suite) : IClassFixture<JaegerStorageSuiteTests.Suite>
{
    private const string Tags = """{"sameplacetag1":"sameplacevalue","sameplacetag2":"123","sameplacetag3":"72.5","sameplacetag4":"true"}""";
    private const string AttributeTags =
        """{"sameplaceattribute1":"sameplacevalue","sameplaceattribute2":"123","sameplaceattribute3":"72.5","sameplaceattribute4":"true"}""";

    private readonly QueryApp _app = suite.App;

    [Theory]
    [InlineData("Tags in one spot: span", 1, "", Tags, "", "", "1")]
    [InlineData("Tags in one spot: events", 2, "", Tags, "", "", "2")]
    [InlineData("Tags in one spot: process", 3, "", Tags, "", "", "3")]
    [InlineData("Tags in different spots", 4, "", Tags, "", "", "4")]
    [InlineData("Operation name", 6, "query06-operation", "", "", "", "6")]
    [InlineData("Operation name and the longest duration", 7, "query07-operation", "", "", "2000ns", "7")]
    [InlineData("Operation name and a range of durations", 8, "query08-operation", "", "4500ns", "5500ns", "8")]
    [InlineData("A range of durations", 9, "", "", "4500ns", "5500ns", "9")]
    [InlineData("The longest duration", 10, "", "", "", "1000ns", "10")]
    [InlineData("A service alone", 11, "", "", "", "", "11")]
    [InlineData("Tags and operation name", 12, "query12-operation", Tags, "", "", "12")]
    [InlineData("Tags, operation name and the longest duration", 13, "query13-operation", Tags, "", "2000ns", "13")]
    [InlineData("Tags, operation name and a range of durations", 14, "query14-operation", Tags, "4500ns", "5500ns", "14")]
    [InlineData("Tags and a range of durations", 15, "", Tags, "4500ns", "5500ns", "15")]
    [InlineData("Tags and the longest duration", 16, "", Tags, "", "1000ns", "16")]
    [InlineData("Tags in different spots and operation name", 17, "query17-operation", Tags, "", "", "17")]
    [InlineData("Tags in different spots, operation name and the longest duration", 18, "query18-operation", Tags, "", "2000ns", "18")]
    [InlineData("Tags in different spots, operation name and a range of durations", 19, "query19-operation", Tags, "4500ns", "5500ns", "19")]
    [InlineData("Tags in different spots and a range of durations", 20, "", Tags, "4500ns", "5500ns", "20")]
    [InlineData("Tags in different spots and the longest duration", 21, "", Tags, "", "1000ns", "21")]
    [InlineData("Several traces", 22, "", "", "", "", "221,222,223")]
    [InlineData("Scope with a name and a version", 23, "", Tags, "", "", "224")]
    [InlineData("Attributes of the scope", 24, "", AttributeTags, "", "", "225")]
    [InlineData("Attributes of a link", 25, "", AttributeTags, "", "", "226")]
    [InlineData("Attributes of a link are not those of another service", 24, "", Tags, "", "", "")]
    [InlineData("A wrong value", 1, "", """{"sameplacetag2":"124"}""", "", "", "")]
    [InlineData("A value with a pattern is no pattern", 1, "", """{"sameplacetag1":"same.*"}""", "", "", "")]
    public async Task A_search_finds_its_traces_by_both_APIs(
        string caption, int service, string operation, string tags, string min, string max, string expected)
    {
        Assert.NotEmpty(caption);
        var name = string.Create(CultureInfo.InvariantCulture, $"query{service:d2}-service");
        const string Start = "2017-01-26T15:46:31.639875Z";
        const string End = "2017-01-26T17:46:31.639875Z";
        var v3 = $"query.serviceName={name}&query.startTimeMin={Start}&query.startTimeMax={End}&query.searchDepth=1000"
            + Parameter("query.operationName", operation) + Parameter("query.attributes", tags)
            + Parameter("query.durationMin", min) + Parameter("query.durationMax", max);
        var summaries = (await _app.GetJsonAsync($"/api/v3/trace-summaries?{v3}")).GetProperty("summaries").EnumerateArray();
        Assert.Equal(expected, Short(summaries.Select(summary => summary.GetProperty("traceId").GetString()!)));

        var legacy = string.Create(CultureInfo.InvariantCulture, $"service={name}&start={Micros(Start)}&end={Micros(End)}&limit=1000")
            + Parameter("operation", operation) + Parameter("tags", tags) + Parameter("minDuration", min) + Parameter("maxDuration", max);
        var traces = (await _app.GetJsonAsync($"/api/traces?{legacy}")).GetProperty("data").EnumerateArray();
        Assert.Equal(expected, Short(traces.Select(trace => trace.GetProperty("traceID").GetString()!)));
    }

    [Fact]
    public async Task A_trace_whose_spans_lie_hours_from_its_events_is_found_by_its_spans()
    {
        var found = await _app.GetJsonAsync(
            "/api/v3/trace-summaries?query.serviceName=query05-service&query.startTimeMin=2017-01-26T00:00:31.639875Z&query.startTimeMax=2017-01-26T00:07:31.639875Z");
        Assert.Equal("5", Short(found.GetProperty("summaries").EnumerateArray().Select(summary => summary.GetProperty("traceId").GetString()!)));
    }

    [Fact]
    public async Task Services_and_operations_are_those_of_the_example()
    {
        Assert.Superset(
            new HashSet<string?> { "example-service-1", "example-service-2", "example-service-3" },
            (await _app.GetJsonAsync("/api/v3/services")).GetProperty("services").EnumerateArray().Select(name => name.GetString()).ToHashSet());
        Assert.Equal(
            """[{"name":"example-operation-1","spanKind":""},{"name":"example-operation-3","spanKind":"server"},{"name":"example-operation-4","spanKind":"client"}]""",
            (await _app.GetJsonAsync("/api/operations?service=example-service-1")).GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task A_trace_is_had_with_all_that_was_stored()
    {
        var spans = (await _app.GetJsonAsync("/api/v3/traces/11?rawTraces=true")).GetProperty("result").GetProperty("resourceSpans").EnumerateArray()
            .SelectMany(resource => resource.GetProperty("scopeSpans").EnumerateArray()).SelectMany(scope => scope.GetProperty("spans").EnumerateArray()).ToArray();
        Assert.Equal(6, spans.Length);
        Assert.All(spans.Where(span => span.GetProperty("name").GetString() != "query11-operation"), span => Assert.Equal(2, span.GetProperty("events").GetArrayLength()));
        Assert.Equal("1485449191639975000", spans.First(span => span.GetProperty("spanId").GetString() == "0000000000000006").GetProperty("endTimeUnixNano").GetString());
    }

    [Fact]
    public async Task A_trace_of_more_than_10000_spans_comes_whole_by_both_APIs()
    {
        Assert.Equal(10_008, (await _app.GetJsonAsync("/api/traces/beef")).GetProperty("data")[0].GetProperty("spans").GetArrayLength());
        var v3 = (await _app.GetJsonAsync("/api/v3/traces/beef")).GetProperty("result").GetProperty("resourceSpans");
        Assert.Equal(10_008, v3[0].GetProperty("scopeSpans")[0].GetProperty("spans").GetArrayLength());
    }

    [Fact]
    public async Task Spans_that_share_an_id_and_differ_in_service_are_all_there()
    {
        var spans = (await _app.GetJsonAsync("/api/traces/d0b1e")).GetProperty("data")[0].GetProperty("spans").EnumerateArray().ToArray();
        Assert.Equal(20, spans.Length);
        Assert.Single(spans.Select(span => span.GetProperty("spanID").GetString()).Distinct());
    }

    private static string Parameter(string name, string value) => value.Length == 0 ? "" : $"&{name}={Uri.EscapeDataString(value)}";

    private static long Micros(string time) =>
        (DateTimeOffset.Parse(time, CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static string Short(IEnumerable<string> ids) =>
        string.Join(',', ids.Select(id => id.TrimStart('0')).Order(StringComparer.Ordinal));

    /// <summary>The app with the suite's traces in it.</summary>
    public sealed class Suite : IAsyncLifetime
    {
        private const ulong StartNs = 1_485_449_191_639_875_000; // 2017-01-26T16:46:31.639875Z

        private static readonly SpanAttribute[] Same =
        [
            new("sameplacetag1", AttributeValue.Of("sameplacevalue")), new("sameplacetag2", AttributeValue.Of(123L)),
            new("sameplacetag3", AttributeValue.Of(72.5)), new("sameplacetag4", AttributeValue.Of(true)),
            new("blob", AttributeValue.Of(new byte[] { 0, 0, 0x30, 0x39 })),
        ];

        private static readonly SpanAttribute[] SameAttributes =
            [.. Same.Select(attribute => new SpanAttribute(attribute.Key.Replace("placetag", "placeattribute", StringComparison.Ordinal), attribute.Value))];

        public QueryApp App { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            App = await QueryApp.StartAsync();
            await App.StoreAsync("/v1/traces", OtlpBody.Of([.. Traces()]));
            await App.StoreAsync("/v1/traces", OtlpBody.Of([.. Example()]));
            await App.StoreAsync("/v1/traces", OtlpBody.Of([.. Enumerable.Range(1, 10_008).Select(i =>
                Trace(0xbeef, "large-service", "op", (ulong)i) with { StartNs = StartNs + ((ulong)i * 1_000_000_000) })]));
            await App.StoreAsync("/v1/traces", OtlpBody.Of([.. Enumerable.Range(0, 20).Select(i =>
                Trace(0xd0b1e, string.Create(CultureInfo.InvariantCulture, $"twin-{i}"), "op", 1))]));
            foreach (var id in new[] { "beef", "d0b1e", "11", "226" })
                await App.UntilAsync($"/api/traces/{id}", answer => answer.Status == System.Net.HttpStatusCode.OK);
            await App.UntilAsync("/api/services", answer => answer.Json.GetProperty("total").GetInt32() == 25 + 3 + 1 + 20);
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();

        private static IEnumerable<Span> Traces()
        {
            Span Of(int number, string operation, long durationNs) =>
                Trace(Convert.ToUInt64(number.ToString(CultureInfo.InvariantCulture), 16), Service(number), operation, 3) with { DurationNs = durationNs };

            yield return Of(1, "some-operation", 7_000) with { Attributes = Same };
            yield return Of(2, "some-operation", 7_000) with { Events = [new SpanEvent(StartNs, "", Same, 0), new SpanEvent(StartNs, "", [], 0)] };
            yield return Of(3, "placeholder", 7_000) with { Resource = Process(Service(3), Same) };
            yield return Spread(Of(4, "placeholder", 5_000));
            var five = Of(5, "operation-list-test2", 5_000) with { Events = [new SpanEvent(StartNs, "", [], 0)] };
            yield return five with { StartNs = StartNs - 60_180_000_000_000 };
            yield return five with { Id = new SpanId(4), StartNs = StartNs - 60_060_000_000_000 };
            yield return Of(6, "query06-operation", 5_000);
            yield return Of(7, "query07-operation", 2_000);
            yield return Of(8, "query08-operation", 5_000);
            yield return Of(9, "placeholder", 5_000);
            yield return Of(10, "placeholder", 1_000);
            yield return Of(11, "query11-operation", 5_000) with { Id = new SpanId(11) };
            yield return Of(12, "query12-operation", 3_000) with { Attributes = Same };
            yield return Of(13, "query13-operation", 2_000) with { Attributes = Same };
            yield return Of(14, "query14-operation", 5_000) with { Attributes = Same };
            yield return Of(15, "placeholder", 5_000) with { Attributes = Same };
            yield return Of(16, "placeholder", 1_000) with { Attributes = Same };
            yield return Spread(Of(17, "query17-operation", 3_000));
            yield return Spread(Of(18, "query18-operation", 2_000));
            yield return Spread(Of(19, "query19-operation", 5_000));
            yield return Spread(Of(20, "placeholder", 5_000));
            yield return Spread(Of(21, "placeholder", 1_000));
            for (var i = 0; i < 3; i++)
                yield return Trace(0x221 + (ulong)i, Service(22), "query22-operation", 3);
            yield return Trace(0x224, Service(23), "placeholder", 2) with
            {
                Attributes = Same, Scope = new InstrumentationScope { Name = "testing-library", Version = "1.1.1" },
            };
            yield return Trace(0x225, Service(24), "placeholder", 2) with { Scope = new InstrumentationScope { Attributes = SameAttributes } };
            yield return Trace(0x226, Service(25), "query25-operation", 4) with
            {
                Attributes = Same,
                Links =
                [
                    new SpanLink(new TraceId(0, 0xff), new SpanId(0xff), "", [new("opentracing.ref_type", AttributeValue.Of("child_of")), .. SameAttributes], 0, 0),
                    new SpanLink(new TraceId(0, 1), new SpanId(2), "", [new("opentracing.ref_type", AttributeValue.Of("follows_from"))], 0, 0),
                ],
            };
        }

        private static IEnumerable<Span> Example()
        {
            var twice = new SpanEvent(StartNs, "", [], 0);
            Span Of(string service, ulong id, string operation, SpanKind kind = SpanKind.Unspecified) =>
                Trace(0x11, service, operation, id) with { Kind = kind, DurationNs = 100_000, Events = [twice, twice] };
            yield return Of("example-service-2", 4, "example-operation-2");
            yield return Of("example-service-3", 5, "example-operation-1");
            yield return Of("example-service-1", 3, "example-operation-1");
            yield return Of("example-service-1", 6, "example-operation-3", SpanKind.Server);
            yield return Of("example-service-1", 7, "example-operation-4", SpanKind.Client);
        }

        // One tag in the process, one in an event, the others on the span.
        private static Span Spread(Span span) => span with
        {
            Resource = Process(span.ServiceName, [Same[2], Same[4]]),
            Events = [new SpanEvent(StartNs, "", [Same[0]], 0), new SpanEvent(StartNs, "", [], 0)],
            Attributes = [Same[1], Same[3]],
        };

        private static Span Trace(ulong trace, string service, string operation, ulong id) => new()
        {
            TraceId = new TraceId(0, trace), Id = new SpanId(id), Name = operation, StartNs = StartNs, DurationNs = 2_000,
            Protocol = SpanProtocol.Otlp, Resource = Process(service, []),
        };

        private static Resource Process(string service, SpanAttribute[] attributes) => new()
        {
            ServiceName = service, Attributes = [new("service.name", AttributeValue.Of(service)), .. attributes],
        };

        private static string Service(int number) => string.Create(CultureInfo.InvariantCulture, $"query{number:d2}-service");
    }
}
