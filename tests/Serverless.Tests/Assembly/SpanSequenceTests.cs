using Serverless.Tests.Frames;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Assembly;

public sealed class SpanSequenceTests
{
    private const int NoBound = int.MaxValue;

    [Fact]
    public void Reading_one_by_one_gives_the_spans_that_merging_all_gives()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            var rows = Rows(SampleSpan.Trace.Low, Batches(seed));
            var all = Decode(rows, SampleSpan.Trace.Low);
            var sequence = SpanSequence.Open(rows, SampleSpan.Trace.Low, null, NoBound);
            Assert.Equal(all.Count, sequence.ReportCount);
            AssertSame(SpanMerger.Merge(all), sequence.Read(splitsShared: false));
            AssertSameButContradictions(SpanMerger.Merge(all), sequence.Read(splitsShared: true));
        }
    }

    [Fact]
    public void Spans_with_anything_in_them_come_back_whole()
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            var spans = new RandomSpans(seed).Make(200, 1, wholeMicroseconds: false);
            var low = spans[0].TraceId.Low;
            var rows = Rows(low, [.. spans.Chunk(30)]);
            AssertSame(SpanMerger.Merge(Decode(rows, low)), SpanSequence.Open(rows, low, null, NoBound).Read(splitsShared: false));
        }
    }

    [Fact]
    public void Only_the_trace_asked_for_counts_where_ids_are_strict()
    {
        var rows = Rows(1, [[SampleSpan.Of(1)], [SampleSpan.Of(2, trace: new TraceId(0, 1))], [SampleSpan.Of(1, trace: new TraceId(8, 1))]]);
        var strict = SpanSequence.Open(rows, 1, SampleSpan.Trace, NoBound);
        Assert.Equal(SampleSpan.Trace, Assert.Single(strict.Read(splitsShared: true)).TraceId);
        var lenient = SpanSequence.Open(rows, 1, null, NoBound);
        Assert.Equal(2, lenient.Read(splitsShared: true).Count());
        Assert.NotEqual(0UL, lenient.TraceId.High);
        Assert.Equal(0, SpanSequence.Open(rows, 1, new TraceId(9, 1), NoBound).ReportCount);
    }

    [Fact]
    public void Reports_over_the_bound_are_left_out_and_that_is_said()
    {
        var rows = Rows(1, [[.. Enumerable.Range(1, 10).Select(i => SampleSpan.Of((ulong)i))], [SampleSpan.Of(11)]]);
        var cut = SpanSequence.Open(rows, 1, null, 7);
        Assert.True(cut.IsCut);
        Assert.Equal(7, cut.Read(splitsShared: true).Count());
        Assert.False(SpanSequence.Open(rows, 1, null, 11).IsCut);
    }

    [Fact]
    public void An_id_that_is_reported_without_end_is_cut()
    {
        Span[] same = [.. Enumerable.Range(0, 12_000).Select(i => SampleSpan.Of(1, at: i, name: $"n{i}"))];
        var sequence = SpanSequence.Open(Rows(1, [.. same.Chunk(1_000)]), 1, null, NoBound);
        Assert.True(sequence.IsCut);
        Assert.NotEmpty(sequence.Read(splitsShared: true));
    }

    [Fact]
    public void Deliveries_that_repeat_over_many_frames_are_read_once()
    {
        // More frames than are kept open.
        var batches = Enumerable.Range(0, 100).Select(i => new[] { SampleSpan.Of((ulong)i + 1), SampleSpan.Of((ulong)i + 1001, (ulong)i + 1) }).ToArray();
        var rows = Rows(1, [.. batches, .. batches.Reverse(), .. batches]);
        var read = SpanSequence.Open(rows, 1, null, NoBound).Read(splitsShared: true).ToList();
        AssertSame(SpanMerger.Merge(Decode(rows, 1)), read);
        Assert.Equal(200, read.Count);
    }

    [Fact]
    public void Damage_shows_before_anything_is_read()
    {
        var row = Rows(1, [[.. Enumerable.Range(1, 50).Select(i => SampleSpan.Of((ulong)i, tags: ("k", $"v{i}")))]])[0];
        Assert.Throws<FrameFormatException>(() => SpanSequence.Open([row[..^9]], 1, null, NoBound));
    }

    [Fact]
    public void Circles_of_a_large_trace_are_cut_where_those_of_a_small_one_are()
    {
        var cut = 0;
        for (var seed = 1; seed <= 60; seed++)
        {
            Span[][] batches = [.. Batches(seed).Select(batch => batch.Select(span => span with { Links = [] }).ToArray())];
            var rows = Rows(SampleSpan.Trace.Low, batches);
            var merged = SpanMerger.Merge(Decode(rows, SampleSpan.Trace.Low));
            var sequence = SpanSequence.Open(rows, SampleSpan.Trace.Low, null, NoBound);
            AssertSame(CutAndSplit(merged), sequence.Read(splitsShared: true));
            cut += sequence.CutParents;
        }

        Assert.True(cut > 60, $"{cut} spans were in circles");
    }

    [Fact]
    public void Of_very_many_spans_in_circles_each_is_cut_from_its_parent()
    {
        const int Count = 20_001;
        Span[] circle = [.. Enumerable.Range(1, Count).Select(i => SampleSpan.Of((ulong)i, (ulong)(i == Count ? 1 : i + 1)))];
        Span[] others = [SampleSpan.Of(Count + 1, 5), SampleSpan.Of(Count + 2, Count + 3), SampleSpan.Of(Count + 3), SampleSpan.Of(Count + 4, Count + 4)];
        var sequence = SpanSequence.Open(Rows(1, [circle, others]), 1, null, NoBound);
        var read = sequence.Read(splitsShared: true).ToDictionary(span => span.Id.Value, span => span.ParentId.Value);
        Assert.Equal(Count + 1, sequence.CutParents);
        Assert.All(Enumerable.Range(1, Count), id => Assert.Equal(0UL, read[(ulong)id]));
        Assert.Equal((5UL, Count + 3, 0UL, 0UL), (read[Count + 1], (int)read[Count + 2], read[Count + 3], read[Count + 4]));
    }

    private static IEnumerable<Span> CutAndSplit(List<Span> merged)
    {
        var tree = TraceTree.Build(merged);
        Span[] spans = [.. SharedSpanSplitter.Split(tree)];
        foreach (var finding in tree.Findings.Where(finding => finding.Oddity is TreeOddity.Cycle or TreeOddity.SelfParent))
            spans[finding.Index] = spans[finding.Index] with { ParentId = default };
        return spans;
    }

    /// <summary>Where ids contradict each other (circles, ids that are not unique), only the whole tree tells which span is meant.</summary>
    internal static void AssertSameButContradictions(IReadOnlyList<Span> merged, IEnumerable<Span> actual)
    {
        var contradictory = TraceTree.Build(merged).Findings
            .Where(finding => finding.Oddity is TreeOddity.Cycle or TreeOddity.SelfParent or TreeOddity.RepeatedId)
            .SelectMany(finding => new[] { finding.Span.Id, finding.Other }).ToHashSet();
        var read = actual.ToList();
        Assert.Equal(merged.Count, read.Count);
        var found = read.Select(SpanFrames.Describe).ToHashSet(StringComparer.Ordinal);
        foreach (var (span, split) in merged.Zip(SharedSpanSplitter.Split(merged)))
        {
            if (!contradictory.Contains(span.Id) && !contradictory.Contains(span.ParentId))
                Assert.Contains(SpanFrames.Describe(split), found);
        }
    }

    private static void AssertSame(IEnumerable<Span> expected, IEnumerable<Span> actual) => Assert.Equal(
        expected.Select(SpanFrames.Describe).Order(StringComparer.Ordinal), actual.Select(SpanFrames.Describe).Order(StringComparer.Ordinal));

    internal static Span[][] Batches(int seed)
    {
        var random = new Random(seed);
        var spans = Enumerable.Range(0, 5).SelectMany(i => SampleGraphs.Make((seed * 10) + i)).Where(span => span.TraceId.Low == SampleSpan.Trace.Low).ToArray();
        var batches = spans.Chunk(random.Next(1, 40)).ToList();
        batches.AddRange(batches.Where(_ => random.Next(3) == 0).ToList());
        return [.. batches];
    }

    // As the assembler stores them: without the low half of the id before each frame.
    internal static List<ReadOnlyMemory<byte>> Rows(ulong low, Span[][] batches)
    {
        var rows = new List<ReadOnlyMemory<byte>>();
        foreach (var batch in batches)
        {
            byte[] frames = [.. batch.GroupBy(span => span.Protocol).SelectMany(some => SpanFrames.Of(some, some.Key))];
            var reader = new FrameReader();
            reader.Open(frames);
            var row = new MemoryStream();
            while (reader.ReadFrame())
            {
                Assert.Equal(low, reader.TraceId.Low);
                row.Write(frames.AsSpan(reader.Extent));
            }

            rows.Add(row.ToArray());
        }

        return rows;
    }

    internal static List<Span> Decode(IEnumerable<ReadOnlyMemory<byte>> rows, ulong low)
    {
        var spans = new List<Span>();
        foreach (var row in rows)
            SpanDecoder.Decode(row, low, spans);
        return spans;
    }
}
