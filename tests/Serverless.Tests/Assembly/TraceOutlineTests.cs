using System.Globalization;
using Serverless.Tests.Frames;
using Serverless.Tests.Protocols.Zipkin;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Assembly;

/// <summary>A trace that is assembled of outlines is the one that is assembled of its spans: everything that is said of either is compared.</summary>
public sealed class TraceOutlineTests
{
    private static readonly AssemblyOptions[] Options =
    [
        AssemblyOptions.Default, new() { AdjustsClockSkew = false }, new() { MaximumClockSkew = TimeSpan.FromMicroseconds(60) },
    ];

    private static readonly string[] Keys =
        ["peer.service", "server.address", "db.system", "messaging.system", "sampler.type", "sampler.param", "peer.ipv4", "http.url", "error", "code 7"];

    private static readonly string[] Values = ["shop", "10.0.0.9", "const", "probabilistic", "0.5", "1", "3", ""];

    [Fact]
    public void Random_traces_in_which_anything_names_anything()
    {
        var found = new HashSet<VerdictKind>();
        for (var seed = 1; seed <= 30; seed++)
        {
            var batches = SpanSequenceTests.Batches(seed);
            found.UnionWith(AssertSame(batches, Options[seed % Options.Length]));
            found.UnionWith(AssertSame(Adorn(batches, new Random(seed)), Options[seed % Options.Length]));
        }

        // What cannot be in these: a break is found between traces, and a complete trace has nothing odd.
        Assert.Empty(Enum.GetValues<VerdictKind>().Except(found).Except([VerdictKind.Complete, VerdictKind.PropagationBroken, VerdictKind.RootMissing]));
    }

