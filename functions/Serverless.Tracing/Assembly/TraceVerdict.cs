namespace Serverless.Tracing.Assembly;

/// <summary>One thing that is said of a trace, with what it rests on.</summary>
/// <param name="Kind">What is said.</param>
/// <param name="Evidence">At most <see cref="MaxEvidence"/> pieces of evidence; none for <see cref="VerdictKind.Complete"/>.</param>
/// <param name="EvidenceCount">How many pieces there are, those that were left out included.</param>
public sealed record TraceVerdict(VerdictKind Kind, IReadOnlyList<VerdictEvidence> Evidence, int EvidenceCount)
{
    /// <summary>A verdict keeps this many pieces of evidence, the earliest.</summary>
    public const int MaxEvidence = 50;
}
