namespace Serverless.Local.Kusto;

/// <summary>A step of a query: batches come out of it, drawn from the steps below. A step may be run more than once.</summary>
internal abstract class PlanNode(Schema schema)
{
    private bool[]? _required;

    public Schema Schema { get; } = schema;

    /// <summary>Whether its rows have an order that window functions may rely on.</summary>
    public virtual bool IsSerialized => false;

    public virtual IReadOnlyList<PlanNode> Inputs => [];

    public abstract IEnumerable<Batch> Execute(QueryContext context);

    /// <summary>
    /// Says which of its columns are needed; more needs add up, as a step may have several readers. A step passes on what it needs itself.
    /// </summary>
    public void Require(bool[] columns)
    {
        if (_required is null)
        {
            _required = (bool[])columns.Clone();
        }
        else
        {
            var more = false;
            for (var i = 0; i < columns.Length; i++)
            {
                more |= columns[i] && !_required[i];
                _required[i] |= columns[i];
            }
            if (!more)
                return;
        }
        RequireInputs(_required);
    }

    public void RequireAll() => Require(All(Schema));

    /// <summary>Unless a step knows better it needs all of its inputs.</summary>
    protected virtual void RequireInputs(bool[] required)
    {
        foreach (var input in Inputs)
            input.RequireAll();
    }

    protected static bool[] All(Schema schema)
    {
        var all = new bool[schema.Count];
        Array.Fill(all, true);
        return all;
    }

    /// <summary>All rows of a step as one batch, whose memory is counted until the caller releases it.</summary>
    protected static Batch Collect(PlanNode node, QueryContext context, out long heldBytes)
    {
        var batches = new List<Batch>();
        heldBytes = 0;
        foreach (var batch in node.Execute(context))
        {
            var bytes = batch.EstimatedBytes;
            context.Hold(bytes);
            heldBytes += bytes;
            batches.Add(batch);
        }
        return Batch.Concat(node.Schema, batches);
    }

    /// <summary>A batch in pieces of the usual size.</summary>
    protected static IEnumerable<Batch> Pieces(Batch batch, QueryContext context)
    {
        for (var start = 0; start < batch.Count; start += Batch.PreferredRows)
        {
            var count = Math.Min(Batch.PreferredRows, batch.Count - start);
            context.CountRows(count);
            yield return batch.Slice(start, count);
        }
    }
}
