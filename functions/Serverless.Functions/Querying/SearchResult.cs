namespace Serverless.Functions.Querying;

/// <summary>What a search found.</summary>
/// <param name="Traces">The traces, newest first.</param>
/// <param name="IsComplete">False where the search ran out of time: there may be more, or newer ones.</param>
public sealed record SearchResult(IReadOnlyList<FoundTrace> Traces, bool IsComplete)
{
    /// <summary>Those that are held, which are the newest but for very large ones.</summary>
    public IEnumerable<ReadTrace> Held => Traces.Select(trace => trace.Held).OfType<ReadTrace>();
}
