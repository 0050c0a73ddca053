using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Tests.Search;

public sealed class TraceMatcherTests
{
    private static readonly Span Root = Span(1, 0, "Front", "GET /", SpanKind.Server, 1_000, 500);

    private static readonly Span Call = Span(2, 1, "Front", "Query", SpanKind.Client, 1_100, 100,
        [new("db", AttributeValue.Of("users")), new("rows", AttributeValue.Of(3L))]);

    private static readonly Span Answer = Span(3, 2, "Store", "select", SpanKind.Server, 1_150, 20,
        [new("db", AttributeValue.Of("orders"))]);

    private static readonly Span[] Trace = [Root, Call, Answer];

    [Fact]
    public void Jaeger_wants_one_span_to_satisfy_everything()
    {
        Assert.True(Same(new TraceQuery { ServiceName = "Front", SpanName = "Query", Conditions = [TagCondition.Equal("db", "users")] }));
        Assert.True(Same(new TraceQuery { ServiceName = "Front", Conditions = [TagCondition.Equal("rows", "3")] }));
        Assert.False(Same(new TraceQuery { ServiceName = "Front", SpanName = "GET /", Conditions = [TagCondition.Equal("db", "users")] }));
        Assert.False(Same(new TraceQuery { ServiceName = "Front", Conditions = [TagCondition.Equal("db", "orders")] }));
    }

    [Fact]
    public void Zipkin_lets_several_spans_of_the_service_satisfy_it_together()
    {
        Assert.True(Any(new TraceQuery { ServiceName = "front", SpanName = "get /", Conditions = [TagCondition.Equal("db", "users")] }));
        Assert.False(Any(new TraceQuery { ServiceName = "front", SpanName = "get /", Conditions = [TagCondition.Equal("db", "orders")] }));
        Assert.True(Any(new TraceQuery { SpanName = "get /", Conditions = [TagCondition.Equal("db", "orders")] }));
        Assert.False(Any(new TraceQuery { ServiceName = "back" }));
    }

    [Fact]
    public void Jaeger_compares_names_exactly_and_Zipkin_in_lower_case()
    {
        Assert.False(Same(new TraceQuery { ServiceName = "front" }));
        Assert.False(Same(new TraceQuery { SpanName = "QUERY" }));
        Assert.True(Any(new TraceQuery { ServiceName = "FRONT" }));
        Assert.True(Any(new TraceQuery { SpanName = "QUERY" }));
    }

    [Fact]
    public void Jaegers_window_is_that_of_the_span_and_inclusive()
    {
        Assert.True(Same(new TraceQuery { SpanName = "Query", StartMinNs = 1_100, StartMaxNs = 1_100 }));
        Assert.False(Same(new TraceQuery { SpanName = "Query", StartMinNs = 1_101, StartMaxNs = 2_000 }));
        Assert.False(Same(new TraceQuery { SpanName = "Query", StartMinNs = 0, StartMaxNs = 1_099 }));
    }

    [Fact]
    public void Zipkins_window_is_that_of_the_trace()
    {
        Assert.True(Any(new TraceQuery { SpanName = "Query", StartMinNs = 1_000, StartMaxNs = 1_000 }));
        Assert.False(Any(new TraceQuery { SpanName = "Query", StartMinNs = 1_001, StartMaxNs = 2_000 }));
    }

    [Theory]
    [InlineData(100L, 100L, true)]
    [InlineData(101L, 499L, false)]
    [InlineData(501L, null, false)]
    [InlineData(null, 99L, false)]
    public void Durations_are_inclusive_and_of_one_span_of_the_service(long? least, long? most, bool matches)
    {
        var query = new TraceQuery { ServiceName = "Front", MinDurationNs = least, MaxDurationNs = most };

        Assert.Equal(matches, Same(query));
        Assert.Equal(matches, Any(query));
    }

    [Theory]
    [InlineData("error", "true", true)]
    [InlineData("error", "false", true)]
    [InlineData("error", "perhaps", false)]
    [InlineData("span.status", "ERROR", true)]
    [InlineData("span.status", "ok", false)]
    [InlineData("span.status", "unset", true)]
    [InlineData("otel.status_code", "ERROR", true)]
    [InlineData("span.kind", "Server", true)]
    [InlineData("span.kind", "producer", false)]
    [InlineData("scope.name", "lib", true)]
    [InlineData("scope.name", "", true)]
    [InlineData("scope.version", "2", true)]
    [InlineData("otel.scope.name", "lib", true)]
    [InlineData("resource.host", "h1", true)]
    [InlineData("resource.rows", "3", false)]
    [InlineData("host", "h1", true)]
    [InlineData("scoped", "true", true)]
    [InlineData("size", "1.5", true)]
    [InlineData("why", "batch", true)]
    [InlineData("event", "sent", true)]
    [InlineData("event", "Sent", false)]
    public void Jaegers_keys_are_looked_for_in_all_that_a_span_has(string key, string value, bool matches)
    {
        var failed = new Span
        {
            Status = SpanStatus.Error,
            Kind = SpanKind.Server,
            Scope = new InstrumentationScope { Name = "lib", Version = "2", Attributes = [new("scoped", AttributeValue.Of(true))] },
            Resource = new Resource { Attributes = [new("host", AttributeValue.Of("h1"))] },
            Attributes = [new("rows", AttributeValue.Of(3L))],
            Events = [new SpanEvent(1, "sent", [new("size", AttributeValue.Of(1.5))], 0)],
            Links = [new SpanLink(default, default, "", [new("why", AttributeValue.Of("batch"))], 0, 0)],
        };

        Assert.Equal(matches, TraceMatcher.Matches([failed, new Span()], new TraceQuery { Conditions = [TagCondition.Equal(key, value)] }));
    }

