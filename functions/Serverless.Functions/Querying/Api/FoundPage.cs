namespace Serverless.Functions.Querying.Api;

/// <summary>A page of found traces.</summary>
/// <param name="Traces">The traces, by their earliest start, the newest first; of the same start by id.</param>
/// <param name="IsComplete">False where the search ran out of time: there may be more, and newer ones.</param>
/// <param name="Next">Where the next page begins; null where there is none, or the search is not complete.</param>
internal sealed record FoundPage(IReadOnlyList<TraceView> Traces, bool IsComplete, SearchCursor? Next);
