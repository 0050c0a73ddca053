namespace Serverless.Local.Kusto;

/// <summary>The state of an aggregate for all groups of a run. A group below 0 means that the row does not count.</summary>
internal abstract class Aggregator
{
    /// <summary>About how many bytes it holds.</summary>
    public virtual long EstimatedBytes => 0;

    public abstract void Add(Column[] arguments, int[] groups, int count, int groupCount);

    /// <summary>The result's columns, most often one, with a row for each group.</summary>
    public abstract Column[] Finish(int groupCount);
}
