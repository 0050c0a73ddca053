using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using static Serverless.Tests.Assembly.SampleSpan;

namespace Serverless.Tests.Assembly;

public sealed class ParentCirclesTests
{
    [Fact]
    public void A_trace_without_circles_is_left_as_it_is()
    {
        Span[] trace = [Of(1), Of(3, 2, at: 1), Of(2, 1, at: 2), Of(4, 9, at: 3)];
        Assert.Same(trace, ParentCircles.Cut(trace));
        Assert.Empty(ParentCircles.Cut([]));
    }

    [Fact]
    public void A_circle_is_cut_at_its_earliest_span()
    {
        Span[] trace = [Of(1), Of(2, 4, at: 1), Of(3, 2, at: 2), Of(4, 3, at: 3), Of(5, 4, at: 4), Of(6, 6, at: 5)];
        var cut = ParentCircles.Cut(trace);
        Assert.Equal([0UL, 0, 2, 3, 4, 0], cut.Select(span => span.ParentId.Value));
        Assert.Same(trace[2], cut[2]);
    }

    [Fact]
    public void In_no_trace_whatever_is_there_a_circle_left()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            // References are no parents to Zipkin.
            var trace = SpanMerger.Merge([.. SampleGraphs.Make(seed).Select(span => span with { Links = [] })]);
            Assert.DoesNotContain(
                TraceTree.Build(ParentCircles.Cut(trace)).Findings, finding => finding.Oddity is TreeOddity.Cycle or TreeOddity.SelfParent);
        }
    }
}
