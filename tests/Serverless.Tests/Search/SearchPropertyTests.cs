using Serverless.Tracing.Assembly;
using Serverless.Tracing.Search;

namespace Serverless.Tests.Search;

public sealed class SearchPropertyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void What_matches_is_always_found_however_the_spans_came_in_batches(int seed)
    {
        var samples = new SampleTraces(seed);
        var traces = samples.Make(250);
        var random = new Random(seed);
        var store = new SearchStore();
        foreach (var batch in traces.SelectMany(trace => trace).OrderBy(_ => random.Next()).Chunk(random.Next(50, 800)))
            store.Add(batch.Chunk(random.Next(1, 40)));

        var (found, opened) = (0, 0);
        for (var i = 0; i < 400; i++)
        {
            var query = samples.Query();
            var candidates = store.Search(query).ToHashSet();
            opened += candidates.Count;
            foreach (var trace in traces.Where(trace => TraceMatcher.Matches(trace, query)))
            {
                found++;
                Assert.True(candidates.Contains(trace[0].TraceId.Low), $"trace {trace[0].TraceId} is missing from the answer to {query}");
            }
        }

        Assert.True(found > 400, $"only {found} matches: the queries test nothing");
        Assert.True(opened < found * 10, $"{opened} traces opened for {found} matches");
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void A_span_whose_parts_satisfy_the_conditions_only_together_is_found(int seed)
    {
        var samples = new SampleTraces(seed);
        var reports = samples.Make(200).Select(trace => trace.SelectMany(samples.Reports).ToList()).ToList();
        var random = new Random(seed);
        var store = new SearchStore();
        foreach (var batch in reports.SelectMany(trace => trace).OrderBy(_ => random.Next()).Chunk(random.Next(20, 400)))
            store.Add(batch.Chunk(random.Next(1, 40)));

        var found = 0;
        for (var i = 0; i < 400; i++)
        {
            var query = samples.Query();
            var candidates = store.Search(query).ToHashSet();
            foreach (var trace in reports.Select(SpanMerger.Merge).Where(trace => TraceMatcher.Matches(trace, query)))
            {
                found++;
                Assert.True(candidates.Contains(trace[0].TraceId.Low), $"trace {trace[0].TraceId} is missing from the answer to {query}");
            }
        }

        Assert.True(found > 400, $"only {found} matches: the queries test nothing");
    }

    [Theory]
    [InlineData(3, 1000)]
    [InlineData(40, 1000)]
    [InlineData(2000, 1000)]
    public void A_value_that_no_span_has_is_seldom_found(int valuesOfDigest, int perChance)
    {
        var digests = valuesOfDigest > 100 ? 20 : 500;
        var store = new SearchStore().Add(UniqueValues.Traces(digests, valuesOfDigest));

        var found = 0;
        const int Queries = 200;
        for (var i = 0; i < Queries; i++)
            found += store.Search(UniqueValues.Query("nobody" + i)).Count;

        var chances = digests * Queries;
        Assert.True(found <= 4 + (chances / perChance), $"{found} false candidates of {chances}");
        Assert.Contains(UniqueValues.IdOf(7), store.Search(UniqueValues.Query(UniqueValues.ValueOf(7, valuesOfDigest - 1))));
    }
}
