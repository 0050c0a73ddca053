using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying;

/// <summary>What a search has found so far, each trace once.</summary>
/// <typeparam name="T">What is kept of each.</typeparam>
internal sealed class FoundTraces<T>
{
    private readonly List<Found<T>> _traces = [];
    private readonly HashSet<ulong> _lows = [];

    public int Count => _traces.Count;

    /// <summary>True where traces with these low 64 bits of the id were found.</summary>
    public bool Has(ulong traceLow) => _lows.Contains(traceLow);

    public void Add(ulong traceLow, Found<T> trace)
    {
        _traces.Add(trace);
        _lows.Add(traceLow);
    }

    /// <summary>What was kept, newest first; of the same time, by id.</summary>
    public T[] NewestFirst() => [.. _traces.OrderByDescending(trace => trace.TimestampNs).ThenBy(trace => trace.Id).Select(trace => trace.Kept)];
}

/// <summary>One of them.</summary>
/// <param name="Kept">What is kept of it.</param>
/// <param name="Id">Its id.</param>
/// <param name="TimestampNs">Its timestamp (Zipkin's), in nanoseconds since 1970; 0 where it has none.</param>
internal readonly record struct Found<T>(T Kept, TraceId Id, ulong TimestampNs);