    [Fact]
    public void Spans_with_anything_in_them()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var spans = new RandomSpans(seed).Make(120, 1, wholeMicroseconds: false);
            AssertSame([.. spans.Chunk(25)], Options[seed % Options.Length]);
        }
    }

    [Fact]
    public void The_published_corpora()
    {
        foreach (var file in ZipkinCorpus.Files)
        {
            foreach (var trace in ZipkinCorpus.Decode(ZipkinCorpus.Read(file)).GroupBy(span => span.TraceId.Low))
                AssertSame([.. trace.Chunk(3)], AssemblyOptions.Default);
        }
    }

    [Theory]
    [InlineData("a", 0, 100, "a", 10, 50)]
    [InlineData("a", 10, 100, "b", 20, 150)]
    [InlineData("a", 10, 100, "b", 0, 50)]
    [InlineData("a", 10, 100, "b", 0, 150)]
    [InlineData("a", 10, 100, "b", 50, 70)]
    [InlineData("a", 10, 100, "b", 80, 50)]
    public void Skewed_clocks(string host, int start, int took, string childHost, int childStart, int childTook)
    {
        Span On(ulong id, ulong parent, string on, int at, int lasts) => SampleSpan.Of(
            id, parent, on, at: at * 1_000, took: lasts * 1_000, host: "10.0.0." + (int)on[0]) with
        {
            Events = [new SpanEvent(SampleSpan.Origin + (ulong)(at * 1_000_000), "e", [], 0)],
        };

        Span[] spans = [On(2, 1, childHost, childStart, childTook), On(3, 2, childHost, childStart + 1, 5), On(1, 0, host, start, took), On(4, 3, "c", start, 2)];
        foreach (var options in Options)
            AssertSame([.. spans.Select(span => new[] { span })], options);
    }

    [Fact]
    public void Circles_links_and_references_that_lead_nowhere()
    {
        SpanLink To(ulong id, TraceId? trace = null) => new(trace ?? SampleSpan.Trace, new SpanId(id), "s", [new SpanAttribute("k", AttributeValue.Of("v"))], 1, 2);
        Span[] spans =
        [
            SampleSpan.Of(1, links: [To(4), To(4), new SpanLink(default, default, "", [], 0, 0), SampleSpan.Reference(9, "child_of", new TraceId(5, 5)), To(3)]),
            SampleSpan.Of(2, 1, at: 1), SampleSpan.Of(3, at: 2, links: [To(2), SampleSpan.Reference(1, "follows_from"), To(1, new TraceId(0, 8))]), SampleSpan.Of(4, 3, at: 3),
            SampleSpan.Of(5, 7, at: 4), SampleSpan.Of(6, 5, at: 5), SampleSpan.Of(7, 6, at: 6), SampleSpan.Of(8, 8, at: 7), SampleSpan.Of(9, 99, at: 8),
            SampleSpan.Of(10, at: 9, links: [SampleSpan.Reference(11, "follows_from")]), SampleSpan.Of(11, 10, at: 10),
        ];
        foreach (var size in new[] { 1, 3, 20 })
            AssertSame([.. spans.Chunk(size)], AssemblyOptions.Default);
    }

    [Fact]
    public void Only_what_is_not_too_much_is_assembled()
    {
        SpanLink[] links = [.. Enumerable.Range(1, 9).Select(i => SampleSpan.Reference((ulong)i, "child_of"))];
        var rows = SpanSequenceTests.Rows(1, [[SampleSpan.Of(1, links: links), SampleSpan.Of(2, 1)]]);
        Assert.True(SpanSequence.Open(rows, 1, null, int.MaxValue).CanBeAssembled(3));
        Assert.False(SpanSequence.Open(rows, 1, null, int.MaxValue).CanBeAssembled(2));
        Assert.False(SpanSequence.Open(rows, 1, null, int.MaxValue).CanBeAssembled(1));
        Assert.False(SpanSequence.Open(rows, 1, null, 3).IsCut);
        // What is cut is assembled without what is cut.
        var cut = SpanSequence.Open([.. rows, .. rows], 1, null, 3, 3);
        Assert.True(cut.IsCut);
        Assert.True(cut.CanBeAssembled(3));
        Assert.Equal(2, TraceOutline.Assemble(cut, AssemblyOptions.Default, _ => JudgeContext.None).Trace.Tree.Count);
        Assert.True(SpanSequence.Open(rows, 1, null, 2).IsCut);
    }

    [Fact]
    public void An_outline_holds_no_more_than_is_needed()
    {
        var span = SampleSpan.Of(1, tags: [("peer.service", "shop"), ("sql", new string('x', 1_000))]) with
        {
            StatusMessage = "m", Scope = new InstrumentationScope { Name = "s" }, Events = [new SpanEvent(1, "e", [], 0)],
        };
        var outline = Outline(SpanSequenceTests.Rows(1, [[span], [SampleSpan.Of(2, 1)]]), 1, AssemblyOptions.Default, []);
        var held = outline.Trace.Tree[0];
        Assert.Equal("peer.service", Assert.Single(held.Attributes).Key);
        Assert.Equal(("", null, 0), (held.StatusMessage, held.Scope, held.Events.Count));
        Assert.Equal(SpanFrames.Describe(span), SpanFrames.Describe(outline.Read(0)));
    }

    /// <summary>The same spans of several protocols and senders, with what assembling looks at.</summary>
    private static Span[][] Adorn(Span[][] batches, Random random) => [.. batches.Select(batch => batch.Select(span => span with
    {
        Protocol = (SpanProtocol)random.Next(1, 4),
        Attributes = [.. Enumerable.Range(0, random.Next(5)).Select(_ => new SpanAttribute(Keys[random.Next(Keys.Length)], random.Next(6) switch
        {
            0 => AttributeValue.Of(-1_062_731_775L),
            _ => AttributeValue.Of(Values[random.Next(Values.Length)]),
        }))],
        RemoteEndpoint = random.Next(4) == 0 ? new Endpoint(Values[random.Next(2)], null, null, 0) : null,
        TraceState = random.Next(4) == 0 ? "ot=th:8" : "",
        Flags = random.Next(4) == 0 ? 0x100u : 0x101u,
        StatusMessage = random.Next(3) == 0 ? "words" : "",
        DroppedEvents = random.Next(10) == 0 ? 3u : 0,
        Events = [.. Enumerable.Range(0, random.Next(3)).Select(i => new SpanEvent(span.StartNs + (ulong)random.Next(500), "e" + i, [], 0))],
        Scope = random.Next(3) == 0 ? new InstrumentationScope { Name = "lib" } : null,
    }).ToArray())];

    private static IEnumerable<VerdictKind> AssertSame(Span[][] batches, AssemblyOptions options)
    {
        var low = batches[0][0].TraceId.Low;
        var rows = SpanSequenceTests.Rows(low, batches);
        var all = rows.ConvertAll(row => SpanSequenceTests.Decode([row], low));
        var context = Context([.. all]);
        var whole = AssembledTrace.Assemble([.. all.SelectMany(row => row)], options, context);
        Assert.Equal(Describe(whole), Describe(Outline(rows, low, options, context.Breaks, readsAtOnce: false).Trace));
        var outline = Outline(rows, low, options, context.Breaks);
        Assert.Equal(Describe(whole), Describe(outline.Trace));
        for (var i = 0; i < whole.Tree.Count; i++)
            Assert.Equal(SpanFrames.Describe(whole.Tree[i]), SpanFrames.Describe(outline.Read(i)));
        var adjusted = AdjustedTrace.Of(whole);
        Assert.Equal(adjusted.Warnings, outline.Warnings);
        Assert.Equal(
            adjusted.Spans.Select(span => Describe(span, adjusted.WarningsOf(span))).Order(StringComparer.Ordinal),
            outline.ReadAdjusted().Select(read => Describe(read.Span, read.Warnings)).Order(StringComparer.Ordinal));
        return whole.Summary.Verdicts;
    }

    private static TraceOutline Outline(List<ReadOnlyMemory<byte>> rows, ulong low, AssemblyOptions options, IReadOnlyList<PropagationBreak> breaks, bool readsAtOnce = true)
    {
        var sequence = SpanSequence.Open(rows, low, null, int.MaxValue, readsAtOnce ? int.MaxValue : 0);
        return TraceOutline.Assemble(sequence, options, reports => Context(reports) with { Breaks = breaks });
    }

    private static JudgeContext Context(IReadOnlyList<IReadOnlyList<Span>> rows) => new()
    {
        Arrivals = [.. rows.Select((row, i) => new SpanArrivals(SampleSpan.Origin + ((ulong)i * 40_000_000_000), row))],
    };

    private static string Describe(Span span, IReadOnlyList<string>? warnings) => $"{SpanFrames.Describe(span)}\n{string.Join('\n', warnings ?? [])}";

    private static string Describe(AssembledTrace trace)
    {
        var (tree, lines) = (trace.Tree, new List<string>());
        for (var i = 0; i < tree.Count; i++)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture,
                $"{i} {tree[i]} {tree.ParentOf(i)} {tree.IsServerHalf(i)} {tree.IsAsync(i)} {trace.Times.StartOf(i)}-{trace.Times.EndOf(i)} {trace.Times.AmountOf(i)} {trace.CriticalPath.SelfNsOf(i)} {trace.CriticalPath.CriticalNsOf(i)}"));
        }

        lines.Add($"{tree.Root} {tree.Top}: {string.Join(' ', tree.Order.ToArray())}");
        lines.AddRange(tree.Findings.Select(finding => $"{finding.Index} {finding.Oddity} {finding.Reason}"));
        lines.AddRange(trace.Times.Skews.Select(skew => skew.ToString()));
        lines.AddRange(trace.CriticalPath.Stretches.Select(stretch => stretch.ToString()));
        lines.AddRange(trace.Links.Select(link => link.ToString()));
        lines.AddRange(trace.Propagation.Received.Concat(trace.Propagation.Opened).Select(call => call.ToString()));
        foreach (var verdict in trace.Verdicts)
            lines.AddRange([$"{verdict.Kind} {verdict.EvidenceCount}", .. verdict.Evidence.Select(evidence => evidence.ToString())]);
        var summary = trace.Summary;
        lines.Add($"{summary with { Services = [], Verdicts = [] }} {string.Join(' ', summary.Services)} {string.Join(' ', summary.Verdicts)}");
        return string.Join('\n', lines).Replace(summary.Services.GetType().ToString(), "", StringComparison.Ordinal);
    }
}
