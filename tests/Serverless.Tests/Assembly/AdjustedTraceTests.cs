using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using static Serverless.Tests.Assembly.SampleSpan;

namespace Serverless.Tests.Assembly;

public sealed class AdjustedTraceTests
{
    [Fact]
    public void A_trace_in_which_nothing_is_odd_is_left_as_it_is()
    {
        Span[] spans = [Of(1, took: 100), Of(2, 1, at: 10)];
        var adjusted = Adjust(spans);
        Assert.Same(spans[0], adjusted.Spans[0]);
        Assert.Same(spans[1], adjusted.Spans[1]);
        Assert.All(adjusted.Spans, span => Assert.Null(adjusted.WarningsOf(span)));
        Assert.Empty(adjusted.Warnings);
    }

    [Fact]
    public void A_skewed_span_and_its_events_are_moved_and_it_says_by_how_much()
    {
        var late = Of(2, 1, "b", SpanKind.Server, at: 1_000_000, took: 50, host: "10.0.0.2") with
        {
            Events = [new SpanEvent(Origin + 1_000_010_000, "e", [], 0)],
        };
        var adjusted = Adjust([Of(1, kind: SpanKind.Client, took: 100, host: "10.0.0.1"), late]);
        var moved = adjusted.Spans[1];
        Assert.Equal(Origin + 25_000, moved.StartNs);
        Assert.Equal(Origin + 35_000, Assert.Single(moved.Events).TimeNs);
        Assert.Equal(
            "This span's timestamps were adjusted by −999.975 ms: the clocks of its host and its parent's differ.",
            Assert.Single(adjusted.WarningsOf(moved)!));
        Assert.Equal(Origin + 1_000_000_000, late.StartNs);
    }

    [Fact]
    public void A_skew_that_is_not_adjusted_is_told()
    {
        Span[] spans = [Of(1, kind: SpanKind.Client, took: 100, host: "10.0.0.1"), Of(2, 1, "b", SpanKind.Server, at: 1_000_000, took: 50, host: "10.0.0.2")];
        var adjusted = AdjustedTrace.Of(AssembledTrace.Assemble(spans, new AssemblyOptions { AdjustsClockSkew = false }));
        Assert.Equal(spans[1].StartNs, adjusted.Spans[1].StartNs);
        Assert.Equal(
            "The clock of this span's host is off by +999.975 ms against its parent's; the times were not adjusted.",
            Assert.Single(adjusted.WarningsOf(adjusted.Spans[1])!));
    }

    [Fact]
    public void A_missing_parent_is_told_and_the_reference_stays()
    {
        var adjusted = Adjust([Of(1), Of(2, 9, at: 1)]);
        Assert.Equal(new SpanId(9), adjusted.Spans[1].ParentId);
        Assert.Equal(
            "Span 0000000000000002 names the parent 0000000000000009, which is not in the trace.", Assert.Single(adjusted.WarningsOf(adjusted.Spans[1])!));
    }

    [Fact]
    public void A_trace_without_a_root_says_so()
    {
        var adjusted = Adjust([Of(2, 9)]);
        Assert.NotEmpty(adjusted.Warnings);
    }

    [Fact]
    public void Circles_are_cut_for_their_spans_would_not_be_shown()
    {
        var adjusted = Adjust([Of(1), Of(2, 4, at: 1), Of(3, 2, at: 2), Of(4, 3, at: 3), Of(5, 5, at: 4)]);
        Assert.Equal([0UL, 0, 2, 3, 0], adjusted.Spans.Select(span => span.ParentId.Value));
        Assert.Contains("each below the other", Assert.Single(adjusted.WarningsOf(adjusted.Spans[1])!), StringComparison.Ordinal);
        Assert.Equal("Span 0000000000000005 names itself as its parent.", Assert.Single(adjusted.WarningsOf(adjusted.Spans[4])!));
    }

    [Fact]
    public void Links_that_would_put_a_span_below_itself_are_left_out_and_others_stay()
    {
        var link = new SpanLink(Trace, new SpanId(2), "", [], 0, 0);
        var own = link with { SpanId = new SpanId(1) };
        var elsewhere = new SpanLink(new TraceId(0, 77), new SpanId(78), "", [], 0, 0);
        var adjusted = Adjust([Of(1, links: [elsewhere, link, own]), Of(2, 1, at: 1)]);
        Assert.Equal([elsewhere], adjusted.Spans[0].Links);
        Assert.Equal(2, adjusted.WarningsOf(adjusted.Spans[0])!.Count);
    }

