using Serverless.Tests.Protocols.Zipkin;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using static Serverless.Tests.Assembly.SampleSpan;

namespace Serverless.Tests.Assembly;

public sealed class CriticalPathTests
{
    [Fact]
    public void A_span_alone_is_its_own_path()
    {
        Assert.Equal("1:0-100", Path(Of(1, took: 100)));
    }

    [Fact]
    public void Children_one_after_the_other_are_all_on_it_with_the_gaps_between_them()
    {
        Assert.Equal("1:0-10 2:10-40 1:40-50 3:50-90 1:90-100", Path(Of(1, took: 100), Of(2, 1, at: 10, took: 30), Of(3, 1, at: 50, took: 40)));
    }

    [Fact]
    public void Of_children_beside_each_other_the_one_that_finishes_last_counts()
    {
        Assert.Equal("1:0-20 3:20-90 1:90-100", Path(Of(1, took: 100), Of(2, 1, at: 10, took: 60), Of(3, 1, at: 20, took: 70)));
    }

    [Fact]
    public void A_child_that_ended_before_the_last_began_counts_before_it()
    {
        Assert.Equal("1:0-5 2:5-50 3:50-90 1:90-100", Path(Of(1, took: 100), Of(2, 1, at: 5, took: 45), Of(4, 1, at: 20, took: 40), Of(3, 1, at: 50, took: 40)));
    }

    [Fact]
    public void It_goes_down_to_the_deepest_span()
    {
        Assert.Equal("1:0-10 2:10-20 3:20-80 2:80-90 1:90-100", Path(Of(1, took: 100), Of(2, 1, at: 10, took: 80), Of(3, 2, at: 20, took: 60)));
    }

    [Fact]
    public void A_child_is_cut_to_the_time_of_its_parent()
    {
        Assert.Equal("1:0-50 2:50-100", Path(Of(1, took: 100), Of(2, 1, at: 50, took: 90)));
        Assert.Equal("2:10-30 1:30-110", Path(Of(1, at: 10, took: 100), Of(2, 1, at: 5, took: 25)));
        Assert.Equal("2:10-110", Path(Of(1, at: 10, took: 100), Of(2, 1, at: 5, took: 500)));
    }

    [Fact]
    public void A_grandchild_is_cut_to_the_time_that_its_parent_was_cut_to()
    {
        Assert.Equal("1:0-50 2:50-60 3:60-100", Path(Of(1, took: 100), Of(2, 1, at: 50, took: 90), Of(3, 2, at: 60, took: 70)));
    }

    [Fact]
    public void A_child_outside_its_parent_is_left_out_with_all_below_it()
    {
        Assert.Equal("1:100-200", Path(Of(1, at: 100, took: 100), Of(2, 1, at: 200, took: 50), Of(3, 2, at: 150, took: 10), Of(4, 1, at: 0, took: 100)));
    }

    [Fact]
    public void A_consumer_of_a_message_does_not_block()
    {
        Assert.Equal("1:0-10 2:10-20 1:20-100", Path(
            Of(1, took: 100), Of(2, 1, kind: SpanKind.Producer, at: 10, took: 10), Of(3, 2, "b", SpanKind.Consumer, 12, 50), Of(4, 3, "b", at: 13, took: 2),
            Of(5, 1, "c", SpanKind.Consumer, 30, 20)));
    }

    [Fact]
    public void A_span_that_only_follows_its_parent_does_not_block()
    {
        Assert.Equal("1:0-100", Path(Of(1, took: 100), Of(2, 1, at: 10, took: 50, links: [Reference(1, "follows_from")]), Of(3, at: 10, took: 50, links: [Reference(1, "follows_from")])));
    }

    [Fact]
    public void It_goes_by_the_adjusted_times()
    {
        Assert.Equal("1:100-110 2:110-140 1:140-150", Path(Of(1, 0, "a", SpanKind.Client, 100, 50), Of(2, 1, "b", SpanKind.Server, 10, 30)));
    }

    [Fact]
    public void Spans_of_no_length_and_without_a_start_are_not_on_it()
    {
        Assert.Equal("1:0-100", Path(Of(1, took: 100), Of(2, 1, at: 50, took: 0), Of(3, 1, at: 60, took: -5), Of(4, 1, took: 9, marks: SpanMarks.NoStart), Of(5, 1, at: 30, took: null)));
    }

    [Fact]
    public void Self_time_is_that_in_which_no_child_ran()
    {
        var path = Find(
            Of(1, took: 100), Of(2, 1, at: 10, took: 30), Of(3, 1, at: 30, took: 20), Of(4, 1, at: 90, took: 50), Of(5, 2, at: 15, took: 5),
            Of(6, 1, "b", SpanKind.Consumer, 60, 10));

        Assert.Equal([50, 25, 5, 20, 10, 50], Enumerable.Range(0, 6).Select(i => path.SelfNsOf(i) / 1000));
    }

