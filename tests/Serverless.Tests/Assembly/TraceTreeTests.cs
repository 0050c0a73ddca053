using Serverless.Tests.Frames;
using Serverless.Tests.Protocols.Zipkin;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using static Serverless.Tests.Assembly.SampleSpan;

namespace Serverless.Tests.Assembly;

public sealed class TraceTreeTests
{
    [Fact]
    public void Spans_hang_under_the_span_that_they_name_siblings_by_start()
    {
        var tree = Build(Of(1), Of(3, 1, at: 5), Of(2, 1, at: 7), Of(4, 3, at: 6));

        Assert.Equal("1(3(4) 2)", Draw(tree));
        Assert.Equal(1UL, tree[tree.Root].Id.Value);
        Assert.Empty(tree.Findings);
    }

    [Fact]
    public void The_order_in_which_spans_came_changes_nothing()
    {
        Span[] spans = [Of(1), Of(3, 1, at: 5), Of(2, 1, at: 5), Of(4, 9, at: 6), Of(5, 6, at: 2), Of(6, 5, at: 3)];

        Assert.Equal(Draw(Build(spans)), Draw(TraceTree.Build([.. spans.Reverse()])));
    }

    [Fact]
    public void A_trace_of_no_spans_has_an_empty_tree()
    {
        var tree = Build();

        Assert.Equal((0, -1, -1), (tree.Count, tree.Root, tree.Top));
        Assert.True(tree.Roots.IsEmpty);
    }

    [Fact]
    public void A_span_whose_parent_is_missing_is_a_root_and_says_so()
    {
        var tree = Build(Of(1), Of(2, 9, at: 3));

        Assert.Equal("1 2", Draw(tree));
        Assert.Equal("Span 0000000000000002 names the parent 0000000000000009, which is not in the trace.", Assert.Single(tree.Findings).Reason);
    }

    [Fact]
    public void Without_a_span_that_names_no_parent_there_is_no_root_and_the_earliest_is_on_top()
    {
        var tree = Build(Of(1, 8, at: 4), Of(2, 9, at: 3));

        Assert.Equal(-1, tree.Root);
        Assert.Equal(2UL, tree[tree.Top].Id.Value);
    }

    [Fact]
    public void The_earliest_of_several_roots_is_the_root_and_the_others_say_so()
    {
        var tree = Build(Of(1, at: 9), Of(2, at: 3), Of(3, at: 5));

        Assert.Equal(2UL, tree[tree.Root].Id.Value);
        Assert.Equal(["ExtraRoot 3", "ExtraRoot 1"], Oddities(tree));
        Assert.Equal("Span 0000000000000003 has no parent, and the trace begins with span 0000000000000002 already.", tree.Findings[0].Reason);
    }

    [Fact]
    public void A_circle_is_cut_above_its_earliest_span()
    {
        var tree = Build(Of(1, 3, at: 5), Of(2, 1, at: 4), Of(3, 2, at: 6), Of(4, 3, at: 7));

        Assert.Equal("2(3(1 4))", Draw(tree));
        var finding = Assert.Single(tree.Findings);
        Assert.Equal((TreeOddity.Cycle, 2UL, 1UL), (finding.Oddity, finding.Span.Id.Value, finding.Other.Value));
        Assert.Equal("Span 0000000000000002 and its parent 0000000000000001 are each below the other; the circle is cut at its earliest span.", finding.Reason);
    }

    [Fact]
    public void A_span_that_names_itself_is_a_root_and_says_so()
    {
        var tree = Build(Of(1, 1), Of(2, 1, at: 3));

        Assert.Equal("1(2)", Draw(tree));
        Assert.Equal(0, tree.Root);
        Assert.Equal("Span 0000000000000001 names itself as its parent.", Assert.Single(tree.Findings).Reason);
    }

    [Fact]
    public void A_parent_in_another_trace_is_named_and_not_followed()
    {
        var other = new TraceId(7, 2);
        var mixed = TraceTree.Build([Of(1), Of(2, 5, at: 1), Of(5, trace: other, at: 2)]);
        var referred = Build(Of(1, links: [Reference(5, "child_of", other)]));

        Assert.Equal(["ParentInAnotherTrace 2", "ExtraRoot 5"], Oddities(mixed));
        Assert.Equal("Span 0000000000000001 names the parent 0000000000000005, which is in another trace.", Assert.Single(referred.Findings).Reason);
        Assert.Equal(0, referred.Root);
    }

    [Fact]
    public void The_same_id_in_two_traces_is_not_mixed_up()
    {
        var other = new TraceId(7, 2);
        var tree = TraceTree.Build([Of(1, service: "x"), Of(2, 1, at: 1), Of(1, service: "y", trace: other, at: 2), Of(3, 1, trace: other, at: 3)]);

        Assert.Equal("1(2) 1(3)", Draw(tree));
    }

