using System.Runtime.InteropServices;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// Finds services that do not forward trace headers, from what the traces of a window have in common: while a service answers a call that goes no
/// further in its trace, a call of the same service and instance begins a new one.
/// </summary>
/// <remarks>
/// One pair alone can be chance, as with jobs that a service runs beside its calls. Jobs mostly run at other times than within a call, so
/// a service counts as broken only where at least half of the traces that it begins in the window begin within such a call.
/// A call begins within the latest received one that encloses it.
/// </remarks>
public static class PropagationBreakDetector
{
    /// <summary>The two sides may differ by this: they are of one host, but not always of one process.</summary>
    private const ulong ToleranceNs = 1_000_000;

    /// <summary>How many received calls are looked at per opened one; more run at once only on a service under great load.</summary>
    private const int MaxLookBack = 256;

    /// <summary>The breaks by service, then by time.</summary>
    /// <param name="window">The fragments of all traces of a window, in any order.</param>
    /// <param name="maximum">At most this many breaks per service, the earliest.</param>
    public static IReadOnlyList<PropagationBreak> Detect(IEnumerable<PropagationFragment> window, int maximum = 1_000)
    {
        ArgumentNullException.ThrowIfNull(window);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximum, 1);
        var services = new SortedDictionary<string, Calls>(StringComparer.Ordinal);
        foreach (var fragment in window)
        {
            foreach (var call in fragment.Received)
                Of(services, call.Service).Received.Add(call);
            foreach (var call in fragment.Opened)
                Of(services, call.Service).Opened.Add(call);
        }

        var breaks = new List<PropagationBreak>();
        foreach (var calls in services.Values)
        {
            if (calls.Received.Count == 0 || calls.Opened.Count == 0)
                continue;
            var found = Match(calls);
            if (found.Count * 2 >= calls.Opened.Count)
                breaks.AddRange(found.Count > maximum ? CollectionsMarshal.AsSpan(found)[..maximum] : CollectionsMarshal.AsSpan(found));
        }

        return breaks;
    }

    private static Calls Of(SortedDictionary<string, Calls> services, string service)
    {
        if (!services.TryGetValue(service, out var calls))
            services.Add(service, calls = new Calls([], []));
        return calls;
    }

    private static List<PropagationBreak> Match(Calls calls)
    {
        calls.Received.Sort(ByStart);
        calls.Opened.Sort(ByStart);
        var found = new List<PropagationBreak>();
        var begun = 0;
        foreach (var opened in calls.Opened)
        {
            while (begun < calls.Received.Count && calls.Received[begun].StartNs <= opened.StartNs + ToleranceNs)
                begun++;
            for (var i = begun - 1; i >= Math.Max(0, begun - MaxLookBack); i--)
            {
                if (!Encloses(calls.Received[i], opened))
                    continue;
                found.Add(new PropagationBreak(opened.Service, calls.Received[i], opened));
                break;
            }
        }

        return found;
    }

    private static bool Encloses(PropagationCall received, PropagationCall opened) =>
        received.TraceId != opened.TraceId
        && opened.EndNs <= received.EndNs + ToleranceNs
        && (received.Instance.Length == 0 || opened.Instance.Length == 0 || received.Instance == opened.Instance);

    private static int ByStart(PropagationCall x, PropagationCall y)
    {
        var order = x.StartNs.CompareTo(y.StartNs);
        if (order == 0)
            order = x.TraceId.CompareTo(y.TraceId);
        return order != 0 ? order : x.SpanId.Value.CompareTo(y.SpanId.Value);
    }

    private sealed record Calls(List<PropagationCall> Received, List<PropagationCall> Opened);
}
