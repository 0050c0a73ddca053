using Serverless.Tests.Protocols.Zipkin;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using static Serverless.Tests.Assembly.SampleSpan;

namespace Serverless.Tests.Assembly;

public sealed class TraceJudgeTests
{
    [Fact]
    public void A_trace_in_which_every_parent_is_there_is_complete()
    {
        Assert.Equal([VerdictKind.Complete], Kinds(Of(1), Of(2, 1)));
        Assert.Equal([VerdictKind.Complete], Kinds(ZipkinCorpus.Decode(ZipkinCorpus.Read("bookinfo-64bit.json"))));
        Assert.Equal([VerdictKind.Complete], Kinds(ZipkinCorpus.Decode(ZipkinCorpus.Read("bookinfo-128bit.json"))));
    }

    [Fact]
    public void Nothing_is_said_of_no_spans()
    {
        Assert.Empty(Kinds());
    }

    [Fact]
    public void Without_its_root_a_trace_says_so_and_which_span_names_it()
    {
        var verdicts = Judge(Of(2, 1, "shop", SpanKind.Server, 5, host: "10.0.0.1"), Of(3, 2, "shop", at: 7, host: "10.0.0.1"));

        Assert.Equal([VerdictKind.RootMissing, VerdictKind.ParentMissing], verdicts.Select(verdict => verdict.Kind));
        var evidence = Assert.Single(verdicts[0].Evidence);
        Assert.Equal("Every span names a parent; the earliest is 0000000000000002, which names 0000000000000001.", evidence.Text);
        Assert.Equal((1UL, "shop", "10.0.0.1", Origin + 5_000), (evidence.MissingId.Value, evidence.Service, evidence.Instance, evidence.TimeNs));
    }

    [Fact]
    public void Each_missing_parent_is_named_with_who_named_it_first()
    {
        var missing = Only(VerdictKind.ParentMissing, Of(1), Of(2, 8, "b", at: 9), Of(3, 8, "b", at: 4), Of(4, 9, "c", at: 6));

        Assert.Equal(
            [(8UL, 3UL, "b", 2), (9UL, 4UL, "c", 1)],
            missing.Evidence.Select(evidence => (evidence.MissingId.Value, evidence.SpanId.Value, evidence.Service, evidence.Spans)));
        Assert.Equal("b names the parent 0000000000000008, which did not come; b should have sent it.", missing.Evidence[0].Text);
    }

    [Fact]
    public void What_a_process_names_as_the_parent_of_its_own_work_it_should_have_sent_itself()
    {
        Assert.Equal("b", Sender(Of(2, 8, "b", SpanKind.Client)));
    }

    [Fact]
    public void What_a_server_names_as_its_caller_the_service_that_it_was_called_by_should_have_sent()
    {
        Assert.Equal("web", Sender(Of(2, 8, "b", SpanKind.Server, remote: "web")));
        Assert.Equal("web", Sender(Of(2, 8, "b", SpanKind.Server, tags: ("peer.service", "web"))));
    }

    [Fact]
    public void A_sibling_in_the_callers_process_tells_who_the_caller_is()
    {
        Assert.Equal("web", Sender(Of(2, 8, "b", SpanKind.Server), Of(3, 8, "web", at: 5)));
    }

    [Fact]
    public void A_client_that_calls_the_service_and_has_nothing_below_it_is_the_likely_sender()
    {
        Assert.Equal("web", Sender(Of(5, 1, "web", SpanKind.Client, tags: ("peer.service", "b")), Of(2, 8, "b", SpanKind.Server)));
    }

    [Fact]
    public void Where_nothing_tells_no_sender_is_named()
    {
        var missing = Only(VerdictKind.ParentMissing, Of(1), Of(2, 8, "b", SpanKind.Server));

        Assert.Equal("b names the parent 0000000000000008, which did not come.", Assert.Single(missing.Evidence).Text);
        Assert.Equal("", missing.Evidence[0].LikelySender);
    }

    [Fact]
    public void A_client_half_that_did_not_come_is_a_missing_parent_of_the_service_above()
    {
        var evidence = Assert.Single(Only(VerdictKind.ParentMissing, Of(1, service: "web", kind: SpanKind.Server), Of(2, 1, "b", SpanKind.Server, shared: true)).Evidence);

        Assert.Equal((2UL, "web"), (evidence.MissingId.Value, evidence.LikelySender));
        Assert.Equal("b names the client half of span 0000000000000002, which did not come; web should have sent it.", evidence.Text);
    }

    [Fact]
    public void A_span_that_arrives_long_after_its_end_is_late()
    {
        var (quick, slow) = (Of(1, took: 1_000), Of(2, 1, "b", at: 5, took: 500));
        var context = new JudgeContext
        {
            Arrivals =
            [
                new SpanArrivals(Origin + 1_000_000_000, [quick]), new SpanArrivals(Origin + 45_000_505_000, [slow]), new SpanArrivals(Origin + 99_000_000_000, [quick, slow]),
            ],
        };
        var times = ClockSkewAdjuster.Adjust(TraceTree.Build(SpanMerger.Merge([quick, slow])));

        var verdicts = TraceJudge.Judge(times, context);
        Assert.Equal([VerdictKind.Complete, VerdictKind.Late], verdicts.Select(verdict => verdict.Kind));
        var evidence = Assert.Single(verdicts[1].Evidence);
        Assert.Equal("Span 0000000000000002 arrived 45 s after its end.", evidence.Text);
        Assert.Equal((2UL, TimeSpan.FromSeconds(45)), (evidence.SpanId.Value, evidence.Amount));
        Assert.Equal([VerdictKind.Complete], TraceJudge.Judge(times, context with { LateAfter = TimeSpan.FromSeconds(45) }).Select(verdict => verdict.Kind));
    }