    [Fact]
    public void The_server_half_of_a_shared_span_hangs_under_the_client_half()
    {
        var tree = Build(Of(1), Of(2, 1, "a", SpanKind.Client, 5), Of(2, 1, "b", SpanKind.Server, 6, shared: true));

        Assert.Equal("1(2c(2s))", Draw(tree));
        Assert.True(tree.IsServerHalf(2));
        Assert.Empty(tree.Findings);
    }

    [Fact]
    public void Children_of_a_shared_id_hang_under_the_half_of_their_service_and_else_under_the_servers()
    {
        var tree = Build(
            Of(2, 0, "a", SpanKind.Client, 5), Of(2, 0, "b", SpanKind.Server, 6, shared: true),
            Of(3, 2, "b", at: 7), Of(4, 2, "a", at: 8), Of(5, 2, "c", at: 9), Of(6, 2, "", at: 10));

        Assert.Equal("2c(2s(3 5 6) 4)", Draw(tree));
    }

    [Fact]
    public void Children_of_one_of_two_servers_of_a_retried_call_hang_under_the_one_at_their_address()
    {
        var tree = Build(
            Of(2, 0, "a", SpanKind.Client, 5), Of(2, 0, "b", SpanKind.Server, 6, host: "10.0.0.1", shared: true),
            Of(2, 0, "b", SpanKind.Server, 8, host: "10.0.0.2", shared: true), Of(3, 2, "b", at: 9, host: "10.0.0.2"), Of(4, 2, "b", at: 9, host: "10.0.0.1"));

        Assert.Equal("2c(2s(4) 2s(3))", Draw(tree));
    }

    [Fact]
    public void A_server_half_without_its_client_half_hangs_where_the_client_would()
    {
        var tree = Build(Of(1), Of(2, 1, "b", SpanKind.Server, 6, shared: true));

        Assert.Equal("1(2s)", Draw(tree));
        Assert.Equal(
            "Span 0000000000000002 is the server half of a call; the client half with the same id is not in the trace.", Assert.Single(tree.Findings).Reason);
    }

    [Fact]
    public void A_server_half_that_reports_the_trace_in_64_bits_hangs_under_its_client()
    {
        var tree = TraceTree.Build(SpanMerger.Merge(
            [Of(1), Of(2, 1, "a", SpanKind.Client, 5), Of(2, 1, "b", SpanKind.Server, 6, trace: new TraceId(0, Trace.Low)), Of(3, 2, "b", at: 7)]));

        Assert.Equal("1(2c(2s(3)))", Draw(tree));
        Assert.Contains("Span 0000000000000002 and its parent 0000000000000002 report trace ids of different widths.", tree.Findings.Select(finding => finding.Reason));
    }

    [Fact]
    public void Two_spans_of_one_id_both_stay_and_the_later_says_so()
    {
        var tree = Build(Of(1, service: "a"), Of(1, service: "b", at: 1), Of(2, 1, "b", at: 2));

        Assert.Equal("1 1(2)", Draw(tree));
        Assert.Contains("Another span has the id 0000000000000001 too.", tree.Findings.Select(finding => finding.Reason));
    }

    [Fact]
    public void A_span_that_only_follows_another_hangs_under_it_and_is_not_waited_for()
    {
        var tree = Build(Of(1), Of(2, at: 3, links: [Reference(1, "follows_from")]), Of(3, 1, at: 4, links: [Reference(1, "follows_from")]), Of(4, 1, at: 5));

        Assert.Equal("1(2 3 4)", Draw(tree));
        Assert.Equal([false, true, true, false], Enumerable.Range(0, 4).Select(tree.IsAsync));
        Assert.Empty(tree.Findings);
    }

    [Fact]
    public void A_reference_to_a_parent_counts_before_one_to_what_is_followed()
    {
        var tree = Build(Of(1), Of(2, 1, at: 1), Of(3, at: 3, links: [Reference(1, "follows_from"), Reference(2, "child_of")]));

        Assert.Equal("1(2(3))", Draw(tree));
        Assert.False(tree.IsAsync(2));
    }

    [Fact]
    public void A_consumer_is_not_waited_for_by_its_producer_or_another_service()
    {
        var tree = Build(
            Of(1, kind: SpanKind.Producer), Of(2, 1, kind: SpanKind.Consumer, at: 1), Of(3, 2, kind: SpanKind.Consumer, at: 2), Of(4, 3, "b", SpanKind.Consumer, 3));

        Assert.Equal([false, true, false, true], Enumerable.Range(0, 4).Select(tree.IsAsync));
    }

