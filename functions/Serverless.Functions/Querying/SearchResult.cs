namespace Serverless.Functions.Querying;

/// <summary>What a search found.</summary>
/// <param name="Traces">Whole traces, each merged, newest first.</param>
/// <param name="IsComplete">False where the search ran out of time: there may be more, or newer ones.</param>
public sealed record SearchResult(IReadOnlyList<ReadTrace> Traces, bool IsComplete);
