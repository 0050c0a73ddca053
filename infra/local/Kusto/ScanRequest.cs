namespace Serverless.Local.Kusto;

/// <summary>What a query needs of a table.</summary>
/// <param name="Columns">By ordinal: whether the column is read.</param>
/// <param name="Times">For datetime columns that the query bounds: the bounds.</param>
/// <param name="Limit">So many rows are enough, whichever; null where all are needed.</param>
internal sealed record ScanRequest(IReadOnlyList<bool> Columns, IReadOnlyList<TimeBound> Times, long? Limit);
