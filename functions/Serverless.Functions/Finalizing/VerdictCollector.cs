using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Finalizing;

/// <summary>Gathers the traces of an item by what is said of them. Complete ones are not listed: nearly all are.</summary>
internal sealed class VerdictCollector
{
    private readonly SortedDictionary<VerdictKind, List<(TraceId Id, ulong StartNs)>> _traces = [];

    public void Add(TraceSummary trace)
    {
        foreach (var verdict in trace.Verdicts)
        {
            if (verdict == VerdictKind.Complete)
                continue;
            if (!_traces.TryGetValue(verdict, out var traces))
                _traces.Add(verdict, traces = []);
            traces.Add((trace.TraceId, trace.StartNs));
        }
    }

    public List<StoredRow> ToRows(FinalizeItemId item)
    {
        var rows = new List<StoredRow>();
        foreach (var (verdict, traces) in _traces)
        {
            traces.Sort(static (x, y) => y.StartNs.CompareTo(x.StartNs));
            for (var first = 0; first < traces.Count;)
            {
                var end = first + 1;
                while (end < traces.Count && end - first < VerdictRow.MaxTraces && traces[first].StartNs - traces[end].StartNs <= VerdictRow.MaxSpanOfStartsNs)
                    end++;
                rows.Add(new VerdictRow(verdict, traces[first..end]).ToRow(item, rows.Count));
                first = end;
            }
        }

        return rows;
    }
}
