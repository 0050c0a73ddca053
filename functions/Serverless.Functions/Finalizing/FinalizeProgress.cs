namespace Serverless.Functions.Finalizing;

/// <summary>How far a partition of the hub <c>finalize</c> is done.</summary>
/// <param name="Sequence">The last item that is done; -1 for none.</param>
/// <param name="Day">The latest day of those items: no summary lies in a later table.</param>
/// <param name="ETag">The row's state when it was read; null where there is none.</param>
public sealed record FinalizeProgress(long Sequence, DateOnly Day, string? ETag)
{
    /// <summary>Who took an item over last from an instance that did not get to its end.</summary>
    public Guid Claim { get; init; }

    /// <summary>Nothing is done.</summary>
    public static FinalizeProgress None { get; } = new(-1, DateOnly.MinValue, null);
}
