namespace Serverless.Tracing.Assembly;

/// <summary>What can be said of a trace: a closed list. The numbers are stored.</summary>
public enum VerdictKind : byte
{
    /// <summary>
    /// Every span has the parent that it names, up to one root, and nothing was cut. It may stand beside <see cref="Late"/>, <see cref="Sampled"/>,
    /// <see cref="Skewed"/> and <see cref="IdWidthMismatch"/>, and beside nothing else.
    /// </summary>
    Complete = 1,

    /// <summary>Every span names a parent: what the trace begins with did not come.</summary>
    RootMissing = 2,

    /// <summary>Spans name parents that did not come, or the client half of a shared span did not.</summary>
    ParentMissing = 3,

    /// <summary>Spans came after nothing of the trace had come for so long that it was taken for finished, and as long after their own end.</summary>
    Late = 4,

    /// <summary>Something was over a limit, here or at the sender, and was cut or left out.</summary>
    Truncated = 5,

    /// <summary>The trace was chosen by a sampler, and stands for others; or parts of it were not to be recorded.</summary>
    Sampled = 6,

    /// <summary>The clocks of hosts that call each other differ by so much that it shows.</summary>
    Skewed = 7,

    /// <summary>Some services report the trace's id in 64 bits, some in 128.</summary>
    IdWidthMismatch = 8,

    /// <summary>A service received this trace's call and began new traces with its own calls, or the other way round.</summary>
    PropagationBroken = 9,

    /// <summary>What the spans say cannot all be so: circles, a span that is its own parent, several roots, ids that are not unique.</summary>
    Contradictory = 10,
}
