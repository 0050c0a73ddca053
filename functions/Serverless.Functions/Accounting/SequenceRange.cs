namespace Serverless.Functions.Accounting;

/// <summary>Events of a partition of the hub <c>spans</c>, one after the other.</summary>
/// <param name="First">The first one's sequence number.</param>
/// <param name="Last">The last one's.</param>
public readonly record struct SequenceRange(long First, long Last)
{
    /// <summary>How many there are.</summary>
    public long Count => Last - First + 1;
}
