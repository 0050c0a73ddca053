using Serverless.Tracing.Model;

namespace Serverless.Tracing.Search;

/// <summary>The one moment that a trace is searched and ordered by.</summary>
public static class TraceTimestamp
{
    /// <summary>
    /// Zipkin's rule: the start of the first span without a parent that has a start, else the earliest start; false where no span has one.
    /// </summary>
    public static bool TryGet(IReadOnlyList<Span> trace, out ulong startNs)
    {
        ArgumentNullException.ThrowIfNull(trace);
        startNs = 0;
        var found = false;
        foreach (var span in trace)
        {
            if (!span.HasStart)
                continue;
            if (span.ParentId.IsZero)
            {
                startNs = span.StartNs;
                return true;
            }

            startNs = found ? Math.Min(startNs, span.StartNs) : span.StartNs;
            found = true;
        }

        return found;
    }
}
