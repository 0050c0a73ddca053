using Serverless.Functions.Querying;
using Serverless.Functions.Querying.Api;
using Serverless.Tests.Assembling;
using Serverless.Tests.Search;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Tests.Querying.Api;

/// <summary>The search of our own API over stored traces, compared with looking at every one of them.</summary>
public sealed class TracePageSearchTests
{
    private const ulong HashOfFilters = 7;

    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddTicks((long)(SampleTraces.Begin / 100)).AddHours(3.2);

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task A_search_finds_what_looking_at_every_trace_finds_in_the_order_of_starts_and_ids(int seed)
    {
        await using var store = new MergeStore(Start);
        var samples = new SampleTraces(seed);
        var lows = await FillAsync(store, samples, seed, traces: 120);
        var all = await AllAsync(store, lows);
        var random = new Random(seed);
        var (found, merged) = (0, false);
        for (var i = 0; i < 200; i++)
        {
            var query = Query(samples, store, random);
            VerdictKind[] verdicts = random.Next(3) == 0 ? [(VerdictKind)random.Next(1, 11), (VerdictKind)random.Next(1, 11)] : [];
            var expected = Expected(all, query, verdicts);
            var page = await store.Pages.FindAsync(new TraceFilter(query with { Limit = 1_000 }, verdicts, true, null), HashOfFilters, CancellationToken.None);
            Assert.True(page.IsComplete);
            Assert.Null(page.Next);
            Assert.Equal(expected, page.Traces.Select(KeyOf));
            found += expected.Length;
            if (i == 100)
            {
                await store.MergeNextHourAsync();
                merged = true;
            }
        }

        Assert.True(merged);
        Assert.True(found > 200, $"only {found} matches: the queries test nothing");
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public async Task Pages_together_are_the_whole_answer_whatever_their_size_and_though_blocks_are_merged_meanwhile(int seed)
    {
        await using var store = new MergeStore(Start);
        var samples = new SampleTraces(seed);
        var all = await AllAsync(store, await FillAsync(store, samples, seed, traces: 120));
        var random = new Random(seed);
        var longest = 0;
        for (var i = 0; i < 40; i++)
        {
            var query = Query(samples, store, random) with { Limit = random.Next(1, 9) };
            var expected = Expected(all, query, []);
            var paged = new List<(ulong, TraceId)>();
            var pages = 0;
            SearchCursor? cursor = null;
            do
            {
                var page = await store.Pages.FindAsync(new TraceFilter(query, [], true, cursor), HashOfFilters, CancellationToken.None);
                Assert.True(page.IsComplete);
                Assert.True(page.Traces.Count == query.Limit || page.Next is null);
                paged.AddRange(page.Traces.Select(KeyOf));
                cursor = page.Next is null ? null : SearchCursor.Read(page.Next.ToString());
                if (i % 10 == 5 && pages++ == 1)
                    await store.Merger.RunAsync(CancellationToken.None);
            }
            while (cursor is not null);
            Assert.Equal(expected, paged);
            longest = Math.Max(longest, paged.Count / query.Limit);
        }

        Assert.True(longest > 5, $"at most {longest} pages: the queries test nothing");
    }

    [Fact]
    public async Task Traces_that_come_between_two_pages_shift_nothing()
    {
        await using var store = new MergeStore(Start);
        for (var i = 0UL; i < 10; i++)
            await store.StoreAsync("0", Span(i + 1, store.NowNs - (i * 1_000_000)));
        var query = new TraceQuery { StartMinNs = 0, StartMaxNs = store.NowNs + 1_000_000_000, Limit = 4 };
        var first = await store.Pages.FindAsync(new TraceFilter(query, [], true, null), HashOfFilters, CancellationToken.None);
        for (var i = 0UL; i < 5; i++)
            await store.StoreAsync("1", Span(i + 100, store.NowNs + (i * 1_000_000)));
        var second = await store.Pages.FindAsync(new TraceFilter(query, [], true, first.Next), HashOfFilters, CancellationToken.None);
        Assert.Equal([1UL, 2, 3, 4], first.Traces.Select(view => view.Trace.Summary.TraceId.Low));
        Assert.Equal([5UL, 6, 7, 8], second.Traces.Select(view => view.Trace.Summary.TraceId.Low));
    }

    [Fact]
    public async Task A_trace_that_is_longer_than_a_page_is_listed_once_where_it_starts()
    {
        await using var store = new MergeStore(Start);
        var long1 = Span(1, store.NowNs - 9_000_000);
        await store.StoreAsync("0", long1, new Span { TraceId = long1.TraceId, Id = new SpanId(2), ParentId = new SpanId(1), StartNs = store.NowNs, Resource = long1.Resource });
        for (var i = 0UL; i < 8; i++)
            await store.StoreAsync("0", Span(i + 10, store.NowNs - (i * 1_000_000) - 500_000));
        var query = new TraceQuery { ServiceName = "shop", StartMinNs = 0, StartMaxNs = store.NowNs, Limit = 3 };
        var ids = new List<ulong>();
        SearchCursor? cursor = null;
        do
        {
            var page = await store.Pages.FindAsync(new TraceFilter(query, [], true, cursor), HashOfFilters, CancellationToken.None);
            ids.AddRange(page.Traces.Select(view => view.Trace.Summary.TraceId.Low));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal([10UL, 11, 12, 13, 14, 15, 16, 17, 1], ids);
    }

    [Fact]
    public void A_cursor_reads_as_it_was_written_and_nothing_else_is_one()
    {
        var cursor = new SearchCursor(ulong.MaxValue, new TraceId(1, 2), 3, 4, 5, 6, [7, 8]);
        var read = SearchCursor.Read(cursor.ToString())!;
        Assert.Equal(cursor with { Ahead = [] }, read with { Ahead = [] });
        Assert.Equal([7UL, 8UL], read.Ahead);
        foreach (var text in new[] { "", "x", "AAAA", cursor.ToString()[..^2], cursor + "AAAA", "!!!!", new string('A', 5_000) })
            Assert.Null(SearchCursor.Read(text));
    }

    private static Span Span(ulong low, ulong startNs) => new()
    {
        TraceId = new TraceId(0, low), Id = new SpanId(1), StartNs = startNs, DurationNs = 1_000, Name = "buy", Resource = new Resource { ServiceName = "shop" },
    };

    private static TraceQuery Query(SampleTraces samples, MergeStore store, Random random)
    {
        var query = samples.Query();
        // Parts of spans without a start are filed by when they came.
        return query with
        {
            Semantics = random.Next(2) == 0 ? QuerySemantics.SameSpan : QuerySemantics.WholeTrace,
            StartMaxNs = store.NowNs,
            Conditions = random.Next(3) == 0 ? [] : query.Conditions,
        };
    }

    private static async Task<ulong[]> FillAsync(MergeStore store, SampleTraces samples, int seed, int traces)
    {
        var random = new Random(seed);
        var spans = samples.Make(traces).SelectMany(trace => trace).SelectMany(samples.Reports).OrderBy(_ => random.Next()).ToArray();
        foreach (var batch in spans.Chunk(random.Next(20, 120)))
            await store.StoreAsync(random.Next(2) == 0 ? "0" : "1", batch);
        return [.. spans.Select(span => span.TraceId.Low).Distinct()];
    }

    private static async Task<List<ReadTrace>> AllAsync(MergeStore store, ulong[] lows)
    {
        var all = new List<ReadTrace>();
        foreach (var low in lows)
            all.AddRange(await store.Traces.ReadAllAsync(low, true, CancellationToken.None));
        return all;
    }

    private static (ulong StartNs, TraceId Id)[] Expected(List<ReadTrace> all, TraceQuery query, VerdictKind[] verdicts) =>
    [
        .. all.Where(trace => TraceMatcher.Matches(trace.Spans, query))
            .Select(trace => TraceViews.Assemble(trace, adjusts: true))
            .Where(view => verdicts.Length == 0 || view.Trace.Verdicts.Any(verdict => verdicts.Contains(verdict.Kind)))
            .Select(KeyOf)
            .OrderByDescending(key => key.StartNs).ThenBy(key => key.Id),
    ];

    private static (ulong StartNs, TraceId Id) KeyOf(TraceView view) => (view.ReportedStartNs, view.Trace.Summary.TraceId);
}
