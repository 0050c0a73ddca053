using Serverless.Tracing.Search;

namespace Serverless.Tests.Search;

public sealed class CandidateCollectorTests
{
    private static readonly SearchFilter Filter = new(new TraceQuery
    {
        Semantics = QuerySemantics.AnySpanOfService,
        SpanName = "get",
        Conditions = [TagCondition.Exists("a")],
    });

    [Fact]
    public void A_trace_becomes_a_candidate_once_when_its_digests_satisfy_all_conditions_between_them()
    {
        var all = Filter.AllConditions;
        var collector = new CandidateCollector(Filter);

        Assert.False(collector.Add(new SearchHit(1, 0, 1)));
        Assert.False(collector.Add(new SearchHit(2, 0, all & ~1UL)));
        Assert.True(collector.Add(new SearchHit(1, 0, all & ~1UL)));
        Assert.False(collector.Add(new SearchHit(1, 0, all)));
        Assert.True(collector.Add(new SearchHit(3, 0, all)));
        Assert.False(collector.Add(new SearchHit(3, 0, 1)));
        Assert.False(collector.IsIncomplete);
    }

    [Fact]
    public void Beyond_its_bound_it_says_that_it_is_incomplete()
    {
        var collector = new CandidateCollector(Filter, maxTraces: 1);
        collector.Add(new SearchHit(1, 0, 1));

        Assert.False(collector.Add(new SearchHit(2, 0, 1)));

        Assert.True(collector.IsIncomplete);
        Assert.True(collector.Add(new SearchHit(2, 0, Filter.AllConditions)));
        Assert.True(collector.Add(new SearchHit(1, 0, Filter.AllConditions)));
    }

    [Fact]
    public void Without_conditions_every_hit_is_a_candidate()
    {
        var collector = new CandidateCollector(new SearchFilter(new TraceQuery()));

        Assert.True(collector.Add(new SearchHit(1, 0, 0)));
        Assert.False(collector.Add(new SearchHit(1, 0, 0)));
    }

    [Fact]
    public void More_conditions_than_there_are_bits_are_left_to_the_matcher()
    {
        var query = new TraceQuery { Conditions = [.. Enumerable.Range(0, 100).Select(i => TagCondition.Exists("k" + i))] };

        Assert.Equal(61, System.Numerics.BitOperations.PopCount(new SearchFilter(query).AllConditions));
    }
}
