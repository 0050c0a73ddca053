using Serverless.Tests.Frames;
using Serverless.Tests.Protocols.Zipkin;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using static Serverless.Tests.Assembly.SampleSpan;

namespace Serverless.Tests.Assembly;

public sealed class AssembledTraceTests
{
    [Fact]
    public void A_mesh_s_trace_is_summed_up()
    {
        var summary = AssembledTrace.Assemble(ZipkinCorpus.Decode(ZipkinCorpus.Read("bookinfo-128bit.json"))).Summary;

        Assert.Equal("80f198ee56343ba864fe8b2a57d3eff7", summary.TraceId.ToString());
        Assert.Equal("istio-ingressgateway.istio-system", summary.RootService);
        Assert.Equal("productpage.default.svc.cluster.local:9080/productpage", summary.RootOperation);
        Assert.Equal((1784102461987004000UL, 41_873_000L), (summary.StartNs, summary.DurationNs));
        Assert.Equal((7, 1, 0), (summary.SpanCount, summary.ErrorCount, summary.OrphanCount));
        Assert.Equal(
            [new("details.default", 1, 0), new("istio-ingressgateway.istio-system", 1, 0), new("productpage.default", 3, 0), new ServiceCount("reviews.default", 2, 1)],
            summary.Services);
        Assert.Equal([VerdictKind.Complete], summary.Verdicts);
    }

    [Fact]
    public void A_summary_counts_orphans_and_spans_from_the_first_start_to_the_last_end()
    {
        var summary = AssembledTrace.Assemble([Of(2, 9, at: 5, took: 10), Of(3, 9, at: 50, took: 100), Of(4, 2, at: 7, error: true), Of(5, 3, marks: SpanMarks.NoStart)]).Summary;

        Assert.Equal(("", "", 2, 1), (summary.RootService, summary.RootOperation, summary.OrphanCount, summary.ErrorCount));
        Assert.Equal((Origin + 5_000, 145_000L), (summary.StartNs, summary.DurationNs));
        Assert.Equal([VerdictKind.RootMissing, VerdictKind.ParentMissing], summary.Verdicts);
    }

    [Fact]
    public void A_summary_goes_by_adjusted_times_unless_told_not_to()
    {
        Span[] spans = [Of(1, 0, "a", SpanKind.Client, 100, 50), Of(2, 1, "b", SpanKind.Server, 10, 30)];

        Assert.Equal(50_000, AssembledTrace.Assemble(spans).Summary.DurationNs);
        Assert.Equal(140_000, AssembledTrace.Assemble(spans, new AssemblyOptions { AdjustsClockSkew = false }).Summary.DurationNs);
        Assert.Equal(140_000, AssembledTrace.Assemble(spans, new AssemblyOptions { MaximumClockSkew = TimeSpan.FromMicroseconds(9) }).Summary.DurationNs);
    }

    [Fact]
    public void No_spans_and_no_times_are_summed_up_too()
    {
        Assert.Equal((0, 0UL, 0L), Sizes(AssembledTrace.Assemble([]).Summary));
        Assert.Equal((1, 0UL, 0L), Sizes(AssembledTrace.Assemble([Of(1, marks: SpanMarks.NoStart)]).Summary));
    }

    [Fact]
    public void The_widest_id_of_a_trace_is_its_own()
    {
        Assert.Equal(Trace, AssembledTrace.Assemble([Of(1, trace: new TraceId(0, Trace.Low)), Of(2, 1, at: 3)]).Summary.TraceId);
    }

    [Fact]
    public void The_order_in_which_reports_came_changes_nothing()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var spans = SampleGraphs.Make(seed);
            var shuffled = spans.OrderBy(_ => random.Next()).Concat(spans.Take(5)).ToList();

            Assert.Equal(Describe(AssembledTrace.Assemble(spans)), Describe(AssembledTrace.Assemble(shuffled)));
        }
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_hostile_trace_of_100_000_spans_is_assembled(string what)
    {
        var trace = AssembledTrace.Assemble([.. Enumerable.Range(1, 100_000).Select(i => HostileSpan(what, i))]);

        Assert.Equal(100_000, trace.Summary.SpanCount);
        TraceTreeTests.AssertIsForest(trace.Tree);
        Assert.NotEmpty(trace.Verdicts);
        Assert.All(trace.Verdicts, verdict => Assert.True(verdict.Evidence.Count <= TraceVerdict.MaxEvidence));
    }

    public static TheoryData<string> Hostile => ["chain", "wide", "own parents", "cycle", "pairs", "orphans", "alternating hosts", "nested at one time", "overlapping"];

    private static Span HostileSpan(string what, int i)
    {
        var id = (ulong)i;
        return what switch
        {
            "chain" => Of(id, id - 1, "s" + (i % 10), (SpanKind)(i % 6), i, 200_000 - (2 * i)),
            "wide" => Of(id, id == 1 ? 0UL : 1, "s" + (i % 10), (SpanKind)(i % 6), i, 5),
            "own parents" => Of(id, id, at: i),
            "cycle" => Of(id, (id % 100_000) + 1, at: i),
            "pairs" => Of(id, ((id - 1) ^ 1) + 1, at: i),
            "orphans" => Of(id, id + 1_000_000, "s" + (i % 1_000), SpanKind.Server, i),
            "alternating hosts" => Of(id, id - 1, "s" + (i % 2), i % 2 == 0 ? SpanKind.Server : SpanKind.Client, -i, 10, "10.0." + (i % 250) + "." + (i / 500 % 250)),
            "nested at one time" => Of(id, id / 2, at: 0, took: 100),
            _ => Of(id, id == 1 ? 0UL : id - 1 - (id % 3 == 0 ? 1UL : 0), at: 100_000 - i, took: 100_000),
        };
    }

    private static (int, ulong, long) Sizes(TraceSummary summary) => (summary.SpanCount, summary.StartNs, summary.DurationNs);

    private static string Describe(AssembledTrace trace) => string.Join('\n',
    [
        SpanFrames.Describe(trace.Tree.Spans),
        string.Join(' ', trace.Tree.Order.ToArray()),
        string.Join('\n', trace.CriticalPath.Stretches),
        string.Join('\n', trace.Links),
        string.Join('\n', trace.Times.Skews),
        string.Join('\n', trace.Verdicts.Select(verdict => verdict.Kind + string.Join('\n', verdict.Evidence))),
    ]);
}
