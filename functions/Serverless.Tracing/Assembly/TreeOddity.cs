namespace Serverless.Tracing.Assembly;

/// <summary>What is odd about a span's place in its trace: a closed list.</summary>
public enum TreeOddity : byte
{
    /// <summary>It names a parent that the trace does not have.</summary>
    MissingParent,

    /// <summary>It is the server half of a shared span, and the client half did not come.</summary>
    MissingClientHalf,

    /// <summary>It has no parent, and neither has an earlier span.</summary>
    ExtraRoot,

    /// <summary>It names itself as its parent; it is placed as a root.</summary>
    SelfParent,

    /// <summary>Following the parents from it leads back to it; it is the earliest of that circle, which is cut above it.</summary>
    Cycle,

    /// <summary>Its parent is a span of another trace; it is placed as a root.</summary>
    ParentInAnotherTrace,

    /// <summary>Another span of the same side has its id, though they are not one span.</summary>
    RepeatedId,

    /// <summary>Its parent reports a trace id of another width (64 bits, 128 bits) of which only the low half is the same.</summary>
    OtherIdWidth,
}
