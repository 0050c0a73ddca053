using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Tests.Search;

public sealed class SearchBlockTests
{
    private const ulong Hour = SearchBlock.MaxSpanOfStartsNs;

    [Fact]
    public void Services_that_differ_only_in_case_share_blocks()
    {
        var store = new SearchStore().Add([Span(1, "Checkout"), Span(2, "checkout"), Span(3, "cart"), Span(4, "")]);

        Assert.Equal(["", "cart", "checkout"], store.Blocks.Select(block => block.ServiceKey).Order(StringComparer.Ordinal));
        Assert.Equal(2, store.Blocks.Single(block => block.ServiceKey == "checkout").Digests);
    }

    [Fact]
    public void The_spans_of_a_service_in_a_trace_make_one_digest_though_they_came_in_several_requests()
    {
        var store = new SearchStore().Add([Span(1, "a"), Span(2, "a")], [Span(1, "a"), Span(1, "b")], [Span(1, "a")]);

        Assert.Equal(2, store.Blocks.Single(block => block.ServiceKey == "a").Digests);
        Assert.Equal(1, store.Blocks.Single(block => block.ServiceKey == "b").Digests);
    }

    [Fact]
    public void A_block_covers_at_most_an_hour_and_goes_from_new_to_old()
    {
        var spans = Enumerable.Range(0, 500).Select(i => Span((ulong)i + 1, "a", SampleTraces.Begin + ((ulong)(i * 37 % 500) * Hour / 60)));

        var store = new SearchStore().Add(spans.ToList());

        Assert.Equal(500, store.Blocks.Sum(block => block.Digests));
        Assert.All(store.Blocks, block => Assert.True(block.NewestStartNs - block.OldestStartNs <= Hour));
        Assert.Equal(store.Blocks.OrderByDescending(block => block.NewestStartNs), store.Blocks);
        foreach (var block in store.Blocks)
        {
            var hits = new List<SearchHit>();
            new SearchBlockReader().FindCandidates(block.Bytes, new SearchFilter(new TraceQuery()), hits);
            Assert.Equal(hits.OrderByDescending(hit => hit.NewestStartNs), hits);
            Assert.Equal(block.NewestStartNs, hits[0].NewestStartNs);
        }
    }

    [Fact]
    public void A_trace_that_lasts_for_days_is_found_by_each_of_its_starts()
    {
        var spans = Enumerable.Range(0, 50).Select(i => Span(7, "a", SampleTraces.Begin + ((ulong)i * Hour))).ToList();
        var store = new SearchStore().Add(spans);

        foreach (var span in spans)
            Assert.Equal([7UL], store.Search(new TraceQuery { ServiceName = "a", StartMinNs = span.StartNs, StartMaxNs = span.StartNs }));
        Assert.Empty(store.Search(new TraceQuery { ServiceName = "a", StartMinNs = 1, StartMaxNs = SampleTraces.Begin - 1_000_000_000 }));
    }

    [Fact]
    public void A_block_takes_at_most_48_KB_whatever_its_digests_hold()
    {
        var store = new SearchStore().Add([.. UniqueValues.Traces(300, 400), .. UniqueValues.Traces(1, 60_000)]);

        Assert.All(store.Blocks, block => Assert.InRange(block.Bytes.Length, 1, SearchBlock.MaxBytes));
        Assert.Contains(UniqueValues.IdOf(0), store.Search(UniqueValues.Query(UniqueValues.ValueOf(0, 59_999))));
        Assert.Contains(UniqueValues.IdOf(299), store.Search(UniqueValues.Query(UniqueValues.ValueOf(299, 399))));
    }

    [Fact]
    public void A_digest_with_too_many_operations_is_found_by_any_of_them()
    {
        var spans = Enumerable.Range(0, 3_000).Select(i => new Span
        {
            TraceId = new TraceId(0, 5),
            Id = new SpanId((ulong)i + 1),
            Name = "GET /item/" + i,
            StartNs = SampleTraces.Begin,
            Resource = new Resource { ServiceName = "a" },
            Protocol = SpanProtocol.Otlp,
        }).ToList();

        var store = new SearchStore().Add(spans);

        Assert.Equal([5UL], store.Search(new TraceQuery { ServiceName = "a", SpanName = "GET /item/2999" }));
    }

    [Fact]
    public void Spans_without_a_start_are_filed_under_their_arrival()
    {
        var span = Span(1, "a", start: 0, SpanMarks.NoStart);

        var block = Assert.Single(new SearchStore().Add([span]).Blocks);

        Assert.Equal(SearchStore.ArrivalNs, block.NewestStartNs);
    }

    [Fact]
    public void Names_are_handed_out_once_for_a_batch_and_as_they_were_sent()
    {
        var store = new SearchStore();
        for (var batch = 0; batch < 2; batch++)
        {
            store.Add([Named("Shop", "GET /", SpanKind.Server), Named("Shop", "GET /", SpanKind.Client)], [Named("Shop", "GET /", SpanKind.Server)]);

            Assert.Equal(
                [new SeenOperation("Shop", "GET /", SpanKind.Server), new SeenOperation("Shop", "GET /", SpanKind.Client)],
                store.Collector.Operations);
            Assert.Equal([new SeenRemoteService("Shop", "MySQL")], store.Collector.RemoteServices);
            Assert.Equal([new SeenTagKey("Shop", "peer.service"), new SeenTagKey("Shop", "user")], store.Collector.TagKeys);
        }
    }