    [Fact]
    public void Self_time_holds_where_adjusting_changed_the_order_of_the_children()
    {
        var path = Find(Of(1, took: 100), Of(2, 1, "b", at: -500, took: 40), Of(3, 1, at: 10, took: 10));

        Assert.Equal(50, path.SelfNsOf(1) / 1000);
    }

    [Fact]
    public void The_time_on_the_path_is_summed_per_span()
    {
        var path = Find(Of(1, took: 100), Of(2, 1, at: 10, took: 30), Of(3, 1, at: 20, took: 70));

        Assert.Equal([30, 0, 70], Enumerable.Range(0, 3).Select(i => path.CriticalNsOf(i) / 1000));
    }

    [Fact]
    public void In_a_mesh_the_ratings_that_reviews_waits_for_decide()
    {
        var times = ClockSkewAdjuster.Adjust(TraceTree.Build(SpanMerger.Merge(ZipkinCorpus.Decode(ZipkinCorpus.Read("bookinfo-64bit.json")))));
        var path = CriticalPath.Find(times);

        Assert.Equal(
            "istio-ingressgateway.istio-system productpage.default details.default productpage.default reviews.default ratings.default reviews.default productpage.default istio-ingressgateway.istio-system",
            string.Join(' ', Repeatless(path.Stretches.Select(stretch => times.Tree[stretch.Span].ServiceName))));
        Assert.Equal(41_873_000, path.Stretches.Sum(stretch => stretch.DurationNs));
    }

    [Fact]
    public void Of_any_graph_the_stretches_are_together_exactly_the_time_of_the_top()
    {
        for (var seed = 0; seed < 3_000; seed++)
        {
            var times = ClockSkewAdjuster.Adjust(TraceTree.Build(SpanMerger.Merge(SampleGraphs.Make(seed))));
            var path = CriticalPath.Find(times);
            var at = times.StartOf(times.Tree.Top);
            foreach (var stretch in path.Stretches)
            {
                Assert.Equal(at, stretch.FromNs);
                Assert.True(stretch.FromNs < stretch.ToNs);
                Assert.True(stretch.FromNs >= times.StartOf(stretch.Span) && stretch.ToNs <= times.EndOf(stretch.Span));
                at = stretch.ToNs;
            }

            Assert.Equal(times.EndOf(times.Tree.Top), at);
            for (var i = 0; i < times.Tree.Count; i++)
                Assert.InRange(path.SelfNsOf(i), 0, (long)(times.EndOf(i) - times.StartOf(i)));
        }
    }

    /// <summary>The traces of the tests of Jaeger's page (CriticalPath/testCases), which are numbered there, with the sections that it expects.</summary>
    [Theory]
    [InlineData(1, "1:0:1-101 3:1:50-60 2:1:20-40", "1:1-20 2:20-40 1:40-50 3:50-60 1:60-101")]
    [InlineData(2, "1:0:1-101 2:1:10-50 3:1:20-60", "1:1-20 3:20-60 1:60-101")]
    [InlineData(3, "1:0:100-140 2:1:160-220", "1:100-140")]
    [InlineData(4, "1:0:1-31 2:1:40-80 3:2:50-60", "1:1-31")]
    [InlineData(6, "1:0:1-30 2:1:15-35 3:2:10-25", "1:1-15 3:15-25 2:25-30")]
    [InlineData(7, "1:0:1-30 2:1:15-35 3:2:20-40", "1:1-15 2:15-20 3:20-30")]
    [InlineData(8, "1:0:10-30 2:1:5-35", "2:10-30")]
    [InlineData(9, "1:0:10-30 2:1:1-5", "1:10-30")]
    public void Jaegers_page_agrees(int number, string spans, string expected)
    {
        Assert.InRange(number, 1, 9);
        Assert.Equal(expected, Path([.. spans.Split(' ').Select(span =>
        {
            var parts = span.Split(':', '-').Select(part => ulong.Parse(part, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            return Of(parts[0], parts[1], at: (long)parts[2], took: (long)(parts[3] - parts[2]));
        })]));
    }

    private static CriticalPath Find(params Span[] spans) => CriticalPath.Find(ClockSkewAdjuster.Adjust(TraceTree.Build(spans)));

    private static string Path(params Span[] spans)
    {
        var times = ClockSkewAdjuster.Adjust(TraceTree.Build(spans));
        return string.Join(' ', CriticalPath.Find(times).Stretches.Select(stretch =>
            $"{times.Tree[stretch.Span].Id.Value}:{(stretch.FromNs - Origin) / 1000}-{(stretch.ToNs - Origin) / 1000}"));
    }

    private static IEnumerable<string> Repeatless(IEnumerable<string> names)
    {
        var last = "";
        foreach (var name in names)
        {
            if (name != last)
                yield return name;
            last = name;
        }
    }
}
