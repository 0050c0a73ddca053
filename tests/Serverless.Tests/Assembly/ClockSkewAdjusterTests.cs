using Serverless.Tests.Protocols.Zipkin;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using static Serverless.Tests.Assembly.SampleSpan;

namespace Serverless.Tests.Assembly;

public sealed class ClockSkewAdjusterTests
{
    [Fact]
    public void A_server_outside_its_client_is_moved_to_its_middle_with_what_its_host_did()
    {
        var times = Adjust(Client(100, 50), Server(10, 30), Of(3, 2, "b", at: 20, took: 5));

        Assert.Equal(["100-150 +0", "110-140 +100", "120-125 +100"], Lines(times));
        Assert.Equal(new HostSkew("a", "", "b", "", new SpanId(2), 100_000, 1, true), Assert.Single(times.Skews));
    }

    [Fact]
    public void A_server_within_its_client_is_left_alone()
    {
        var times = Adjust(Client(100, 50), Server(100, 50));

        Assert.Equal(["100-150 +0", "100-150 +0"], Lines(times));
        Assert.Empty(times.Skews);
    }

    [Fact]
    public void A_server_that_took_longer_is_moved_only_to_not_begin_earlier()
    {
        Assert.Equal(["100-150 +0", "100-180 +40"], Lines(Adjust(Client(100, 50), Server(60, 80))));
        Assert.Equal(["100-150 +0", "120-200 +0"], Lines(Adjust(Client(100, 50), Server(120, 80))));
    }

    [Fact]
    public void A_call_from_the_moved_host_is_measured_against_its_moved_times()
    {
        var times = Adjust(Client(100, 50), Server(10, 30), Of(3, 2, "b", SpanKind.Client, 12, 20), Of(4, 3, "c", SpanKind.Server, 115, 10));

        Assert.Equal(["100-150 +0", "110-140 +100", "112-132 +100", "115-125 +0"], Lines(times));
    }

    [Fact]
    public void Other_services_at_the_same_address_have_the_same_clock()
    {
        var times = Adjust(Of(1, 0, "a", SpanKind.Client, 100, 50, "10.0.0.1"), Of(2, 1, "b", SpanKind.Server, 10, 30, "10.0.0.1"));

        Assert.Equal(["100-150 +0", "10-40 +0"], Lines(times));
        Assert.Empty(times.Skews);
    }

    [Fact]
    public void The_same_service_at_another_address_has_another_clock()
    {
        var times = Adjust(Of(1, 0, "a", SpanKind.Client, 100, 50, "10.0.0.1"), Of(2, 1, "a", SpanKind.Server, 10, 30, "10.0.0.2"));

        Assert.Equal(new HostSkew("a", "10.0.0.1", "a", "10.0.0.2", new SpanId(2), 100_000, 1, true), Assert.Single(times.Skews));
    }

    [Fact]
    public void A_consumer_may_run_long_after_its_producer_but_not_before_it()
    {
        Assert.Empty(Adjust(Of(1, 0, "a", SpanKind.Producer, 100, 5), Of(2, 1, "b", SpanKind.Consumer, 900, 3)).Skews);
        Assert.Equal(
            ["100-105 +0", "100-103 +40"], Lines(Adjust(Of(1, 0, "a", SpanKind.Producer, 100, 5), Of(2, 1, "b", SpanKind.Consumer, 60, 3))));
    }

    [Fact]
    public void Without_a_duration_a_server_is_moved_only_to_not_begin_earlier()
    {
        var late = Adjust(Client(100, null), Server(500, 30));
        var early = Adjust(Client(100, 50), Of(2, 1, "b", SpanKind.Server, 10, null));

        Assert.Empty(late.Skews);
        Assert.Equal(["100-150 +0", "100-100 +90"], Lines(early));
    }

