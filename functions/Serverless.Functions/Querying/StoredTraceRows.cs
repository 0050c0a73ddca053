using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying;

/// <summary>The rows of a trace as they are stored: gathered day by day, then decoded.</summary>
/// <param name="traceLow">The low 64 bits of the trace's id.</param>
/// <param name="decoder">What decodes the rows; null where one trace is read by itself.</param>
internal sealed class StoredTraceRows(ulong traceLow, PooledSpanDecoder? decoder = null)
{
    private readonly List<(DateOnly Day, List<StoredRow> Rows)> _days = [];
    private readonly List<StoredReports> _reports = [];
    private int _decodedDays;
    private bool _isCut;

    /// <summary>The summaries of all days that were read.</summary>
    public List<SummaryRow> Summaries { get; } = [];

    /// <summary>The newest summary.</summary>
    public SummaryRow? Summary => Summaries.MaxBy(summary => (summary.Version, summary.Day));

    /// <summary>What is wrong with a summary that could not be read; null where nothing is.</summary>
    public string? SummaryDamage { get; private set; }

    /// <summary>The days that were read.</summary>
    public IEnumerable<DateOnly> Days => _days.Select(day => day.Day);

    /// <summary>How many trace rows there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many bytes they have.</summary>
    public long Bytes { get; private set; }

    /// <summary>True where a day has trace rows.</summary>
    public bool HasRows => Count > 0;

    /// <summary>The trace rows, not decoded: day and key.</summary>
    public IEnumerable<IncludedBatch> Batches => _days.SelectMany(day => day.Rows.Select(row => new IncludedBatch(day.Day, RowKeys.TraceBatch(row.RowKey))));

    /// <summary>Takes the rows of a day, in order of their keys.</summary>
    public void Add(DateOnly day, List<StoredRow> rows)
    {
        if (rows.Count > 0 && RowKeys.IsSummary(rows[^1].RowKey))
        {
            Take(rows[^1], day);
            rows.RemoveAt(rows.Count - 1);
        }

        Count += rows.Count;
        foreach (var row in rows)
            Bytes += row.Data.Length;
        _days.Add((day, rows));
    }

    /// <summary>The trace rows as they are stored.</summary>
    public IEnumerable<StoredRow> TraceRows => _days.SelectMany(day => day.Rows);

    /// <summary>Takes the rows of the archive that no day has any more; they count as of no day.</summary>
    public void AddArchived(List<StoredRow> rows)
    {
        if (rows.Count == 0)
            return;
        var known = TraceRows.Select(row => row.RowKey).ToHashSet(StringComparer.Ordinal);
        Add(DateOnly.MinValue, [.. rows.Where(row => !known.Contains(row.RowKey))]);
    }

    /// <summary>Decodes what was added since the last time; stops where there are more spans than that.</summary>
    /// <exception cref="FrameFormatException">A row is damaged.</exception>
    public StoredTrace Decode(int mostSpans)
    {
        var spans = _reports.Sum(row => row.Spans.Count);
        for (; _decodedDays < _days.Count && !_isCut; _decodedDays++)
        {
            var (day, rows) = _days[_decodedDays];
            for (var first = 0; first < rows.Count;)
            {
                var end = EndOfBatch(rows, first);
                if (spans > 0 && spans >= mostSpans)
                {
                    _isCut = true;
                    break;
                }

                var reports = new List<Span>();
                var frames = end == first + 1 ? rows[first].Data : Join(rows, first, end);
                if (decoder is null)
                    SpanDecoder.Decode(frames, traceLow, reports);
                else
                    decoder.Decode(frames, traceLow, reports);
                spans += reports.Count;
                _reports.Add(new StoredReports(new IncludedBatch(day, RowKeys.TraceBatch(rows[first].RowKey)), rows[first].WrittenAt, reports));
                first = end;
            }
        }

        return new StoredTrace(traceLow, _reports, Summary) { IsCut = _isCut };
    }

    private void Take(StoredRow row, DateOnly day)
    {
        try
        {
            Summaries.Add(SummaryRow.FromRow(row, day));
        }
        catch (FormatException e)
        {
            SummaryDamage = e.Message;
        }
    }

    private static int EndOfBatch(List<StoredRow> rows, int first)
    {
        var end = first + 1;
        while (end < rows.Count && RowKeys.AreOfOneBatch(rows[end].RowKey, rows[first].RowKey))
            end++;
        return end;
    }

    private static byte[] Join(List<StoredRow> rows, int first, int end)
    {
        var joined = new MemoryStream();
        for (var i = first; i < end; i++)
            joined.Write(rows[i].Data);
        return joined.ToArray();
    }
}
