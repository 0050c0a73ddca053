using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying;

/// <summary>What a search has found so far, each trace once.</summary>
internal sealed class FoundTraces
{
    private readonly List<ReadTrace> _traces = [];
    private readonly HashSet<ulong> _lows = [];

    public int Count => _traces.Count;

    /// <summary>True where traces with these low 64 bits of the id were found.</summary>
    public bool Has(ulong traceLow) => _lows.Contains(traceLow);

    public void Add(ulong traceLow, ReadTrace trace)
    {
        _traces.Add(trace);
        _lows.Add(traceLow);
    }

    public ReadTrace[] NewestFirst() =>
        [.. _traces.OrderByDescending(trace => TraceTimestamp.TryGet(trace.Spans, out var startNs) ? startNs : 0)];
}