    [Fact]
    public void Less_than_a_microsecond_is_rounding()
    {
        var server = new Span { TraceId = Trace, Id = new SpanId(2), ParentId = new SpanId(1), Kind = SpanKind.Server, StartNs = Origin + 99_001, DurationNs = 10, Resource = new Resource { ServiceName = "b" } };

        Assert.Empty(Adjust(Client(100, 50), server).Skews);
    }

    [Fact]
    public void Turned_off_it_says_what_it_sees_and_moves_nothing()
    {
        var times = ClockSkewAdjuster.Adjust(TraceTree.Build([Client(100, 50), Server(10, 30)]), isOn: false);

        Assert.Equal(["100-150 +0", "10-40 +0"], Lines(times));
        Assert.Equal((100_000, false), (Assert.Single(times.Skews).AmountNs, times.Skews[0].IsApplied));
    }

    [Fact]
    public void A_skew_over_the_maximum_is_said_and_not_applied()
    {
        var tree = TraceTree.Build([Client(100, 50), Server(10, 30)]);

        Assert.False(Assert.Single(ClockSkewAdjuster.Adjust(tree, maximum: TimeSpan.FromMicroseconds(99)).Skews).IsApplied);
        Assert.True(Assert.Single(ClockSkewAdjuster.Adjust(tree, maximum: TimeSpan.FromMicroseconds(100)).Skews).IsApplied);
    }

    [Fact]
    public void Many_calls_between_two_hosts_are_one_skew_with_the_largest_amount()
    {
        var times = Adjust(Of(1, took: 1_000), Of(2, 1, kind: SpanKind.Client, at: 100, took: 50), Of(3, 1, kind: SpanKind.Client, at: 200, took: 50),
            Of(4, 2, "b", SpanKind.Server, 10, 30), Of(5, 3, "b", SpanKind.Server, 90, 30));

        Assert.Equal(new HostSkew("a", "", "b", "", new SpanId(5), 120_000, 2, true), Assert.Single(times.Skews));
    }

    [Fact]
    public void The_spans_stay_as_they_are()
    {
        var server = Server(10, 30);
        Adjust(Client(100, 50), server);

        Assert.Equal(Origin + 10_000, server.StartNs);
    }

    [Fact]
    public void Times_at_the_ends_of_the_scale_do_not_overflow()
    {
        Span At(ulong id, ulong parent, string service, ulong start, long took) => new()
        {
            TraceId = Trace, Id = new SpanId(id), ParentId = new SpanId(parent), StartNs = start, DurationNs = took, Resource = new Resource { ServiceName = service },
        };

        var times = Adjust(At(1, 0, "a", ulong.MaxValue, long.MaxValue), At(2, 1, "b", 0, long.MaxValue), At(3, 2, "c", ulong.MaxValue, long.MinValue), At(4, 3, "d", 5, 3));

        for (var i = 0; i < times.Tree.Count; i++)
            Assert.True(times.StartOf(i) <= times.EndOf(i));
    }

    [Fact]
    public void A_mesh_whose_clocks_agree_shows_no_skew()
    {
        Assert.Empty(ClockSkewAdjuster.Adjust(TraceTree.Build(SpanMerger.Merge(ZipkinCorpus.Decode(ZipkinCorpus.Read("bookinfo-64bit.json"))))).Skews);
    }

    private static Span Client(long at, long? took) => Of(1, 0, "a", SpanKind.Client, at, took);

    private static Span Server(long at, long took) => Of(2, 1, "b", SpanKind.Server, at, took);

    private static ClockSkewAdjustment Adjust(params Span[] spans) => ClockSkewAdjuster.Adjust(TraceTree.Build(spans));

    /// <summary>By id: start, end and amount in microseconds.</summary>
    private static IEnumerable<string> Lines(ClockSkewAdjustment times) => Enumerable.Range(0, times.Tree.Count)
        .OrderBy(i => times.Tree[i].Id.Value)
        .Select(i => $"{((long)(times.StartOf(i) - Origin)) / 1000}-{((long)(times.EndOf(i) - Origin)) / 1000} +{times.AmountOf(i) / 1000}");
}