    [Fact]
    public void Tag_keys_of_a_service_are_bounded()
    {
        var span = new Span
        {
            TraceId = new TraceId(0, 5),
            Id = new SpanId(1),
            Resource = new Resource { ServiceName = "a" },
            Protocol = SpanProtocol.Otlp,
            Attributes = [.. Enumerable.Range(0, 5_000).Select(i => new SpanAttribute("key" + i, default))],
        };

        var store = new SearchStore().Add([span]);

        Assert.Equal(SeenNames.MaxTagKeysPerService, store.Collector.TagKeys.Count);
        Assert.Equal([5UL], store.Search(new TraceQuery { ServiceName = "a", Conditions = [TagCondition.Exists("key4999")] }));
    }

    [Fact]
    public void Any_damage_of_a_block_is_refused_or_harmless()
    {
        var store = new SearchStore().Add(new SampleTraces(5).Make(60));
        var block = store.Blocks.MaxBy(b => b.Bytes.Length)!;
        Assert.True(block.Bytes.Length < 4_096);
        var bytes = block.Bytes.ToArray();
        var filter = new SearchFilter(new TraceQuery { Conditions = [TagCondition.Equal("user", "u1")] });
        var reader = new SearchBlockReader();
        var hits = new List<SearchHit>();
        for (var at = 0; at < bytes.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                bytes[at] ^= (byte)(1 << bit);
                Assert.Throws<FrameFormatException>(() => reader.FindCandidates(bytes, filter, hits));
                bytes[at] ^= (byte)(1 << bit);
            }
        }

        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<FrameFormatException>(() => reader.FindCandidates(bytes.AsMemory(0, length), filter, hits));
    }

    [Fact]
    public void Damage_that_the_checksum_agrees_with_is_refused_or_harmless_too()
    {
        var store = new SearchStore().Add(new SampleTraces(6).Make(40));
        var bytes = store.Blocks.MaxBy(b => b.Bytes.Length)!.Bytes.ToArray();
        var filter = new SearchFilter(new TraceQuery { SpanName = "pay", Conditions = [TagCondition.Equal("user", "u1")] });
        var reader = new SearchBlockReader();
        var hits = new List<SearchHit>();
        var refused = 0;
        for (var at = 5; at < bytes.Length; at++)
        {
            foreach (var change in (byte[])[1, 0x80, 0xFF, 0x22])
            {
                var damaged = bytes.ToArray();
                damaged[at] ^= change;
                System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(
                    damaged.AsSpan(1), EventEnvelope.Crc32C(damaged.AsSpan(5)));
                try
                {
                    hits.Clear();
                    reader.FindCandidates(damaged, filter, hits);
                }
                catch (FrameFormatException)
                {
                    refused++;
                }
            }
        }

        Assert.True(refused > 0);
    }

    [Fact]
    public void A_block_of_a_later_version_says_so()
    {
        var bytes = new SearchStore().Add([Span(1, "a")]).Blocks[0].Bytes.ToArray();
        bytes[0] = 2;

        var error = Assert.Throws<FrameFormatException>(
            () => new SearchBlockReader().FindCandidates(bytes, new SearchFilter(new TraceQuery()), new List<SearchHit>()));

        Assert.Equal("Not a frame: a search block of version 2 where 1 was expected at byte 0.", error.Message);
    }

    [Fact]
    public void Codes_round_outward_by_at_most_an_eighth()
    {
        var random = new Random(1);
        for (var i = 0; i < 10_000; i++)
        {
            var value = (ulong)random.NextInt64(1L << random.Next(1, 34));
            var below = SearchBlockFormat.ValueOf(SearchBlockFormat.CodeBelow(value));
            var above = SearchBlockFormat.ValueOf(SearchBlockFormat.CodeAbove(value));
            Assert.InRange(value, below, above);
            Assert.True(above - below <= value / 8 || value < 8, $"{below} to {above} for {value}");
        }

        Assert.Equal(SearchBlockFormat.HighestCode, SearchBlockFormat.CodeAbove(ulong.MaxValue));
        for (var code = 0; code < 256; code++)
            Assert.Equal(code, SearchBlockFormat.CodeBelow(SearchBlockFormat.ValueOf((byte)code)));
    }

    private static Span Span(ulong trace, string service, ulong start = SampleTraces.Begin, SpanMarks marks = SpanMarks.None) => new()
    {
        TraceId = new TraceId(0, trace),
        Id = new SpanId(start + 1),
        Name = "n",
        StartNs = start,
        Marks = marks,
        Resource = new Resource { ServiceName = service },
        Protocol = SpanProtocol.Otlp,
    };

    private static Span Named(string service, string name, SpanKind kind) => new()
    {
        TraceId = new TraceId(0, 1),
        Id = new SpanId((ulong)kind + 1),
        Name = name,
        Kind = kind,
        StartNs = SampleTraces.Begin,
        Resource = new Resource { ServiceName = service },
        Attributes = [new SpanAttribute("peer.service", AttributeValue.Of("MySQL")), new SpanAttribute("user", AttributeValue.Of("u"))],
        Protocol = SpanProtocol.Otlp,
    };
}
