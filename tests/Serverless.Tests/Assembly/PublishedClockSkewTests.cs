using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using static Serverless.Tests.Assembly.SampleSpan;

namespace Serverless.Tests.Assembly;

/// <summary>Clock skew, by the cases of Jaeger's adjuster (<c>clockskew_test.go</c>) and of Zipkin's (<c>clock-skew.test.js</c>).</summary>
public sealed class PublishedClockSkewTests
{
    [Theory]
    // Jaeger: parent's host, start and duration, child's host, start and duration; the child's start afterwards.
    [InlineData("a", 0, 100, "a", 10, 50, 10)]
    [InlineData("a", 10, 100, "a", 0, 50, 0)]
    [InlineData("a", 10, 100, "b", 20, 50, 20)]
    [InlineData("a", 10, 100, "b", 20, 150, 20)]
    [InlineData("a", 10, 100, "b", 0, 50, 35)]
    [InlineData("a", 10, 100, "b", 0, 150, 10)]
    [InlineData("a", 10, 100, "b", 50, 70, 25)]
    [InlineData("a", 10, 100, "b", 80, 50, 35)]
    public void A_child_on_another_host_is_moved_into_its_parent(
        string host, int start, int took, string childHost, int childStart, int childTook, int expected)
    {
        var times = Adjust(null, On(1, 0, host, start, took), On(2, 1, childHost, childStart, childTook));
        Assert.Equal([start, expected], Starts(times));
        Assert.Equal(childStart != expected, times.Skews.Count == 1);
    }

    [Fact]
    public void What_the_moved_host_did_below_moves_with_it_and_other_hosts_are_measured_anew()
    {
        Assert.Equal([10, 25, 35], Starts(Adjust(null, On(1, 0, "a", 10, 100), On(2, 1, "b", 50, 70), On(3, 2, "b", 60, 20))));
        Assert.Equal(
            [10, 35, 55, 40, 45],
            Starts(Adjust(null, On(1, 0, "a", 10, 100), On(2, 1, "b", 0, 50), On(3, 2, "c", 0, 10), On(4, 2, "b", 5, 10), On(5, 2, "b", 10, 10))));
    }

    [Theory]
    [InlineData(0, 35)]
    [InlineData(80, -45)]
    public void A_skew_over_the_maximum_is_told_and_not_applied(int childStart, int skewMs)
    {
        foreach (var (isOn, maximumMs) in new[] { (true, 10), (true, 0), (false, 1_000) })
        {
            var times = Adjust(isOn ? TimeSpan.FromMilliseconds(maximumMs) : null, isOn, On(1, 0, "a", 10, 100), On(2, 1, "b", childStart, 50));
            Assert.Equal([10, childStart], Starts(times));
            Assert.Equal((skewMs * 1_000_000L, false), (Assert.Single(times.Skews).AmountNs, times.Skews[0].IsApplied));
        }
    }

    [Fact]
    public void A_parent_that_is_missing_or_there_twice_moves_nothing()
    {
        Assert.Empty(Adjust(null, On(1, 99, "a", 0, 100)).Skews);
        Assert.Empty(Adjust(null, On(1, 0, "a", 0, 100), On(1, 0, "a", 0, 100)).Skews);
    }

    [Fact]
    public void The_end_of_10_000_spans_in_a_row_is_moved()
    {
        Span[] chain = [.. Enumerable.Range(1, 9_999).Select(i => On((ulong)i, (ulong)i - 1, "a", 10, 100)), On(10_000, 9_999, "b", 0, 50)];
        Assert.Equal(35, Starts(Adjust(null, chain))[^1]);
    }

    [Theory]
    // Zipkin: the server's host, start and duration (0 for none), under a client at 20 that took 20 (0 for none); what is added to the server's times.
    [InlineData("frontend", 10, 10, 20, 0)]
    [InlineData("backend", 30, 10, 20, 0)]
    [InlineData("backend", 10, 10, 20, 15)]
    // Zipkin takes one-way calls, and those whose server goes on, to arrive 1 µs after they were sent; here, as in Jaeger, at once.
    [InlineData("backend", 10, 0, 0, 10)]
    [InlineData("backend", 10, 10, 5, 10)]
    public void A_shared_server_before_its_client_is_moved(string host, int start, int took, int clientTook, int expected)
    {
        foreach (var isShared in new[] { true, false })
        {
            var client = Of(3, 0, "frontend", SpanKind.Client, 20, clientTook == 0 ? null : clientTook, "172.17.0.13");
            var server = Of(3, 0, host, SpanKind.Server, start, took == 0 ? null : took, host == "frontend" ? "172.17.0.13" : "172.17.0.9", isShared);
            var times = ClockSkewAdjuster.Adjust(TraceTree.Build(SpanMerger.Merge([client, server])));
            var at = Enumerable.Range(0, 2).Single(times.Tree.IsServerHalf);
            Assert.Equal(expected * 1_000, times.AmountOf(at));
            Assert.Equal(expected == 0 ? [] : ["backend"], times.Skews.Select(skew => skew.ToService));
        }
    }

    private static Span On(ulong id, ulong parent, string host, int startMs, int tookMs) =>
        Of(id, parent, host, at: startMs * 1_000, took: tookMs * 1_000, host: "10.0.0." + (int)host[0]);

    private static ClockSkewAdjustment Adjust(TimeSpan? maximum, params Span[] spans) => Adjust(maximum, true, spans);

    private static ClockSkewAdjustment Adjust(TimeSpan? maximum, bool isOn, params Span[] spans) =>
        ClockSkewAdjuster.Adjust(TraceTree.Build(SpanMerger.Merge(spans)), isOn, maximum);

    /// <summary>By id, in milliseconds.</summary>
    private static int[] Starts(ClockSkewAdjustment times) =>
        [.. Enumerable.Range(0, times.Tree.Count).OrderBy(i => times.Tree[i].Id.Value).Select(i => (int)(((long)times.StartOf(i) - (long)Origin) / 1_000_000))];
}
