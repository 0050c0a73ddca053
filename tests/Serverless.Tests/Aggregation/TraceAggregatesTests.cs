using Serverless.Tests.Assembly;
using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using static Serverless.Tests.Assembly.SampleSpan;

namespace Serverless.Tests.Aggregation;

public sealed class TraceAggregatesTests
{
    private const long OriginMinute = (long)(Origin / 60_000_000_000);
    private const long MinuteUs = 60_000_000;

    [Fact]
    public void Spans_are_counted_by_the_minute_of_their_start_and_their_service_operation_and_kind()
    {
        var aggregates = Of(
            Span(1, 0, "web", SpanKind.Server, took: 50, name: "get"),
            Span(2, 1, "web", SpanKind.Server, took: 30, name: "get", error: true),
            Span(3, 1, "web", SpanKind.Client, took: 30, name: "get"),
            Span(4, 1, "web", SpanKind.Server, at: MinuteUs, took: null, name: "get"));

        Assert.Equal(
            [
                $"{OriginMinute} web get Client 1 0 30000 1",
                $"{OriginMinute} web get Server 2 1 80000 2",
                $"{OriginMinute + 1} web get Server 1 0 0 0",
            ],
            Red(aggregates));
    }

    [Fact]
    public void Calls_are_counted_in_the_minute_of_the_traces_start()
    {
        var aggregates = Of(
            Span(1, 0, "web", SpanKind.Client, at: 0), Span(2, 1, "app", SpanKind.Server, at: MinuteUs * 2, error: true),
            Span(3, 2, "app", SpanKind.Client, at: MinuteUs * 3, took: 7, remote: "db"));

        Assert.Equal(
            [$"{OriginMinute} app>db 1 0 1 7000", $"{OriginMinute} web>app 1 1 1 10000"],
            aggregates.Links.Select(link => $"{link.Minute} {link.Parent}>{link.Child} {link.Sums.Calls} {link.Sums.Errors} {link.Sums.TimedCalls} {link.Sums.DurationNs}").Order());
    }

    [Theory]
    [InlineData(25 * 60, false)]
    [InlineData(24 * 60, true)]
    [InlineData(-61 - 60, false)]
    [InlineData(-1, true)]
    public void A_span_far_from_the_traces_start_counts_at_that(int minutes, bool isItsOwn)
    {
        var aggregates = Of(Span(1, 0, "a"), Span(2, 9, "a", at: minutes * MinuteUs, name: "other"));

        Assert.Equal(isItsOwn ? OriginMinute + minutes : OriginMinute, aggregates.Red.Single(entry => entry.Operation == "other").Minute);
    }

    [Fact]
    public void A_span_without_a_start_counts_at_the_traces_and_a_trace_without_any_counts_nowhere()
    {
        Assert.Equal([OriginMinute, OriginMinute], Of(Span(1, 0, "a"), Span(2, 1, "b", marks: SpanMarks.NoStart)).Red.Select(entry => entry.Minute));
        var none = Of(Span(1, 0, "a", SpanKind.Client, remote: "b", marks: SpanMarks.NoStart));
        Assert.True(none.IsEmpty);
        Assert.Empty(none.ToBlocks());
    }

