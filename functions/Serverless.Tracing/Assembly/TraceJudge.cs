using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>Says what a trace is worth: whether all of it is there, and what is wrong with it.</summary>
public static class TraceJudge
{
    /// <summary>Every verdict that applies, in the order of <see cref="VerdictKind"/>; none for no spans.</summary>
    /// <param name="times">The trace with its adjusted times.</param>
    /// <param name="context">What is known beyond the spans.</param>
    public static IReadOnlyList<TraceVerdict> Judge(ClockSkewAdjustment times, JudgeContext context)
    {
        ArgumentNullException.ThrowIfNull(times);
        ArgumentNullException.ThrowIfNull(context);
        var tree = times.Tree;
        var verdicts = new List<TraceVerdict>();
        if (tree.Count == 0)
            return verdicts;
        AddMissing(tree, verdicts);
        LateSpans.AddTo(verdicts, tree, context);
        AddTruncated(tree, context, verdicts);
        AddSampled(tree, verdicts);
        AddSkewed(times, verdicts);
        AddWidths(tree, context, verdicts);
        AddBreaks(context, verdicts);
        AddContradictory(tree, verdicts);
        if (!verdicts.Exists(verdict => IsAgainstComplete(verdict.Kind)))
            verdicts.Insert(0, new TraceVerdict(VerdictKind.Complete, [], 0));
        return verdicts;
    }

    private static bool IsAgainstComplete(VerdictKind kind) => kind is VerdictKind.RootMissing or VerdictKind.ParentMissing
        or VerdictKind.Truncated or VerdictKind.PropagationBroken or VerdictKind.Contradictory;

    private static void AddMissing(TraceTree tree, List<TraceVerdict> verdicts)
    {
        if (tree.Root < 0)
        {
            var root = new VerdictBuilder(VerdictKind.RootMissing);
            root.Add(tree[tree.Top], span =>
            {
                var parent = span.ParentId.IsZero ? SpanReferences.Parent(span).Parent : span.ParentId;
                return VerdictEvidence.Of(span, $"Every span names a parent; the earliest is {span.Id}, which names {parent}.") with { MissingId = parent };
            });
            root.AddTo(verdicts);
        }

        if (tree.Findings.Count == 0)
            return;
        var missing = new VerdictBuilder(VerdictKind.ParentMissing);
        new MissingParents(tree).AddTo(missing);
        missing.AddTo(verdicts);
    }

    private static void AddTruncated(TraceTree tree, JudgeContext context, List<TraceVerdict> verdicts)
    {
        var truncated = new VerdictBuilder(VerdictKind.Truncated);
        if (context.IsCut)
            truncated.Add(tree.Count, count => new VerdictEvidence($"The trace has more spans than are read: {count} are here.") { Spans = count });
        for (var i = 0; i < tree.Count; i++)
        {
            var span = tree[i];
            if ((span.Marks & SpanMarks.Truncated) != 0)
                truncated.Add(span, cut => VerdictEvidence.Of(cut, $"Something of span {cut.Id} was over a limit and was cut."));
            else if ((span.DroppedAttributes | span.DroppedEvents | span.DroppedLinks) != 0)
                truncated.Add(span, cut => VerdictEvidence.Of(cut,
                    $"The sender of span {cut.Id} dropped {cut.DroppedAttributes} attributes, {cut.DroppedEvents} events and {cut.DroppedLinks} links."));
        }

        truncated.AddTo(verdicts);
    }

    private static void AddSampled(TraceTree tree, List<TraceVerdict> verdicts)
    {
        var sampled = new VerdictBuilder(VerdictKind.Sampled);
        for (var i = 0; i < tree.Count; i++)
        {
            var span = tree[i];
            if (SamplingSigns.IsUnsampled(span))
                sampled.Add(span, odd => VerdictEvidence.Of(odd, $"Span {odd.Id} was recorded though its trace was not to be sampled."));
        }

        // What chose the root chose the trace; a span below it says so only where the root is missing.
        foreach (var root in tree.Roots)
        {
            if (SamplingSigns.Of(tree[root]) is { Length: > 0 } how)
            {
                sampled.Add((tree[root], how), said => VerdictEvidence.Of(said.Item1, $"The trace was {said.how}."));
                break;
            }
        }

        sampled.AddTo(verdicts);
    }