    [Fact]
    public void Roots_that_link_each_others_descendants_make_no_circle()
    {
        SpanLink To(ulong id) => new(Trace, new SpanId(id), "", [], 0, 0);
        var adjusted = Adjust([Of(1, links: [To(4)]), Of(2, 1, at: 1), Of(3, at: 2, links: [To(2)]), Of(4, 3, at: 3)]);
        Assert.Single(adjusted.Spans[0].Links);
        Assert.Empty(adjusted.Spans[2].Links);
    }

    [Fact]
    public void The_link_that_stands_for_the_parent_comes_first()
    {
        var other = new SpanLink(Trace, new SpanId(3), "", [], 0, 0);
        var parent = Reference(1, "follows_from");
        var adjusted = Adjust([Of(1), Of(2, at: 1, links: [other, parent]), Of(3, 2, at: 2)]);
        Assert.Equal([parent, other], adjusted.Spans[1].Links);
    }

    [Fact]
    public void What_a_reference_makes_the_parent_is_named_as_the_parent()
    {
        var adjusted = Adjust([Of(1), Of(2, at: 1, links: [Reference(1, "follows_from")]), Of(3, at: 2, links: [Reference(1, "follows_from"), Reference(2, "child_of")])]);
        Assert.Equal([0UL, 1, 2], adjusted.Spans.Select(span => span.ParentId.Value));
    }

    [Fact]
    public void A_circle_of_references_is_cut_where_the_tree_cuts_it()
    {
        var adjusted = Adjust([Of(1, links: [Reference(2, "follows_from")]), Of(2, at: 1, links: [Reference(1, "follows_from")])]);
        Assert.Equal([0UL, 1], adjusted.Spans.Select(span => span.ParentId.Value));
        Assert.Empty(adjusted.Spans[0].Links);
        Assert.Equal("Every span names a parent; the earliest is 0000000000000001, which names 0000000000000002.", Assert.Single(adjusted.Warnings));
    }

    [Fact]
    public void A_link_does_not_stand_in_for_a_parent_that_is_missing()
    {
        var elsewhere = new SpanLink(new TraceId(0, 77), new SpanId(78), "", [], 0, 0);
        var adjusted = Adjust([Of(1), Of(2, 9, at: 1, links: [new SpanLink(Trace, new SpanId(1), "", [], 0, 0), elsewhere])]);
        Assert.Equal(new SpanId(9), adjusted.Spans[1].ParentId);
        Assert.Equal([elsewhere], adjusted.Spans[1].Links);
        Assert.Equal(
            $"The span's link to span 0000000000000001 of trace {Trace} is left out: the span would be shown below a span of that id, which is not its parent.",
            adjusted.WarningsOf(adjusted.Spans[1])![1]);
    }

