using System.Diagnostics;
using System.Net;
using Serverless.Tests.Frames;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Assembly;

public sealed class SpanMergerTests
{
    private static readonly TraceId Trace = new(0, 1);

    [Fact]
    public void An_exact_duplicate_is_one_span()
    {
        var spans = new RandomSpans(1).Make(50, 1, false);
        var again = SpanFrames.Decode(SpanFrames.Of(spans));

        var once = SpanMerger.Merge(spans);
        var twice = SpanMerger.Merge([.. spans, .. again, .. again]);

        Assert.Equal(SpanFrames.Describe(once), SpanFrames.Describe(twice));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void The_order_in_which_reports_came_does_not_matter(int seed)
    {
        var random = new Random(seed);
        var spans = new RandomSpans(seed).Make(200, 2, true)
            .Select(span => Report(span.TraceId, 1 + (span.Id.Value % 20), span)).ToList();
        var expected = SpanFrames.Describe(SpanMerger.Merge(spans));

        for (var i = 0; i < 10; i++)
        {
            var shuffled = spans.OrderBy(_ => random.Next()).ToList();
            Assert.Equal(expected, SpanFrames.Describe(SpanMerger.Merge(shuffled)));
        }
    }

    [Fact]
    public void What_has_been_merged_stays_as_it_is()
    {
        var spans = new RandomSpans(9).Make(200, 1, true).Select(span => Report(Trace, 1 + (span.Id.Value % 20), span)).ToList();
        var merged = SpanMerger.Merge(spans);

        Assert.Equal(SpanFrames.Describe(merged), SpanFrames.Describe(SpanMerger.Merge(merged)));
    }

    [Fact]
    public void Parts_of_a_span_fill_each_other_in()
    {
        var started = new Span
        {
            TraceId = Trace,
            Id = new SpanId(1),
            Name = "get",
            Kind = SpanKind.Client,
            StartNs = 1_000,
            Marks = SpanMarks.NoDuration | SpanMarks.Debug,
            Resource = Local("front", IPAddress.Parse("1.2.3.4")),
            Attributes = [new("a", AttributeValue.Of("1")), new("b", AttributeValue.Of("2"))],
            Events = [new SpanEvent(1_000, "ws", [], 0)],
        };
        var finished = new Span
        {
            TraceId = Trace,
            Id = new SpanId(1),
            ParentId = new SpanId(9),
            DurationNs = 70,
            Marks = SpanMarks.NoStart,
            Status = SpanStatus.Error,
            StatusMessage = "late",
            Resource = Local("", null, 80),
            Attributes = [new("b", AttributeValue.Of("other")), new("c", AttributeValue.Of("3"))],
            Events = [new SpanEvent(1_000, "ws", [], 0), new SpanEvent(1_070, "wr", [], 0)],
            RemoteEndpoint = new Endpoint("back", null, null, 0),
        };

        var span = Assert.Single(SpanMerger.Merge([finished, started]));

        Assert.Equal(
            SpanFrames.Describe(new Span
            {
                TraceId = Trace,
                Id = new SpanId(1),
                ParentId = new SpanId(9),
                Name = "get",
                Kind = SpanKind.Client,
                StartNs = 1_000,
                DurationNs = 70,
                Marks = SpanMarks.Debug,
                Status = SpanStatus.Error,
                StatusMessage = "late",
                Resource = new Resource
                {
                    ServiceName = "front",
                    Attributes = [new("service.name", AttributeValue.Of("front"))],
                    LocalEndpoint = new Endpoint("front", IPAddress.Parse("1.2.3.4"), null, 80),
                },
                Attributes = [new("a", AttributeValue.Of("1")), new("b", AttributeValue.Of("2")), new("c", AttributeValue.Of("3"))],
                Events = [new SpanEvent(1_000, "ws", [], 0), new SpanEvent(1_070, "wr", [], 0)],
                RemoteEndpoint = new Endpoint("back", null, null, 0),
            }),
            SpanFrames.Describe(span));
    }

    [Fact]
    public void A_client_and_a_server_of_one_id_are_two_spans_and_the_server_is_the_shared_one()
    {
        var client = Half(SpanKind.Client, "front", 1_000, parent: 5);
        var server = Half(SpanKind.Server, "back", 1_010);

        var merged = SpanMerger.Merge([server, client]);

        Assert.Equal([SpanKind.Client, SpanKind.Server], merged.Select(span => span.Kind));
        Assert.Equal([false, true], merged.Select(span => span.IsShared));
        Assert.Equal([5UL, 5UL], merged.Select(span => span.ParentId.Value));
    }

    [Fact]
    public void A_server_that_says_that_it_is_shared_and_one_that_does_not_are_the_same_beside_a_client()
    {
        var client = Half(SpanKind.Client, "front", 1_000);
        var server = Half(SpanKind.Server, "back", 1_010);
        var shared = Half(SpanKind.Server, "back", 1_010, marks: SpanMarks.Shared);

        Assert.Equal(2, SpanMerger.Merge([server, client, shared]).Count);
        Assert.Equal(2, SpanMerger.Merge([server, shared]).Count);
    }

    [Fact]
    public void A_client_and_a_server_in_the_same_service_are_two_spans_too()
    {
        var merged = SpanMerger.Merge([Half(SpanKind.Server, "one", 1_010), Half(SpanKind.Unspecified, "one", 1_005), Half(SpanKind.Client, "one", 1_000)]);

        Assert.Equal([SpanKind.Client, SpanKind.Server], merged.Select(span => span.Kind));
    }

    [Fact]
    public void Reports_of_one_id_from_different_services_are_different_spans()
    {
        var merged = SpanMerger.Merge([Half(SpanKind.Internal, "a", 1), Half(SpanKind.Internal, "b", 2), Half(SpanKind.Internal, "", 3)]);

        Assert.Equal(["a", "b"], merged.Select(span => span.ServiceName));
    }

    [Fact]
    public void Contradicting_reports_keep_the_earliest_start_and_lose_no_attribute()
    {
        var first = Otlp(1_000, 50, [new("k", AttributeValue.Of(1L))]);
        var second = Otlp(990, 60, [new("k", AttributeValue.Of(2L)), new("l", AttributeValue.Of(3L))]);

        var span = Assert.Single(SpanMerger.Merge([first, second]));

        Assert.Equal(990UL, span.StartNs);
        Assert.Equal(60, span.DurationNs);
        Assert.Equal(["k=2", "l=3"], span.Attributes.Select(a => a.Key + "=" + a.Value));
    }

    [Theory]
    [InlineData(SpanProtocol.Otlp, SpanProtocol.Otlp, 2)]
    [InlineData(SpanProtocol.Jaeger, SpanProtocol.Jaeger, 2)]
    [InlineData(SpanProtocol.Zipkin, SpanProtocol.Otlp, 2)]
    [InlineData(SpanProtocol.Otlp, SpanProtocol.Zipkin, 2)]
    [InlineData(SpanProtocol.Zipkin, SpanProtocol.Zipkin, 1)]
    public void Reports_that_began_at_different_times_are_spans_whose_ids_collide_unless_they_are_Zipkins(SpanProtocol first, SpanProtocol second, int count)
    {
        var reports = new[] { Otlp(5_000, 1, []) with { Protocol = first }, Otlp(9_000, 2, []) with { Protocol = second }, Otlp(5_000, 1, []) with { Protocol = first } };

        var merged = SpanMerger.Merge(reports);

        Assert.Equal(count, merged.Count);
        Assert.Equal(SpanFrames.Describe(merged), SpanFrames.Describe(SpanMerger.Merge([.. reports.Reverse()])));
        Assert.Equal(SpanFrames.Describe(merged), SpanFrames.Describe(SpanMerger.Merge(merged)));
    }

    [Fact]
    public void Spans_are_in_the_order_of_their_start_then_id_and_those_without_a_start_come_last()
    {
        Span At(ulong id, ulong start, SpanMarks marks = SpanMarks.None) =>
            new() { TraceId = Trace, Id = new SpanId(id), StartNs = start, Marks = marks };

        var merged = SpanMerger.Merge([At(4, 0, SpanMarks.NoStart), At(3, 7), At(2, 9), At(1, 9)]);

        Assert.Equal([3UL, 1UL, 2UL, 4UL], merged.Select(span => span.Id.Value));
    }

    [Fact]
    public void A_span_that_was_reported_under_both_widths_of_its_traces_id_is_one_under_the_wider()
    {
        var narrow = new Span { TraceId = new TraceId(0, 1), Id = new SpanId(1) };
        var wide = new Span { TraceId = new TraceId(7, 1), Id = new SpanId(1) };
        var other = new Span { TraceId = new TraceId(0, 2), Id = new SpanId(1) };

        Assert.Equal([wide.TraceId, other.TraceId], SpanMerger.Merge([narrow, wide, other, narrow]).Select(span => span.TraceId));
    }

    [Fact]
    public void Merging_takes_time_in_proportion_to_the_spans_however_they_nest_and_repeat()
    {
        var resource = new Resource { ServiceName = "a" };
        Span At(int i, ulong id) => new()
        {
            TraceId = Trace,
            Id = new SpanId(id),
            ParentId = new SpanId(id - 1),
            StartNs = (ulong)(i * 7919L % 100_003),
            Resource = resource,
            Events = [new SpanEvent((ulong)i, "e", [], 0)],
            Protocol = SpanProtocol.Zipkin,
        };

        // Far more than it takes even on a busy machine; with work that is quadratic in 100,000 it would be minutes.
        var watch = Stopwatch.StartNew();
        Assert.Equal(100_000, SpanMerger.Merge([.. Enumerable.Range(1, 100_000).Select(i => At(i, (ulong)i))]).Count);
        Assert.Equal(100_000, Assert.Single(SpanMerger.Merge([.. Enumerable.Range(1, 100_000).Select(i => At(i, 1))])).Events.Count);
        Assert.InRange(SpanMerger.Merge([.. Enumerable.Range(1, 100_000).Select(i => At(i, 1) with { Protocol = SpanProtocol.Otlp })]).Count, 50, 101);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(90), $"{watch.Elapsed} for 300,000 spans");
    }

