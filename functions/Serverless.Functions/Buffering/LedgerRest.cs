using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Buffering;

/// <summary>Takes a section apart whose event does not fit the hub, so that each part tells of what is in it.</summary>
internal static class LedgerRest
{
    /// <summary>All but what follows from the frames.</summary>
    public static LedgerSection Of(LedgerSection section)
    {
        var rest = new LedgerSection();
        foreach (var (key, count) in section.Counts)
        {
            if (key.Stage is not (LedgerStage.Accepted or LedgerStage.Truncated or LedgerStage.ClockSuspect or LedgerStage.FrameBytes or LedgerStage.ClientTruncated))
                rest.Counts.Add(key, count);
        }

        rest.Samples.AddRange(section.Samples);
        rest.Reports.AddRange(section.Reports);
        rest.Series.AddRange(section.Series);
        return rest;
    }

    /// <summary>What follows from frames: it is the same that was counted when they were made.</summary>
    public static LedgerSection OfFrames(ReadOnlyMemory<byte> frames)
    {
        var section = new LedgerSection();
        var spans = new List<Span>();
        SpanDecoder.Decode(frames, spans);
        var bytes = spans.Count == 0 ? 0 : frames.Length / spans.Count;
        foreach (var span in spans)
        {
            var source = LedgerSources.Of(span);
            section.Counts.Add(source, LedgerStage.FrameBytes, LedgerReason.None, bytes);
            section.Counts.Add(source, LedgerStage.Accepted, LedgerReason.None, 1);
            if ((span.Marks & SpanMarks.Truncated) != 0)
                section.Counts.Add(source, LedgerStage.Truncated, SpanCuts.ReasonOf(span.Marks), 1);
            var (attributes, events, links) = SpanCuts.BySender(span.Marks, span.DroppedAttributes, span.DroppedEvents, span.DroppedLinks);
            section.Counts.Add(source, LedgerStage.ClientTruncated, LedgerReason.Attributes, attributes);
            section.Counts.Add(source, LedgerStage.ClientTruncated, LedgerReason.Events, events);
            section.Counts.Add(source, LedgerStage.ClientTruncated, LedgerReason.Links, links);
            if ((span.Marks & SpanMarks.ClockSuspect) != 0)
                section.Counts.Add(source, LedgerStage.ClockSuspect, LedgerReason.None, 1);
        }

        return section;
    }

    /// <summary>Leaves out all but the counts, and counts that.</summary>
    public static void KeepCountsAlone(LedgerSection section)
    {
        foreach (var sample in section.Samples)
            section.Counts.Add(sample.Source, LedgerStage.SamplesDropped, sample.Reason, 1);
        foreach (var report in section.Reports)
            section.Counts.Add(report.Source, LedgerStage.ClientReportsDropped, LedgerReason.None, 1);
        foreach (var report in section.Series)
            section.Counts.Add(report.Source, LedgerStage.ClientReportsDropped, LedgerReason.None, 1);
        section.Samples.Clear();
        section.Requests.Clear();
        section.Reports.Clear();
        section.Series.Clear();
    }
}