    [Fact]
    public void A_span_of_another_trace_with_the_id_of_one_of_this_is_not_taken_for_it()
    {
        var adjusted = Adjust([Of(1), Of(2, at: 1, links: [new SpanLink(new TraceId(0, 77), new SpanId(1), "", [], 0, 0), new SpanLink(Trace, new SpanId(3), "", [], 0, 0)]), Of(3, 1, at: 2)]);
        Assert.Equal([new SpanId(3)], adjusted.Spans[1].Links.Select(link => link.SpanId));
        Assert.Contains("of trace 000000000000004d is left out", adjusted.WarningsOf(adjusted.Spans[1])![^1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_follows_a_server_half_is_below_the_id_that_the_half_is_given()
    {
        var adjusted = Adjust([
            Of(1, kind: SpanKind.Client, took: 100), Of(1, 0, "b", SpanKind.Server, at: 10, took: 50, shared: true),
            Of(2, 0, "b", at: 20, links: [Reference(1, "follows_from")]), Of(3, 1, "b", at: 21, links: [Reference(1, "follows_from")]),
        ]);
        var half = adjusted.Spans[1].Id;
        Assert.NotEqual(new SpanId(1), half);
        Assert.All(adjusted.Spans.Skip(2), span =>
        {
            Assert.Equal(half, span.ParentId);
            Assert.Equal(half, Assert.Single(span.Links).SpanId);
        });
    }

    [Fact]
    public void Events_are_put_in_order_and_empty_links_left_out()
    {
        var adjusted = Adjust([Of(1, links: [new SpanLink(default, default, "", [], 0, 0)]) with
        {
            Events = [new SpanEvent(9, "b", [], 0), new SpanEvent(8, "a", [], 0)],
        }]);
        Assert.Empty(adjusted.Spans[0].Links);
        Assert.Equal(["a", "b"], adjusted.Spans[0].Events.Select(e => e.Name));
    }

    [Fact]
    public void Addresses_that_are_numbers_are_put_into_words()
    {
        var adjusted = Adjust([Of(1) with
        {
            Attributes =
            [
                new SpanAttribute("peer.ipv4", AttributeValue.Of(unchecked((long)(int)0xC0A80001))), new SpanAttribute("ip", AttributeValue.Of(16_909_060.0)),
                new SpanAttribute("ip2", AttributeValue.Of(1L)),
            ],
            Resource = new Resource { ServiceName = "a", Attributes = [new SpanAttribute("ip", AttributeValue.Of(1L))] },
        }]);
        Assert.Equal(["192.168.0.1", "1.2.3.4", "1"], adjusted.Spans[0].Attributes.Select(a => a.Value.ToString()));
        Assert.Equal("0.0.0.1", adjusted.Spans[0].Resource.Attributes[0].Value.ToString());
    }

    [Fact]
    public void Any_spans_whatever_give_a_forest_in_which_every_span_is_reached()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            Span[] spans = [.. Enumerable.Range(1, 40).Select(i => Of(
                (ulong)random.Next(1, 35), (ulong)random.Next(0, 40), random.Next(2) == 0 ? "a" : "b", (SpanKind)random.Next(6), random.Next(100),
                links: [.. Enumerable.Range(0, random.Next(3)).Select(_ => new SpanLink(
                    random.Next(3) == 0 ? new TraceId(0, 5) : Trace, new SpanId((ulong)random.Next(0, 40)), "", [], 0, 0))]))];
            AssertShown(Adjust(spans).Spans);
        }
    }

    [Fact]
    public void Where_ids_are_unique_the_page_has_each_span_where_the_tree_has_it_whatever_it_refers_to()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            Span[] spans = [.. Enumerable.Range(1, 20).Select(i => Of(
                (ulong)i, (ulong)random.Next(0, 24), at: random.Next(100),
                links: [.. Enumerable.Range(0, random.Next(3)).Select(_ => Reference(
                    (ulong)random.Next(1, 23), random.Next(2) == 0 ? "child_of" : "follows_from", random.Next(4) == 0 ? new TraceId(0, 77) : null))]))];
            var adjusted = Adjust(spans);
            var places = adjusted.Spans.Index().ToDictionary(span => span.Item.Id, span => span.Index);
            for (var i = 0; i < spans.Length; i++)
            {
                var span = adjusted.Spans[i];
                IEnumerable<SpanId> references = [span.ParentId, .. span.Links.Select(link => link.SpanId)];
                Assert.Equal(
                    adjusted.Trace.Tree.ParentOf(i), references.Where(places.ContainsKey).Select(id => places[id]).DefaultIfEmpty(-1).First());
            }
        }
    }

    // The placement of Jaeger's page: an id's first span has it, the others are given one; under the first reference that is in the trace.
    private static void AssertShown(IReadOnlyList<Span> spans)
    {
        var first = new Dictionary<SpanId, int>();
        for (var i = 0; i < spans.Count; i++)
            first.TryAdd(spans[i].Id, i);
        for (var i = 0; i < spans.Count; i++)
        {
            var steps = 0;
            for (var at = i; at >= 0; at = Parent(at))
                Assert.True(steps++ <= spans.Count, $"Span {spans[i].Id} is in a circle.");
        }

        int Parent(int i)
        {
            var references = spans[i].Links.Select(link => link.SpanId);
            if (!spans[i].ParentId.IsZero)
                references = references.Prepend(spans[i].ParentId);
            foreach (var id in references)
            {
                if (first.TryGetValue(id, out var at))
                    return at;
            }

            return -1;
        }
    }

    private static AdjustedTrace Adjust(params Span[] spans) => AdjustedTrace.Of(AssembledTrace.Assemble(spans));
}
