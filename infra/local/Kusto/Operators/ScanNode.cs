namespace Serverless.Local.Kusto;

/// <summary>Reads a table.</summary>
internal sealed class ScanNode(IKustoTable table, IReadOnlyList<TimeBound> times, long? limit) : PlanNode(table.Schema)
{
    private bool[] _columns = new bool[table.Schema.Count];

    public IKustoTable Table => table;

    public ScanNode With(TimeBound bound) => new(table, [.. times, bound], limit);

    public ScanNode With(long rows) => new(table, times, Math.Min(rows, limit ?? long.MaxValue));

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        // The query runs on a thread of its own, on which it may wait: only here does the engine meet input that comes later.
        var batches = table.ScanAsync(new ScanRequest(_columns, times, limit), context.Cancellation).GetAsyncEnumerator(context.Cancellation);
        try
        {
            while (Wait(batches.MoveNextAsync()))
            {
                var batch = batches.Current;
                context.CountRows(batch.Count);
                if (batch.Count > 0)
                    yield return batch;
            }
        }
        finally
        {
            var disposed = batches.DisposeAsync();
            if (!disposed.IsCompletedSuccessfully)
                disposed.AsTask().GetAwaiter().GetResult();
        }
    }

    protected override void RequireInputs(bool[] required) => _columns = required;

    private static bool Wait(ValueTask<bool> next) => next.IsCompleted ? next.Result : next.AsTask().GetAwaiter().GetResult();
}
