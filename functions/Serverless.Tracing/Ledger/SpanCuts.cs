using Serverless.Tracing.Model;

namespace Serverless.Tracing.Ledger;

/// <summary>What was cut of spans: here, and before by their senders.</summary>
public static class SpanCuts
{
    private const SpanMarks Any = SpanMarks.CutAttributes | SpanMarks.CutEvents | SpanMarks.CutLinks | SpanMarks.CutName | SpanMarks.CutValue;

    /// <summary>What was cut here; none of spans from before that was marked.</summary>
    public static LedgerReason ReasonOf(SpanMarks marks) => (marks & Any) switch
    {
        0 => LedgerReason.None,
        SpanMarks.CutAttributes => LedgerReason.Attributes,
        SpanMarks.CutEvents => LedgerReason.Events,
        SpanMarks.CutLinks => LedgerReason.Links,
        SpanMarks.CutName => LedgerReason.Name,
        SpanMarks.CutValue => LedgerReason.Value,
        _ => LedgerReason.Several,
    };

    /// <summary>
    /// How many attributes, events and links a span's sender left out. Of what was cut here too only the sum is known, and that is not said to be its
    /// sender's.
    /// </summary>
    public static (uint Attributes, uint Events, uint Links) BySender(SpanMarks marks, uint attributes, uint events, uint links) => (
        (marks & SpanMarks.CutAttributes) == 0 ? attributes : 0, (marks & SpanMarks.CutEvents) == 0 ? events : 0, (marks & SpanMarks.CutLinks) == 0 ? links : 0);
}
