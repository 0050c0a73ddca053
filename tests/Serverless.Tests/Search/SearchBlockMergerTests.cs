using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Tests.Search;

public sealed class SearchBlockMergerTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 3)]
    public void What_matches_is_found_in_merged_blocks_too(int seed, int merges)
    {
        var samples = new SampleTraces(seed);
        var traces = samples.Make(250);
        var random = new Random(seed);
        var store = new SearchStore();
        // Some batches come twice.
        var batches = traces.SelectMany(trace => trace).OrderBy(_ => random.Next()).Chunk(random.Next(3, 30)).ToList();
        foreach (var batch in batches.Concat(batches.Where(_ => random.Next(4) == 0)))
            store.Add([batch]);
        var before = store.Blocks.Count;
        for (var i = 0; i < merges; i++)
            Merge(store, random);

        Assert.True(store.Blocks.Count < before / 4, $"{store.Blocks.Count} blocks of {before}");
        Assert.All(store.Blocks, block => Assert.True(block.NewestStartNs - block.OldestStartNs <= SearchBlock.MaxSpanOfStartsNs));
        var (found, opened) = (0, 0);
        for (var i = 0; i < 400; i++)
        {
            var query = samples.Query();
            var answer = store.Search(query);
            var candidates = answer.ToHashSet();
            Assert.Equal(answer.Count, candidates.Count);
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
    [InlineData(3, 500)]
    [InlineData(40, 500)]
    [InlineData(2000, 20)]
    public void A_value_that_no_span_has_is_as_seldom_found_as_before(int valuesOfDigest, int digests)
    {
        var store = new SearchStore();
        foreach (var trace in UniqueValues.Traces(digests, valuesOfDigest))
            store.Add([trace]);
        Merge(store);

        var found = 0;
        const int Queries = 200;
        for (var i = 0; i < Queries; i++)
            found += store.Search(UniqueValues.Query("nobody" + i)).Count;

        var chances = digests * Queries;
        Assert.True(found <= 4 + (chances / 1000), $"{found} false candidates of {chances}");
        for (var trace = 0; trace < digests; trace++)
            Assert.Contains(UniqueValues.IdOf(trace), store.Search(UniqueValues.Query(UniqueValues.ValueOf(trace, valuesOfDigest - 1))));
    }

    [Fact]
    public void Blocks_of_a_replay_unite_to_the_digests_that_there_were()
    {
        var batch = new SampleTraces(7).Make(30);
        var once = new SearchStore().Add(batch);
        var twice = new SearchStore().Add(batch).Add(batch);

        Merge(once);
        Merge(twice);

        Assert.Equal(once.Blocks.Sum(block => block.Digests), twice.Blocks.Sum(block => block.Digests));
    }

    [Fact]
    public void The_spans_of_a_trace_that_came_in_many_batches_unite_unless_they_have_too_many_values()
    {
        var few = new SearchStore();
        var many = new SearchStore();
        for (var i = 0; i < 10; i++)
        {
            few.Add([SpanWith(1, i, values: 4)]);
            many.Add([SpanWith(1, i, values: 40)]);
        }

        Merge(few);
        Merge(many);

        Assert.Equal(1, Assert.Single(few.Blocks).Digests);
        Assert.Equal(10, Assert.Single(many.Blocks).Digests);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal([1UL], few.Search(UniqueValues.Query($"order-{i}-3")));
            Assert.Equal([1UL], many.Search(UniqueValues.Query($"order-{i}-39")));
        }
    }

    [Fact]
    public void Merged_blocks_are_full_and_take_at_most_48_KB()
    {
        var store = new SearchStore();
        foreach (var trace in UniqueValues.Traces(3_000, 30))
            store.Add([trace]);

        Merge(store);

        Assert.Equal(3_000, store.Blocks.Sum(block => block.Digests));
        Assert.All(store.Blocks, block => Assert.InRange(block.Bytes.Length, 1, SearchBlock.MaxBytes));
        Assert.All(store.Blocks.SkipLast(1), block => Assert.InRange(block.Bytes.Length, SearchBlock.MaxBytes / 2, SearchBlock.MaxBytes));
        Assert.Equal(store.Blocks.OrderByDescending(block => block.NewestStartNs), store.Blocks);
    }

    [Fact]
    public void The_same_blocks_merge_to_the_same_bytes()
    {
        var store = new SearchStore();
        foreach (var trace in new SampleTraces(8).Make(50))
            store.Add([trace]);
        var sources = store.Blocks.Where(block => block.ServiceKey == "checkout").ToList();

        Assert.Equal(
            Merged("checkout", sources).Select(block => Convert.ToHexString(block.Bytes.Span)),
            Merged("checkout", sources).Select(block => Convert.ToHexString(block.Bytes.Span)));
    }

    [Fact]
    public void A_digest_that_says_that_it_may_have_any_value_says_so_afterwards()
    {
        var store = new SearchStore().Add(UniqueValues.Traces(1, 60_000)).Add(UniqueValues.Traces(1, 3));

        Merge(store);

        Assert.Equal([UniqueValues.IdOf(0)], store.Search(UniqueValues.Query("anything")));
    }

    [Fact]
    public void A_damaged_block_is_refused_whole()
    {
        var store = new SearchStore().Add(new SampleTraces(5).Make(60));
        var good = store.Blocks.MaxBy(b => b.Bytes.Length)!;
        var bytes = good.Bytes.ToArray();
        var merger = new SearchBlockMerger();
        for (var at = 0; at < bytes.Length; at++)
        {
            bytes[at] ^= 0x10;
            Assert.Throws<FrameFormatException>(() => merger.Add(bytes));
            bytes[at] ^= 0x10;
        }

        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<FrameFormatException>(() => merger.Add(bytes.AsMemory(0, length)));
        Assert.Equal(0, merger.Digests);
        merger.Add(bytes);
        Assert.Equal(good.Digests, merger.Digests);
    }

    [Fact]
    public void Damage_that_the_checksum_agrees_with_is_refused_or_harmless()
    {
        var store = new SearchStore().Add(new SampleTraces(6).Make(40));
        var bytes = store.Blocks.MaxBy(b => b.Bytes.Length)!.Bytes.ToArray();
        var merger = new SearchBlockMerger();
        var refused = 0;
        for (var at = 5; at < bytes.Length; at++)
        {
            foreach (var change in (byte[])[1, 0x80, 0xFF, 0x22])
            {
                var damaged = bytes.ToArray();
                damaged[at] ^= change;
                System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(damaged.AsSpan(1), EventEnvelope.Crc32C(damaged.AsSpan(5)));
                try
                {
                    merger.Reset();
                    merger.Add(damaged);
                    Assert.All(merger.Finish("x"), block => Assert.InRange(block.Bytes.Length, 1, SearchBlock.MaxBytes));
                }
                catch (FrameFormatException)
                {
                    refused++;
                }
            }
        }

        Assert.True(refused > 0);
    }

    /// <summary>Merges the blocks of each service, some of them or all, newest first as they are stored.</summary>
    private static void Merge(SearchStore store, Random? random = null)
    {
        var after = new List<SearchBlock>();
        foreach (var service in store.Blocks.GroupBy(block => block.ServiceKey))
        {
            var sources = service.Where(_ => random is null || random.Next(20) != 0).ToList();
            after.AddRange(service.Except(sources));
            after.AddRange(Merged(service.Key, sources));
        }

        store.Blocks.Clear();
        store.Blocks.AddRange(after);
    }

    private static IReadOnlyList<SearchBlock> Merged(string service, List<SearchBlock> sources)
    {
        var merger = new SearchBlockMerger();
        foreach (var block in sources.OrderByDescending(block => block.NewestStartNs))
            merger.Add(block.Bytes);
        return merger.Finish(service);
    }

    private static List<Span> SpanWith(ulong trace, int number, int values) =>
    [
        new()
        {
            TraceId = new TraceId(0, trace),
            Id = new SpanId((ulong)number + 1),
            Name = "pay",
            StartNs = SampleTraces.Begin + (ulong)number,
            Resource = new Resource { ServiceName = "checkout" },
            Protocol = SpanProtocol.Otlp,
            Attributes = [.. Enumerable.Range(0, values).Select(i => new SpanAttribute("order", AttributeValue.Of($"order-{number}-{i}")))],
        },
    ];
}
