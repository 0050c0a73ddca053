using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using static Serverless.Tests.Assembly.SampleSpan;

namespace Serverless.Tests.Assembly;

public sealed class PropagationBreakDetectorTests
{
    private static readonly TraceId Second = new(7, 2);

    [Fact]
    public void A_service_whose_own_call_begins_a_new_trace_while_it_answers_one_is_named_with_both_traces()
    {
        var found = Assert.Single(Detect(Inbound(), Outbound(at: 20)));

        Assert.Equal("productpage", found.Service);
        Assert.Equal((Trace, 1UL, "get /productpage"), (found.Received.TraceId, found.Received.SpanId.Value, found.Received.Operation));
        Assert.Equal((Second, 5UL, "get /reviews"), (found.Opened.TraceId, found.Opened.SpanId.Value, found.Opened.Operation));
    }

    [Fact]
    public void A_service_that_forwards_is_not_broken()
    {
        Assert.Empty(Detect([.. Inbound(), Of(9, 1, "productpage", SpanKind.Client, 30, 5)], Outbound(at: 20)));
    }

    [Fact]
    public void A_service_that_makes_no_calls_is_not_broken()
    {
        Assert.Empty(Detect(Inbound()));
    }

    [Theory]
    [InlineData(-5_000)]
    [InlineData(5_000)]
    public void A_call_before_or_after_is_not_made_for_what_was_received(long at)
    {
        Assert.Empty(Detect(Inbound(), Outbound(at: at)));
    }

    [Fact]
    public void A_call_of_another_instance_is_not_made_for_what_was_received()
    {
        Assert.Empty(Detect(Inbound("10.0.0.1"), Outbound(at: 20, host: "10.0.0.2")));
        Assert.Single(Detect(Inbound("10.0.0.1"), Outbound(at: 20, host: "10.0.0.1")));
    }

    [Fact]
    public void A_call_with_a_parent_did_not_begin_its_trace()
    {
        Assert.Empty(Detect(Inbound(), [Of(5, 77, "productpage", SpanKind.Client, 20, 30, trace: Second)]));
    }

    [Fact]
    public void Jobs_that_mostly_run_at_other_times_are_no_sign()
    {
        var jobs = Enumerable.Range(1, 5).Select(i => Outbound(at: 100_000 * i, trace: new TraceId(8, (ulong)i)));

        Assert.Empty(Detect([Inbound(), Outbound(at: 20), .. jobs]));
    }

    [Fact]
    public void A_call_belongs_to_the_latest_received_one_around_it()
    {
        var early = Of(1, 0, "productpage", SpanKind.Server, 0, 10_000, trace: new TraceId(9, 1));
        var found = Assert.Single(Detect([early], [Of(2, 0, "productpage", SpanKind.Server, 5_000, 3_000)], Outbound(at: 6_000)));

        Assert.Equal(2UL, found.Received.SpanId.Value);
    }

    [Fact]
    public void A_message_that_is_taken_and_one_that_is_sent_count_like_calls()
    {
        Assert.Single(Detect([Of(1, 0, "mail", SpanKind.Consumer, 0, 100)], [Of(5, 0, "mail", SpanKind.Producer, 10, 5, trace: Second)]));
    }

    [Fact]
    public void A_mesh_whose_application_drops_the_headers_is_seen_from_the_sidecars_alone()
    {
        Span[] inbound = [Of(1, 0, "ingress", SpanKind.Client, 0, 100, host: "10.0.0.9"), Of(1, 0, "productpage", SpanKind.Server, 5, 90, host: "10.0.0.1", shared: true)];
        Span[] outbound =
        [
            Of(5, 0, "productpage", SpanKind.Client, 20, 30, host: "10.0.0.1", trace: Second),
            Of(5, 0, "reviews", SpanKind.Server, 22, 20, host: "10.0.0.2", shared: true, trace: Second),
        ];

        Assert.Equal("productpage", Assert.Single(Detect(inbound, outbound)).Service);
    }

    [Fact]
    public void The_breaks_of_a_service_are_bounded()
    {
        var window = Enumerable.Range(0, 5_000).Select(i => Fragment(Outbound(at: 20 + i, took: 1, trace: new TraceId(8, (ulong)i + 1))))
            .Append(Fragment([Of(1, 0, "productpage", SpanKind.Server, 0, 10_000)])).ToList();

        Assert.Equal(1_000, PropagationBreakDetector.Detect(window).Count);
        Assert.Equal(20UL, (PropagationBreakDetector.Detect(window, 3)[0].Opened.StartNs - Origin) / 1_000);
    }

    [Fact]
    public void A_fragment_keeps_a_bounded_number_of_calls()
    {
        var fragment = Fragment([.. Enumerable.Range(1, 500).Select(i => Of((ulong)i, 0, "a", SpanKind.Server, i)), .. Enumerable.Range(501, 500).Select(i => Of((ulong)i, 0, "a", SpanKind.Client, i))]);

        Assert.Equal((PropagationFragment.MaxCalls, PropagationFragment.MaxCalls), (fragment.Received.Count, fragment.Opened.Count));
    }

    private static Span[] Inbound(string? host = null) => [Of(1, 0, "productpage", SpanKind.Server, 0, 100, host, name: "get /productpage")];

    private static Span[] Outbound(long at, long took = 30, string? host = null, TraceId? trace = null) =>
        [Of(5, 0, "productpage", SpanKind.Client, at, took, host, trace: trace ?? Second, name: "get /reviews")];

    private static IReadOnlyList<PropagationBreak> Detect(params Span[][] traces) => PropagationBreakDetector.Detect(traces.Select(Fragment));

    private static PropagationFragment Fragment(Span[] trace) =>
        PropagationFragment.Of(ClockSkewAdjuster.Adjust(TraceTree.Build(SpanMerger.Merge(trace))));
}
