using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using static Serverless.Tests.Assembly.SampleSpan;

namespace Serverless.Tests.Assembly;

/// <summary>Merging and the tree, by the cases of Zipkin's own tests (<c>TraceTest</c>, <c>SpanNodeTest</c>).</summary>
public sealed class ZipkinTraceRulesTests
{
    private const SpanMarks NoTimes = SpanMarks.NoStart | SpanMarks.NoDuration;

    [Fact]
    public void A_shared_span_that_was_not_told_its_parent_has_its_clients() =>
        AssertMerges(
            ["a- S frontend", "b-a C frontend", "b-a S* backend"],
            Bare(10, 0, SpanKind.Server, "frontend"), Bare(11, 10, SpanKind.Client, "frontend"), Bare(11, 0, SpanKind.Server, "backend", shared: true));

    [Fact]
    public void A_part_without_an_endpoint_joins_the_first_span_that_it_fits() =>
        AssertMerges(
            ["a-  ", "b-a  +start+duration", "b-a S* backend"],
            Bare(10, 0, SpanKind.Unspecified, ""),
            Of(11, 10, "", SpanKind.Unspecified, took: null),
            Bare(11, 10, SpanKind.Server, "backend", shared: true),
            Of(11, 10, "", SpanKind.Unspecified, took: 10, marks: SpanMarks.NoStart));

    [Fact]
    public void Servers_of_one_id_at_different_addresses_stay_apart_and_the_clients_parts_join() =>
        AssertMerges(
            ["a- S frontend", "b-a C frontend+start+duration", "b-a S* backend@1.2.3.4", "b-a S* backend@1.2.3.5"],
            Bare(10, 0, SpanKind.Server, "frontend"),
            Of(11, 10, "frontend", SpanKind.Client, took: null),
            Bare(11, 10, SpanKind.Server, "backend", "1.2.3.4", true), Bare(11, 10, SpanKind.Server, "backend", "1.2.3.5", true),
            Of(11, 10, "frontend", SpanKind.Client, took: 10, marks: SpanMarks.NoStart));

    [Fact]
    public void A_client_without_an_endpoint_takes_that_of_its_other_parts() =>
        AssertMerges(
            ["b-a C frontend+start+duration", "b-a S* backend@1.2.3.4", "b-a S* backend@1.2.3.5"],
            Bare(11, 10, SpanKind.Client, ""),
            Of(11, 10, "frontend", SpanKind.Unspecified, took: null),
            Bare(11, 10, SpanKind.Server, "backend", "1.2.3.4", true), Bare(11, 10, SpanKind.Server, "backend", "1.2.3.5", true),
            Of(11, 10, "frontend", SpanKind.Unspecified, took: 10, marks: SpanMarks.NoStart));

    [Fact]
    public void Halves_of_an_endpoint_are_one() =>
        AssertMerges(
            ["b-a C frontend@1.2.3.4", "b-a S* backend@1.2.3.5"],
            Bare(11, 10, SpanKind.Client, "frontend"), Bare(11, 10, SpanKind.Client, "", "1.2.3.4"),
            Bare(11, 10, SpanKind.Server, "", "1.2.3.5", true), Bare(11, 10, SpanKind.Server, "backend", shared: true));

    [Fact]
    public void Spans_whose_parent_is_missing_are_left_as_they_are() =>
        AssertMerges(
            ["b-a S backend@1.2.3.4", "c-a S backend"],
            Bare(11, 10, SpanKind.Server, "backend", "1.2.3.4"), Bare(12, 10, SpanKind.Server, "backend"));

    [Fact]
    public void A_server_that_does_not_say_that_it_shares_its_clients_id_does() =>
        AssertMerges(
            ["b-a C frontend", "b-a S* backend"],
            Bare(11, 10, SpanKind.Server, "backend"), Bare(11, 10, SpanKind.Client, "frontend"));

    [Fact]
    public void A_shared_root_is_under_its_other_half() => AssertTree("a(a*(b(c)))", Node(10), Node(10, 0, shared: true), Node(11, 10), Node(12, 11));