    [Fact]
    public void An_error_is_a_status_or_an_attribute_that_does_not_deny_it()
    {
        static bool Fails(Span span) => TraceMatcher.Matches([span], new TraceQuery { Conditions = [TagCondition.Error()] });

        Assert.True(Fails(new Span { Status = SpanStatus.Error }));
        Assert.True(Fails(new Span { Attributes = [new("error", AttributeValue.Of("timeout"))] }));
        Assert.False(Fails(new Span { Attributes = [new("error", AttributeValue.Of(false))] }));
        Assert.False(Fails(new Span()));
    }

    [Fact]
    public void Zipkins_bare_key_is_a_tag_or_an_annotation()
    {
        var span = new Span
        {
            StartNs = 1,
            Protocol = SpanProtocol.Zipkin,
            Attributes = [new("finagle.retry", AttributeValue.Of("x"))],
            Events = [new SpanEvent(1, "ws", [], 0)],
            Resource = new Resource { Attributes = [new("host", AttributeValue.Of("h"))] },
        };
        bool Has(string key) => TraceMatcher.Matches(
            [span], new TraceQuery { Semantics = QuerySemantics.AnySpanOfService, Conditions = [TagCondition.Exists(key)] });

        Assert.True(Has("finagle.retry"));
        Assert.True(Has("ws"));
        Assert.False(Has("WS"));
        Assert.False(Has("host"));
    }

    [Fact]
    public void To_Zipkin_a_failed_status_is_a_tag_error_with_its_message()
    {
        var span = new Span { StartNs = 1, Status = SpanStatus.Error, StatusMessage = "timeout", Protocol = SpanProtocol.Otlp };
        bool Has(TagCondition condition) => TraceMatcher.Matches(
            [span], new TraceQuery { Semantics = QuerySemantics.AnySpanOfService, Conditions = [condition] });

        Assert.True(Has(TagCondition.Exists("error")));
        Assert.True(Has(TagCondition.Equal("error", "timeout")));
        Assert.False(Has(TagCondition.Equal("error", "true")));
    }

    [Fact]
    public void The_other_side_is_the_remote_endpoint_or_else_peer_service()
    {
        var endpoint = new Span
        {
            StartNs = 1,
            RemoteEndpoint = new Endpoint("MySQL", null, null, 0),
            Attributes = [new("peer.service", AttributeValue.Of("other"))],
        };
        var attribute = new Span { StartNs = 1, Attributes = [new("peer.service", AttributeValue.Of("Redis"))] };

        Assert.True(TraceMatcher.Matches([endpoint], new TraceQuery { RemoteServiceName = "mysql" }));
        Assert.False(TraceMatcher.Matches([endpoint], new TraceQuery { RemoteServiceName = "other" }));
        Assert.True(TraceMatcher.Matches([attribute], new TraceQuery { RemoteServiceName = "redis" }));
    }

    [Fact]
    public void The_timestamp_is_that_of_the_first_root_that_has_one_else_the_earliest()
    {
        var timeless = new Span { Marks = SpanMarks.NoStart };
        var child = new Span { ParentId = new SpanId(1), StartNs = 5 };
        var earlier = new Span { ParentId = new SpanId(1), StartNs = 3 };
        var root = new Span { StartNs = 9 };

        Assert.Equal(9UL, At(child, timeless, root, new Span { StartNs = 1 }));
        Assert.Equal(3UL, At(child, timeless, earlier));
        Assert.Null(At(timeless));
        Assert.False(TraceMatcher.Matches([timeless], new TraceQuery { Semantics = QuerySemantics.AnySpanOfService }));
    }

    private static ulong? At(params Span[] trace) => TraceTimestamp.TryGet(trace, out var start) ? start : null;

    private static bool Same(TraceQuery query) => TraceMatcher.Matches(Trace, query with { Semantics = QuerySemantics.SameSpan });

    private static bool Any(TraceQuery query) => TraceMatcher.Matches(Trace, query with { Semantics = QuerySemantics.AnySpanOfService });

    private static Span Span(
        ulong id, ulong parent, string service, string name, SpanKind kind, ulong start, long duration, SpanAttribute[]? attributes = null) =>
        new()
        {
            TraceId = new TraceId(0, 1),
            Id = new SpanId(id),
            ParentId = new SpanId(parent),
            Kind = kind,
            Name = name,
            StartNs = start,
            DurationNs = duration,
            Resource = new Resource { ServiceName = service },
            Attributes = attributes ?? [],
        };
}
