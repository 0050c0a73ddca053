using FsCheck;
using FsCheck.Fluent;
using Serverless.Tests.Frames;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Assembly;

/// <summary>Whatever is reported of a trace, its tree has every span once, and is the same however the reports came.</summary>
public sealed class TracePropertyTests
{
    private const int Times = 500;

    // Few ids, so that circles, missing parents, shared ids and contradictions abound.
    private static readonly Gen<Span> Report =
        from id in Gen.Choose(1, 8)
        from parent in Gen.Choose(0, 9)
        from service in Gen.Elements("a", "b", "")
        from kind in Gen.Elements(SpanKind.Unspecified, SpanKind.Client, SpanKind.Server, SpanKind.Producer, SpanKind.Consumer)
        from at in Gen.Choose(0, 50)
        from took in Gen.Elements<long?>(null, 0, 5, 100, -3)
        from host in Gen.Elements(null, "10.0.0.1", "10.0.0.2")
        from isShared in Gen.Elements(true, false, false)
        from width in Gen.Elements(7UL, 7UL, 7UL, 0UL)
        from name in Gen.Elements("x", "y", "")
        from tag in Gen.Elements("1", "2")
        from marks in Gen.Elements(SpanMarks.None, SpanMarks.None, SpanMarks.NoStart)
        select SampleSpan.Of(
            (ulong)id, (ulong)parent, service, kind, at, took, host, isShared, trace: new TraceId(width, 1), name: name, marks: marks, tags: ("k", tag));

    private static readonly Gen<Span[]> Reports = Report.ArrayOf();

    [Fact]
    public void Every_span_is_reached_from_the_roots_exactly_once()
    {
        ForAll(Reports, reports =>
        {
            var merged = SpanMerger.Merge(reports);
            var tree = TraceTree.Build(merged);
            Assert.Equal(merged.Count, tree.Count);
            Assert.Equal(reports.Select(report => (report.TraceId.Low, report.Id)).ToHashSet(), merged.Select(span => (span.TraceId.Low, span.Id)).ToHashSet());
            TraceTreeTests.AssertIsForest(tree);
            var reached = new List<int>();
            var open = new Stack<int>(tree.Roots.ToArray());
            while (open.TryPop(out var span))
            {
                reached.Add(span);
                Assert.True(reached.Count <= tree.Count, "a span is reached twice");
                foreach (var child in tree.ChildrenOf(span))
                    open.Push(child);
            }

            Assert.Equal(Enumerable.Range(0, tree.Count), reached.Order());
        });
    }

    [Fact]
    public void Neither_order_nor_replays_of_the_reports_change_the_trace()
    {
        var cases = from reports in Reports
                    from shuffled in Gen.Shuffle(reports)
                    from again in reports.Length == 0 ? Gen.Constant(Array.Empty<Span>()) : Gen.Elements(reports).ArrayOf()
                    from all in Gen.Shuffle(shuffled.Concat(again).ToArray())
                    select (reports, all.ToArray());
        ForAll(cases, pair =>
        {
            var (expected, actual) = (TraceTree.Build(SpanMerger.Merge(pair.reports)), TraceTree.Build(SpanMerger.Merge(pair.Item2)));
            Assert.Equal(SpanFrames.Describe(expected.Spans), SpanFrames.Describe(actual.Spans));
            Assert.Equal(expected.Order.ToArray(), actual.Order.ToArray());
            Assert.Equal(expected.Root, actual.Root);
            Assert.Equal(Enumerable.Range(0, expected.Count).Select(expected.ParentOf), Enumerable.Range(0, actual.Count).Select(actual.ParentOf));
        });
    }

    [Fact]
    public void Every_span_is_below_the_one_that_it_means_or_says_why_not()
    {
        ForAll(Reports, reports =>
        {
            var tree = TraceTree.Build(SpanMerger.Merge(reports));
            var cut = tree.Findings.Where(finding => finding.Oddity == TreeOddity.Cycle).Select(finding => finding.Index).ToHashSet();
            for (var i = 0; i < tree.Count; i++)
            {
                var meant = Meant(tree.Spans, tree[i]);
                Assert.Equal(cut.Contains(i) ? -1 : meant, tree.ParentOf(i));
                Assert.True(!cut.Contains(i) || meant >= 0);
            }

            var circles = tree.Findings.Count(finding => finding.Oddity == TreeOddity.Cycle);
            Assert.Equal(cut.Count, circles);
        });
    }

    /// <summary>The rules said plainly: the index of the span that a span is below, circles aside.</summary>
    private static int Meant(IReadOnlyList<Span> spans, Span span)
    {
        int[] Of(SpanId id) => [.. Enumerable.Range(0, spans.Count).Where(i => spans[i].Id == id && spans[i].TraceId.Low == span.TraceId.Low)];
        bool IsHalf(Span one) => one.IsShared ? one.Kind != SpanKind.Client
            : one.Kind == SpanKind.Server && Of(one.Id) is { Length: > 1 } same && same.Any(i => spans[i].Kind == SpanKind.Client);

        if (IsHalf(span))
        {
            // Of the client of its id: it may be another kind of span, but is no half.
            int[] clients = [.. Of(span.Id).Where(i => spans[i].Kind == SpanKind.Client), .. Of(span.Id).Where(i => !IsHalf(spans[i]))];
            if (clients.Length > 0)
                return clients[0];
        }

        if (span.ParentId.IsZero || span.ParentId == span.Id)
            return -1;
        int[] candidates = [.. Of(span.ParentId).OrderBy(i => !IsHalf(spans[i])).ThenBy(i => i)];
        if (span.ServiceName.Length > 0)
        {
            int[] ofService = [.. candidates.Where(i => spans[i].ServiceName == span.ServiceName)];
            int[] ofAddress = [.. ofService.Where(i => span.Resource.LocalEndpoint is { } at && Equals(at.Ipv4, spans[i].Resource.LocalEndpoint?.Ipv4))];
            candidates = [.. ofAddress, .. ofService, .. candidates];
        }

        return candidates.Length > 0 ? candidates[0] : -1;
    }

    [Fact]
    public void Clocks_are_set_without_end_or_overflow_and_lose_no_duration()
    {
        ForAll(Reports, reports =>
        {
            var tree = TraceTree.Build(SpanMerger.Merge(reports));
            var times = ClockSkewAdjuster.Adjust(tree);
            for (var i = 0; i < tree.Count; i++)
            {
                if (tree[i] is { HasStart: true, HasDuration: true, DurationNs: >= 0 })
                    Assert.Equal((ulong)tree[i].DurationNs, times.EndOf(i) - times.StartOf(i));
                if (!tree[i].HasStart)
                    Assert.Equal(0UL, times.StartOf(i));
            }
        });
    }

    private static void ForAll<T>(Gen<T> generator, Action<T> property) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Times).WithReplay(20_261_121, 1), Prop.ForAll(generator.ToArbitrary(), property));
}
