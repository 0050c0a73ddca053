namespace Serverless.Functions.Finalizing;

/// <summary>How far the receipts of a partition of the hub <c>spans</c> were planned.</summary>
/// <param name="Day">The day of the table of the last receipt.</param>
/// <param name="RowKey">The key of the last receipt; empty for none.</param>
/// <param name="ETag">The row's state when it was read; null where there is none.</param>
public sealed record PlanCursor(DateOnly Day, string RowKey, string? ETag)
{
    /// <summary>Nothing was planned.</summary>
    public static PlanCursor None { get; } = new(DateOnly.MinValue, "", null);

    /// <summary>Sorts right behind the last receipt: keys have one length.</summary>
    public string After => RowKey + "!";
}