    private static void AddSkewed(ClockSkewAdjustment times, List<TraceVerdict> verdicts)
    {
        var skewed = new VerdictBuilder(VerdictKind.Skewed);
        foreach (var found in times.Skews)
        {
            skewed.Add(found, skew => new VerdictEvidence(
                $"Seen from {NameOf(skew.FromService, skew.FromHost)}, the clock of {NameOf(skew.ToService, skew.ToHost)} is off by "
                + $"{SkewText.Of(-skew.AmountNs)}{(skew.IsApplied ? "" : "; its times were not adjusted")}.")
            {
                SpanId = skew.SpanId,
                Service = skew.ToService,
                Instance = skew.ToHost,
                Spans = skew.Calls,
                Amount = new TimeSpan(-skew.AmountNs / TimeSpan.NanosecondsPerTick),
            });
        }

        skewed.AddTo(verdicts);
    }

    private static string NameOf(string service, string host) => (service, host) switch
    {
        ("", "") => "an unnamed service",
        ("", _) => host,
        (_, "") => service,
        _ => $"{service} on {host}",
    };

    private static void AddWidths(TraceTree tree, JudgeContext context, List<TraceVerdict> verdicts)
    {
        var widths = new VerdictBuilder(VerdictKind.IdWidthMismatch);
        if (IsOfBothWidths(tree))
        {
            foreach (var narrow in tree.Spans.Where(span => span.TraceId.High == 0).GroupBy(span => span.ServiceName, StringComparer.Ordinal))
            {
                widths.Add(narrow, spans => VerdictEvidence.Of(spans.First(), $"{NameOf(spans.Key, "")} sends the id in 64 bits, others in 128.") with
                {
                    Spans = spans.Count(),
                });
            }
        }
        else if (!context.OtherWidth.IsZero)
        {
            widths.Add(context.OtherWidth, other =>
                new VerdictEvidence($"There are spans under the id {other} too, of which only the low 64 bits are the same.") { OtherTraceId = other });
        }

        widths.AddTo(verdicts);
    }

    private static bool IsOfBothWidths(TraceTree tree)
    {
        var isWide = tree[0].TraceId.High != 0;
        for (var i = 1; i < tree.Count; i++)
        {
            if (tree[i].TraceId.High != 0 != isWide)
                return true;
        }

        return false;
    }

    private static void AddBreaks(JudgeContext context, List<TraceVerdict> verdicts)
    {
        var breaks = new VerdictBuilder(VerdictKind.PropagationBroken);
        foreach (var found in context.Breaks)
        {
            breaks.Add(found, broken => new VerdictEvidence(broken.Text)
            {
                SpanId = broken.Received.SpanId,
                Service = broken.Service,
                Instance = broken.Received.Instance,
                TimeNs = broken.Received.StartNs,
                OtherTraceId = broken.Opened.TraceId,
            });
        }

        breaks.AddTo(verdicts);
    }

    private static void AddContradictory(TraceTree tree, List<TraceVerdict> verdicts)
    {
        var contradictory = new VerdictBuilder(VerdictKind.Contradictory);
        foreach (var found in tree.Findings)
        {
            if (found.Oddity is TreeOddity.Cycle or TreeOddity.SelfParent or TreeOddity.ExtraRoot or TreeOddity.RepeatedId or TreeOddity.ParentInAnotherTrace)
                contradictory.Add(found, finding => VerdictEvidence.Of(finding.Span, finding.Reason));
        }

        contradictory.AddTo(verdicts);
    }
}