    [Fact]
    public void A_shared_id_without_kinds_is_a_chain_too() => AssertTree("a(b(b*(c)))", Node(10), Node(11, 10), Node(11, 10, shared: true), Node(12, 11));

    [Fact]
    public void Children_of_two_servers_of_one_id_are_told_apart_by_service() =>
        AssertTree(
            "a(b(b*(c) b*(d)))", Node(10), Node(11, 10), Node(11, 10, "bar", true, at: 1), Node(11, 10, "foo", true, at: 2), Node(12, 11, "bar", at: 3),
            Node(13, 11, "foo", at: 4));

    [Fact]
    public void A_child_of_the_client_stays_the_clients_where_only_its_server_is_of_another_service() =>
        AssertTree(
            "a(b(b*(d) c(e)))", Node(10, service: "foo"), Node(11, 10, "foo"), Node(12, 11, "foo", at: 4), Node(11, 10, "bar", true, at: 1), Node(13, 11, "bar", at: 3),
            Node(14, 12, "foo", at: 5));

    [Fact]
    public void Repeated_reports_of_a_root_are_one() => AssertTree("a", Node(10), Node(10), Node(10));

    [Fact]
    public void Without_a_root_every_span_whose_parent_is_missing_is_one() => AssertTree("b c d", Node(11, 10, at: 1), Node(12, 10, at: 2), Node(13, 10, at: 3));

    [Fact]
    public void A_host_that_changes_its_address_keeps_its_children() =>
        AssertTree(
            "c*(b a)", Of(12, 10, "s", SpanKind.Server, 1, host: "10.2.3.4", shared: true), Of(11, 12, "s", SpanKind.Client, 2, host: "169.2.3.4"),
            Of(10, 12, "s", at: 3, host: "10.2.3.4"));

    private static Span Bare(ulong id, ulong parent, SpanKind kind, string service, string? host = null, bool shared = false) =>
        Of(id, parent, service, kind, took: null, host: host, shared: shared, marks: NoTimes);

    private static Span Node(ulong id, ulong parent = 0, string service = "", bool shared = false, long at = 0) =>
        Of(id, parent, service, SpanKind.Unspecified, at, shared: shared);

    /// <summary>Each span as id-parent, kind (* for shared), service@address, and which times it has; in whatever order the reports come.</summary>
    private static void AssertMerges(string[] expected, params Span[] reports)
    {
        foreach (var order in new[] { reports, [.. reports.Reverse()] })
            Assert.Equal(expected.Order(StringComparer.Ordinal), SpanMerger.Merge(order).Select(Text).Order(StringComparer.Ordinal));
    }

    private static void AssertTree(string expected, params Span[] reports)
    {
        foreach (var order in new[] { reports, [.. reports.Reverse()] })
        {
            var tree = TraceTree.Build(SpanMerger.Merge(order));
            Assert.Equal(expected, string.Join(' ', tree.Roots.ToArray().Select(root => Draw(tree, root))));
        }
    }

    private static string Draw(TraceTree tree, int span)
    {
        var below = string.Join(' ', tree.ChildrenOf(span).ToArray().Select(child => Draw(tree, child)));
        return Letter(tree[span].Id) + (tree[span].IsShared ? "*" : "") + (below.Length > 0 ? $"({below})" : "");
    }

    private static string Text(Span span)
    {
        var kind = span.Kind switch { SpanKind.Client => "C", SpanKind.Server => "S", _ => "" };
        var address = span.Resource.LocalEndpoint?.Ipv4 is { } ipv4 ? "@" + ipv4 : "";
        var times = (span.HasStart ? "+start" : "") + (span.HasDuration ? "+duration" : "");
        return $"{Letter(span.Id)}-{(span.ParentId.IsZero ? "" : Letter(span.ParentId))} {kind}{(span.IsShared ? "*" : "")} {span.ServiceName}{address}{times}";
    }

    private static string Letter(SpanId id) => id.Value.ToString("x");
}