    [Fact]
    public void What_comes_late_with_all_its_trace_or_as_soon_as_it_ends_is_not_late()
    {
        const ulong Second = 1_000_000_000, Day = 86_400 * Second;
        var (first, second) = (Of(1, took: 1_000), Of(2, 1, "b", at: 5, took: 500));
        Assert.Equal([VerdictKind.Complete], Kinds([first, second], new SpanArrivals(Origin + Day, [first]), new SpanArrivals(Origin + Day + (29 * Second), [second])));
        // One that is kept back for longer than the others, again and again, is: they were thought to be all.
        Assert.Equal(
            [VerdictKind.Complete, VerdictKind.Late],
            Kinds([first, second], new SpanArrivals(Origin + Day, [first]), new SpanArrivals(Origin + Day + (31 * Second), [second]), new SpanArrivals(Origin + Day, [])));
        var slow = Of(1, took: 600_000_000);
        Assert.Equal([VerdictKind.Complete], Kinds([slow, second], new SpanArrivals(Origin + Second, [second]), new SpanArrivals(Origin + (601 * Second), [slow])));

        VerdictKind[] Kinds(Span[] spans, params SpanArrivals[] arrivals) =>
            [.. TraceJudge.Judge(ClockSkewAdjuster.Adjust(TraceTree.Build(SpanMerger.Merge(spans))), new JudgeContext { Arrivals = arrivals }).Select(verdict => verdict.Kind)];
    }

    [Fact]
    public void A_late_server_half_is_told_from_its_client_half()
    {
        var (client, server) = (Of(1, 0, "a", SpanKind.Client), Of(1, 0, "b", SpanKind.Server));
        var context = new JudgeContext { Arrivals = [new SpanArrivals(Origin, [client]), new SpanArrivals(Origin + 60_000_000_000, [server])] };
        var verdicts = TraceJudge.Judge(ClockSkewAdjuster.Adjust(TraceTree.Build(SpanMerger.Merge([client, server]))), context);

        Assert.Equal("b", Assert.Single(verdicts[1].Evidence).Service);
    }

    [Fact]
    public void What_was_cut_here_or_by_the_sender_makes_a_trace_truncated()
    {
        Assert.Equal(
            "Something of span 0000000000000001 was over a limit and was cut.", Only(VerdictKind.Truncated, Of(1, marks: SpanMarks.Truncated)).Evidence[0].Text);
        Assert.Equal(
            "The sender of span 0000000000000001 dropped 0 attributes, 3 events and 0 links.",
            Only(VerdictKind.Truncated, new Span { TraceId = Trace, Id = new SpanId(1), DroppedEvents = 3 }).Evidence[0].Text);
        var cut = TraceJudge.Judge(ClockSkewAdjuster.Adjust(TraceTree.Build([Of(1)])), new JudgeContext { IsCut = true });
        Assert.Equal("The trace has more spans than are read: 1 are here.", Assert.Single(Assert.Single(cut).Evidence).Text);
    }

    [Theory]
    [InlineData("ot=th:c", "The trace was chosen with a probability of 0.25.")]
    [InlineData("vendor=x, ot=rv:00;th:8", "The trace was chosen with a probability of 0.5.")]
    [InlineData("ot=p:3;r:5", "The trace was chosen with a probability of 0.125.")]
    [InlineData("ot=th:0", null)]
    [InlineData("ot=p:0", null)]
    [InlineData("ot=th:", null)]
    [InlineData("ot=th:zz;p:-1", null)]
    [InlineData("other=th:c", null)]
    public void The_trace_state_tells_the_probability_with_which_a_trace_was_chosen(string traceState, string? text)
    {
        var verdicts = Judge(Of(1, traceState: traceState));

        Assert.Equal(text, verdicts.SingleOrDefault(verdict => verdict.Kind == VerdictKind.Sampled)?.Evidence[0].Text);
        Assert.Equal(VerdictKind.Complete, verdicts[0].Kind);
    }

    [Theory]
    [InlineData("probabilistic", "0.1", "The trace was chosen by the sampler probabilistic 0.1.")]
    [InlineData("ratelimiting", "2", "The trace was chosen by the sampler ratelimiting 2.")]
    [InlineData("probabilistic", "1", null)]
    [InlineData("const", "true", null)]
    public void Jaegers_sampler_tags_tell_how_a_trace_was_chosen(string type, string parameter, string? text)
    {
        var verdicts = Judge(Of(1, protocol: SpanProtocol.Jaeger, tags: [("sampler.type", type), ("sampler.param", parameter)]));

        Assert.Equal(text, verdicts.SingleOrDefault(verdict => verdict.Kind == VerdictKind.Sampled)?.Evidence[0].Text);
    }

