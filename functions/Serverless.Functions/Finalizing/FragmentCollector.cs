using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;

namespace Serverless.Functions.Finalizing;

/// <summary>
/// Gathers, of the traces of an item, the calls of which breaks of propagation are found: those that begin a trace, and those that end in
/// services that are known to begin traces. Of other services some are taken, so that a small system is seen whole at once.
/// </summary>
/// <param name="openers">The services that are known to begin traces.</param>
internal sealed class FragmentCollector(IReadOnlySet<string> openers)
{
    private const int MostOpened = 4_000;
    private const int MostReceived = 4_000;
    private const int MostReceivedOfOthers = 500;

    private readonly List<PropagationCall> _opened = [];
    private readonly List<PropagationCall> _received = [];
    private int _ofOthers;

    public void Add(PropagationFragment fragment)
    {
        foreach (var call in fragment.Opened)
        {
            if (_opened.Count < MostOpened)
                _opened.Add(call);
        }

        foreach (var call in fragment.Received)
        {
            var isKnown = openers.Contains(call.Service);
            if (_received.Count - _ofOthers >= MostReceived || (!isKnown && _ofOthers >= MostReceivedOfOthers))
                continue;
            _received.Add(call);
            _ofOthers += isKnown ? 0 : 1;
        }
    }

    public List<StoredRow> ToRows(FinalizeItemId item, DateTimeOffset now)
    {
        var rows = new List<StoredRow>();
        for (var (opened, received) = (0, 0); opened < _opened.Count || received < _received.Count;)
        {
            var row = new FragmentRow(Some(_received, ref received), Some(_opened, ref opened));
            rows.Add(row.ToRow(item, rows.Count, now));
        }

        return rows;
    }

    private static List<PropagationCall> Some(List<PropagationCall> calls, ref int first)
    {
        var some = calls.GetRange(first, Math.Min(FragmentRow.MaxCalls, calls.Count - first));
        first += some.Count;
        return some;
    }
}
