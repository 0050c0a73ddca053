using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Finalizing;

/// <summary>Gathers the traces of an item by what is said of them. Complete ones are not listed: nearly all are.</summary>
internal sealed class VerdictCollector
{
    // Longer traces are listed for all times: few are, and mostly by a mistake of a clock.
    private const int MostHours = 24;
    private const ulong HourNs = VerdictRow.MaxSpanOfStartsNs;

    private readonly SortedDictionary<(VerdictKind Verdict, bool IsOngoing), List<(TraceId Id, ulong StartNs)>> _traces = [];

    public void Add(AssembledTrace trace)
    {
        var (id, startNs) = (trace.Summary.TraceId, trace.Summary.StartNs);
        var times = default(List<ulong>);
        foreach (var verdict in trace.Summary.Verdicts)
        {
            if (verdict == VerdictKind.Complete)
                continue;
            ListOf(verdict, isOngoing: false).Add((id, startNs));
            times ??= OngoingTimes(trace.Tree, startNs);
            if (times.Count > 0)
                ListOf(verdict, isOngoing: true).AddRange(times.Select(time => (id, time)));
        }
    }

    public List<StoredRow> ToRows(FinalizeItemId item)
    {
        var rows = new List<StoredRow>();
        foreach (var ((verdict, isOngoing), traces) in _traces)
        {
            traces.Sort(static (x, y) => y.StartNs.CompareTo(x.StartNs));
            for (var first = 0; first < traces.Count;)
            {
                var end = first + 1;
                while (end < traces.Count && end - first < VerdictRow.MaxTraces && traces[first].StartNs - traces[end].StartNs <= VerdictRow.MaxSpanOfStartsNs)
                    end++;
                rows.Add(new VerdictRow(verdict, traces[first..end]) { IsOngoing = isOngoing }.ToRow(item, rows.Count));
                first = end;
            }
        }

        return rows;
    }

    private List<(TraceId Id, ulong StartNs)> ListOf(VerdictKind verdict, bool isOngoing)
    {
        if (!_traces.TryGetValue((verdict, isOngoing), out var traces))
            _traces.Add((verdict, isOngoing), traces = []);
        return traces;
    }

    /// <summary>Times that are no more than an hour from any span's start as it was sent, where the trace's own start is.</summary>
    private static List<ulong> OngoingTimes(TraceTree tree, ulong startNs)
    {
        var (first, last) = (ulong.MaxValue, 0UL);
        foreach (var span in tree.Spans)
        {
            if (!span.HasStart)
                continue;
            first = Math.Min(first, span.StartNs);
            last = Math.Max(last, span.StartNs);
        }

        var times = new List<ulong>();
        if (first > last || (first >= startNs - Math.Min(startNs, HourNs) && last - Math.Min(last, startNs) <= HourNs))
            return times;
        if (last - first > MostHours * HourNs)
            return [0];
        for (var time = first; time < last; time += HourNs)
            times.Add(time);
        times.Add(last);
        return times;
    }
}