    [Fact]
    public void A_span_whose_context_was_not_to_be_sampled_says_so()
    {
        Assert.Equal(
            "Span 0000000000000002 was recorded though its trace was not to be sampled.",
            Assert.Single(Only(VerdictKind.Sampled, Of(1, flags: 0x101), Of(2, 1, flags: 0x100), Of(3, 1, flags: 0)).Evidence).Text);
    }

    [Fact]
    public void Clocks_that_differ_are_named_with_the_amount()
    {
        Span[] spans = [Of(1, 0, "a", SpanKind.Client, 100_000, 50_000, "10.0.0.1"), Of(2, 1, "b", SpanKind.Server, 10_000, 30_000, "10.0.0.2")];
        var evidence = Assert.Single(Only(VerdictKind.Skewed, spans).Evidence);

        Assert.Equal("Seen from a on 10.0.0.1, the clock of b on 10.0.0.2 is off by −100 ms.", evidence.Text);
        Assert.Equal(TimeSpan.FromMilliseconds(-100), evidence.Amount);
        var off = TraceJudge.Judge(ClockSkewAdjuster.Adjust(TraceTree.Build(spans), isOn: false), JudgeContext.None);
        Assert.EndsWith("is off by −100 ms; its times were not adjusted.", off[1].Evidence[0].Text);
    }

    [Fact]
    public void Ids_of_two_widths_name_the_services_that_send_the_narrow_ones()
    {
        var narrow = new TraceId(0, Trace.Low);
        var evidence = Assert.Single(Only(VerdictKind.IdWidthMismatch, Of(1), Of(2, 1, "old", trace: narrow), Of(3, 2, "old", trace: narrow)).Evidence);

        Assert.Equal("old sends the id in 64 bits, others in 128.", evidence.Text);
        Assert.Equal(2, evidence.Spans);
        var known = TraceJudge.Judge(ClockSkewAdjuster.Adjust(TraceTree.Build([Of(1)])), new JudgeContext { OtherWidth = narrow });
        Assert.Equal("There are spans under the id 0000000000000001 too, of which only the low 64 bits are the same.", known[1].Evidence[0].Text);
    }

    [Fact]
    public void A_break_that_was_found_keeps_the_trace_from_being_complete()
    {
        var received = new PropagationCall(Trace, new SpanId(1), "b", "b-1", "get", 5, 9);
        var found = new PropagationBreak("b", received, received with { TraceId = new TraceId(7, 2), SpanId = new SpanId(2), Operation = "call c" });
        var verdict = Assert.Single(TraceJudge.Judge(ClockSkewAdjuster.Adjust(TraceTree.Build([Of(1)])), new JudgeContext { Breaks = [found] }));

        Assert.Equal(VerdictKind.PropagationBroken, verdict.Kind);
        Assert.Equal(("b", "b-1", new TraceId(7, 2)), (verdict.Evidence[0].Service, verdict.Evidence[0].Instance, verdict.Evidence[0].OtherTraceId));
        Assert.Equal(
            "b received get in trace 00000000000000070000000000000001, and meanwhile began the new trace 00000000000000070000000000000002 with call c: "
            + "it does not forward the trace headers of what it receives.", verdict.Evidence[0].Text);
    }

    [Fact]
    public void What_cannot_all_be_so_is_contradictory()
    {
        Assert.Equal([VerdictKind.Contradictory], Kinds(Of(1), Of(2)));
        Assert.Equal([VerdictKind.Contradictory], Kinds(Of(1, 1)));
        Assert.Equal([VerdictKind.RootMissing, VerdictKind.Contradictory], Kinds(Of(1, 2), Of(2, 1)));
        Assert.Equal([VerdictKind.Contradictory], Kinds(Of(1), Of(2, 1, "a"), Of(2, 1, "b")));
    }

    [Fact]
    public void The_evidence_of_a_verdict_is_bounded_and_counted()
    {
        var missing = Only(VerdictKind.ParentMissing, [.. Enumerable.Range(1, 500).Select(i => Of((ulong)i, (ulong)i + 1_000, at: i))]);

        Assert.Equal((TraceVerdict.MaxEvidence, 500), (missing.Evidence.Count, missing.EvidenceCount));
    }

    private static string Sender(params Span[] spans) =>
        Assert.Single(Only(VerdictKind.ParentMissing, [Of(1, service: "other"), .. spans]).Evidence).LikelySender;

    private static TraceVerdict Only(VerdictKind kind, params Span[] spans) => Assert.Single(Judge(spans), verdict => verdict.Kind == kind);

    private static IEnumerable<VerdictKind> Kinds(params Span[] spans) => Judge(spans).Select(verdict => verdict.Kind);

    private static IReadOnlyList<TraceVerdict> Judge(params Span[] spans) =>
        TraceJudge.Judge(ClockSkewAdjuster.Adjust(TraceTree.Build(SpanMerger.Merge(spans))), JudgeContext.None);
}