    [Fact]
    public void A_trace_is_counted_once_or_taken_back_once()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new TraceAggregates().Add(AssembledTrace.Assemble([Span(1, 0, "a")]), 2));
        Assert.Contains("A trace is counted with 1 and taken back with -1.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_added_and_taken_back_vanishes_in_any_order()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var (one, other) = (Random(seed), Random(seed + 1_000));
            var aggregates = new TraceAggregates();
            aggregates.Add(one, 1);
            aggregates.Add(other, -1);
            Assert.False(aggregates.IsEmpty);
            aggregates.Add(other, 1);
            aggregates.Add(one, -1);

            Assert.True(aggregates.IsEmpty);
            Assert.Empty(aggregates.Red);
            Assert.Empty(aggregates.ToBlocks());
        }
    }

    [Fact]
    public void Differences_stored_and_added_up_are_what_is_counted_directly()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            // Each trace comes in three versions; each item replaces some by their next.
            var versions = Enumerable.Range(0, 20).Select(trace => Enumerable.Range(1, 3).Select(version => Random((seed * 100) + trace, version)).ToArray()).ToArray();
            var stored = new List<AggregateBlock>();
            for (var version = 0; version < 3; version++)
            {
                foreach (var some in versions.Chunk(7))
                {
                    var item = new TraceAggregates();
                    foreach (var trace in some)
                    {
                        item.Add(trace[version], 1);
                        if (version > 0)
                            item.Add(trace[version - 1], -1);
                    }

                    stored.AddRange(item.ToBlocks());
                }
            }

            var (sum, direct) = (new TraceAggregates(), new TraceAggregates());
            foreach (var block in stored.AsEnumerable().Reverse())
                sum.Merge(block);
            foreach (var trace in versions)
                direct.Add(trace[2], 1);

            Assert.Equal(Red(direct), Red(sum));
            Assert.Equal(direct.Links.OrderBy(Key), sum.Links.OrderBy(Key));
        }

        static string Key(LinkEntry link) => $"{link.Minute} {link.Parent}>{link.Child}";
    }

    [Fact]
    public void Operations_above_the_bound_count_as_other_and_are_set_off_when_taken_back_elsewhere()
    {
        var last = Span(10_000, 0, "a", took: 5, name: "last", trace: new TraceId(1, 2));
        var aggregates = new TraceAggregates();
        for (var i = 1; i <= TraceAggregates.MaxOperations; i++)
            aggregates.Add(AssembledTrace.Assemble([Span((ulong)i, 0, "a", name: $"op{i}")]), 1);
        aggregates.Add(AssembledTrace.Assemble([last]), 1);
        aggregates.Add(AssembledTrace.Assemble([Span(1, 0, "b", name: "last")]), 1);

        Assert.Equal(1, aggregates.Red.Single(entry => entry.Operation == AggregateName.Other).Sums.Calls);
        Assert.Equal("b", aggregates.Red.Single(entry => entry.Operation == "last").Service);

        var elsewhere = new TraceAggregates();
        elsewhere.Add(AssembledTrace.Assemble([last]), -1);
        var window = new RedWindow(["a"], [SpanKind.Internal]) { FirstMinute = 0, LastMinute = long.MaxValue, IsByOperation = true, HasDurations = true };
        aggregates.WriteTo(window);
        elsewhere.WriteTo(window);
        Assert.Equal(TraceAggregates.MaxOperations, window.ToList().Count);
        Assert.DoesNotContain(window.ToList(), series => series.Operation is "last" or AggregateName.Other);
    }

    [Fact]
    public void A_name_that_is_very_long_counts_under_its_beginning()
    {
        var aggregates = Of(Span(1, 0, new string('s', 400), name: new string('x', 255) + "\ud83d\ude00"), Span(2, 1, new string('s', 500), name: new string('x', 255)));

        var entry = Assert.Single(aggregates.Red);
        Assert.Equal(new string('s', AggregateName.MaxChars), entry.Service);
        Assert.Equal(new string('x', 255), entry.Operation);
        Assert.Equal(2, entry.Sums.Calls);
    }

    [Fact]
    public void Full_is_said_before_the_blocks_no_longer_fit_one_transaction()
    {
        var aggregates = new TraceAggregates();
        var random = new Random(5);
        for (var i = 0; !aggregates.IsFull; i++)
            aggregates.Add(Hostile(random, i, 200), 1);
        aggregates.Add(Hostile(random, -1, 50_000), 1);

        var blocks = aggregates.ToBlocks();
        Assert.InRange(blocks.Count, 1, TraceAggregates.MaxBlocks);
        Assert.InRange(blocks.Sum(block => block.Bytes.Length), 1, 2_500_000);
        Assert.All(blocks, block => Assert.InRange(block.Bytes.Length, 1, AggregateBlock.MaxBytes));
        var read = new TraceAggregates();
        foreach (var block in blocks)
            read.Merge(block);
        Assert.Equal(aggregates.Red.Sum(entry => entry.Sums.Calls), read.Red.Sum(entry => entry.Sums.Calls));
    }

    [Fact]
    public void Traces_of_many_hours_fill_it_by_their_number_of_hours()
    {
        var aggregates = new TraceAggregates();
        var added = 0;
        for (; !aggregates.IsFull; added++)
            aggregates.Add(AssembledTrace.Assemble([Span(1, 0, "a", SpanKind.Client, at: added * 60 * MinuteUs, remote: "b")]), 1);
        aggregates.Add(AssembledTrace.Assemble([.. Enumerable.Range(0, 100).Select(i => Span((ulong)i + 1, (ulong)i, "a", at: (i * 60 * MinuteUs) - (2_000 * 60 * MinuteUs)))]), 1);

        Assert.InRange(added, 10, 40);
        Assert.InRange(aggregates.ToBlocks().Count, 40, TraceAggregates.MaxBlocks);
    }

    [Fact]
    public void Cleared_it_counts_anew()
    {
        var aggregates = Of(Span(1, 0, "a", SpanKind.Client, remote: "b"), Span(2, 1, "a", took: 40));
        var before = aggregates.ToBlocks();
        aggregates.Clear();
        Assert.True(aggregates.IsEmpty);
        aggregates.Add(AssembledTrace.Assemble([Span(1, 0, "a", SpanKind.Client, remote: "b"), Span(2, 1, "a", took: 40)]), 1);

        Assert.Equal(before.Select(block => Convert.ToHexString(block.Bytes)), aggregates.ToBlocks().Select(block => Convert.ToHexString(block.Bytes)));
    }

    private static TraceAggregates Of(params Span[] spans)
    {
        var aggregates = new TraceAggregates();
        aggregates.Add(AssembledTrace.Assemble(spans), 1);
        return aggregates;
    }

    private static IEnumerable<string> Red(TraceAggregates aggregates) => aggregates.Red
        .Select(entry => $"{entry.Minute} {entry.Service} {entry.Operation} {entry.Kind} {entry.Sums.Calls} {entry.Sums.Errors} {entry.Sums.DurationNs} {entry.Durations.Count}")
        .Order(StringComparer.Ordinal);

    private static AssembledTrace Random(int seed, int parts = 3)
    {
        var spans = SampleGraphs.Make(seed);
        return AssembledTrace.Assemble([.. spans.Take((spans.Count * parts / 3) + 1)]);
    }

    private static AssembledTrace Hostile(Random random, int trace, int spans) => AssembledTrace.Assemble(
    [
        .. Enumerable.Range(1, spans).Select(i => Span(
            (ulong)i, 0, $"service {trace} {i / 100} {new string('é', random.Next(300))}", (SpanKind)random.Next(6), random.Next(1_000) * MinuteUs,
            random.NextInt64(long.MaxValue / 2_000) >> random.Next(50), name: $"{i} {new string('x', random.Next(300))}", remote: $"remote {i}")),
    ]);

    private static Span Span(
        ulong id, ulong parent, string service, SpanKind kind = SpanKind.Internal, long at = 0, long? took = 10, string name = "op", bool error = false,
        string? remote = null, SpanMarks marks = SpanMarks.None, TraceId? trace = null) =>
        SampleSpan.Of(id, parent, service, kind, at, took, error: error, remote: remote, name: name, marks: marks, trace: trace);
}