    private static Span Report(TraceId trace, ulong id, Span like) => new()
    {
        TraceId = trace,
        Id = new SpanId(id),
        ParentId = like.ParentId,
        Kind = like.Kind,
        Name = like.Name,
        StartNs = like.StartNs,
        DurationNs = like.DurationNs,
        Status = like.Status,
        StatusMessage = like.StatusMessage,
        Resource = like.Resource,
        Scope = like.Scope,
        Attributes = like.Attributes,
        Events = like.Events,
        Links = like.Links,
        RemoteEndpoint = like.RemoteEndpoint,
        Marks = like.Marks,
        Protocol = like.Protocol,
    };

    private static Span Half(SpanKind kind, string service, ulong start, ulong parent = 0, SpanMarks marks = SpanMarks.None) => new()
    {
        TraceId = Trace,
        Id = new SpanId(1),
        ParentId = new SpanId(parent),
        Kind = kind,
        StartNs = start,
        DurationNs = 10,
        Marks = marks,
        Resource = Local(service, null),
        Protocol = SpanProtocol.Zipkin,
    };

    private static Span Otlp(ulong start, long duration, SpanAttribute[] attributes) => new()
    {
        TraceId = Trace,
        Id = new SpanId(1),
        StartNs = start,
        DurationNs = duration,
        Attributes = attributes,
        Protocol = SpanProtocol.Otlp,
    };

    private static Resource Local(string service, IPAddress? ipv4, int port = 0) => new()
    {
        ServiceName = service,
        Attributes = service.Length == 0 ? [] : [new("service.name", AttributeValue.Of(service))],
        LocalEndpoint = new Endpoint(service, ipv4, null, port),
    };
}