    [Theory]
    [InlineData("bookinfo-64bit.json", "c(s(c(s) c(s(c(s)))))")]
    [InlineData("bookinfo-128bit.json", "c(s(c(s) c(s(c))))")]
    public void A_mesh_s_trace_is_one_tree(string file, string expected)
    {
        var tree = TraceTree.Build(SpanMerger.Merge(ZipkinCorpus.Decode(ZipkinCorpus.Read(file))));

        Assert.Equal(expected, Draw(tree, span => ""));
        Assert.Empty(tree.Findings);
    }

    [Fact]
    public void Any_graph_at_all_gives_each_span_one_place()
    {
        for (var seed = 0; seed < 3_000; seed++)
        {
            var merged = SpanMerger.Merge(SampleGraphs.Make(seed));
            var tree = TraceTree.Build(merged);

            Assert.Equal(SpanFrames.Describe(merged), SpanFrames.Describe(tree.Spans));
            AssertIsForest(tree);
        }
    }

    [Fact]
    public void A_chain_of_100_000_spans_is_a_chain()
    {
        var tree = Build([.. Enumerable.Range(1, 100_000).Select(i => Of((ulong)i, (ulong)i - 1, at: i))]);

        Assert.Equal(Enumerable.Range(0, 100_000), tree.Order.ToArray());
        Assert.Empty(tree.Findings);
    }

    [Fact]
    public void A_chain_told_backwards_is_a_chain()
    {
        var tree = Build([.. Enumerable.Range(1, 100_000).Select(i => Of((ulong)i, (ulong)i % 100_000 + 1, at: 100_000 - i))]);

        Assert.Equal(1, tree.Roots.Length);
        Assert.Equal(TreeOddity.Cycle, Assert.Single(tree.Findings).Oddity);
        AssertIsForest(tree);
    }

    [Fact]
    public void A_parent_may_have_100_000_children()
    {
        var tree = Build([Of(1), .. Enumerable.Range(2, 100_000).Select(i => Of((ulong)i, 1, at: i))]);

        Assert.Equal(100_000, tree.ChildrenOf(0).Length);
    }

    [Fact]
    public void Every_one_of_100_000_spans_may_name_itself()
    {
        var tree = Build([.. Enumerable.Range(1, 100_000).Select(i => Of((ulong)i, (ulong)i))]);

        Assert.Equal(100_000, tree.Roots.Length);
        Assert.Equal(100_000, tree.Findings.Count);
    }

    [Fact]
    public void One_id_may_be_that_of_50_000_spans_with_50_000_children()
    {
        Span[] spans =
        [
            .. Enumerable.Range(0, 50_000).Select(i => Of(1, 0, "service" + i, at: i)),
            .. Enumerable.Range(0, 50_000).Select(i => Of((ulong)i + 2, 1, "service" + (i + 25_000), at: 50_000 + i)),
        ];
        var tree = Build(spans);

        AssertIsForest(tree);
        Assert.Equal(25_000, tree.ChildrenOf(0).Length);
        Assert.Equal(1, tree.ChildrenOf(49_999).Length);
    }

    internal static void AssertIsForest(TraceTree tree)
    {
        Assert.Equal(Enumerable.Range(0, tree.Count), tree.Order.ToArray().Order());
        var place = new int[tree.Count];
        for (var at = 0; at < tree.Count; at++)
            place[tree.Order[at]] = at;
        var children = 0;
        for (var i = 0; i < tree.Count; i++)
        {
            foreach (var child in tree.ChildrenOf(i))
            {
                Assert.Equal(i, tree.ParentOf(child));
                Assert.True(place[i] < place[child]);
                children++;
            }
        }

        Assert.Equal(tree.Count, children + tree.Roots.Length);
    }

    private static TraceTree Build(params Span[] spans) => TraceTree.Build(spans);

    private static IEnumerable<string> Oddities(TraceTree tree) => tree.Findings.Select(finding => $"{finding.Oddity} {finding.Span.Id.Value}");

    private static string Draw(TraceTree tree) => Draw(tree, span => span.Id.Value.ToString());

    private static string Draw(TraceTree tree, Func<Span, string> name) =>
        string.Join(' ', tree.Roots.ToArray().Select(root => Draw(tree, root, name)));

    private static string Draw(TraceTree tree, int span, Func<Span, string> name)
    {
        var side = tree[span].Kind switch { SpanKind.Client => "c", SpanKind.Server => "s", _ => "" };
        var below = string.Join(' ', tree.ChildrenOf(span).ToArray().Select(child => Draw(tree, child, name)));
        return name(tree[span]) + side + (below.Length > 0 ? $"({below})" : "");
    }
}
