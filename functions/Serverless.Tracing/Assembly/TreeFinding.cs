using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>An oddity of a trace, with the span that has it.</summary>
/// <param name="Oddity">What is odd.</param>
/// <param name="Index">The span's index in the tree.</param>
/// <param name="Span">The span.</param>
/// <param name="Other">The id that the oddity is about: the parent's, or that of the span which was there first.</param>
public readonly record struct TreeFinding(TreeOddity Oddity, int Index, Span Span, SpanId Other)
{
    /// <summary>The oddity in words.</summary>
    public string Reason => Oddity switch
    {
        TreeOddity.MissingParent => $"Span {Span.Id} names the parent {Other}, which is not in the trace.",
        TreeOddity.MissingClientHalf => $"Span {Span.Id} is the server half of a call; the client half with the same id is not in the trace.",
        TreeOddity.ExtraRoot => $"Span {Span.Id} has no parent, and the trace begins with span {Other} already.",
        TreeOddity.SelfParent => $"Span {Span.Id} names itself as its parent.",
        TreeOddity.Cycle => $"Span {Span.Id} and its parent {Other} are each below the other; the circle is cut at its earliest span.",
        TreeOddity.ParentInAnotherTrace => $"Span {Span.Id} names the parent {Other}, which is in another trace.",
        TreeOddity.RepeatedId => $"Another span has the id {Span.Id} too.",
        _ => $"Span {Span.Id} and its parent {Other} report trace ids of different widths.",
    };
}
