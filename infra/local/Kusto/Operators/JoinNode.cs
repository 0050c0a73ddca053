namespace Serverless.Local.Kusto;

/// <summary>
/// join: a hash table of the right side, through which the left side flows. Null keys match nothing. Of the right side only the columns in
/// <paramref name="rightColumns"/> come out.
/// </summary>
internal sealed class JoinNode(
    PlanNode left, PlanNode right, JoinKind kind, Schema schema, IReadOnlyList<BoundExpression> leftKeys, IReadOnlyList<BoundExpression> rightKeys, int[] rightColumns)
    : PlanNode(schema)
{
    public override IReadOnlyList<PlanNode> Inputs => [left, right];

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        var table = Collect(right, context, out var held);
        try
        {
            var groups = new GroupTable(rightKeys.Select(key => key.Type).ToArray());
            var (first, next) = Build(table, groups, context);
            context.Hold(groups.EstimatedBytes);
            held += groups.EstimatedBytes;
            var matched = new bool[table.Count];
            var seen = kind == JoinKind.InnerUnique ? new HashSet<int>() : null;
            foreach (var batch in left.Execute(context))
            {
                foreach (var joined in Probe(batch, table, groups, first, next, matched, seen, context))
                    yield return joined;
            }
            if (kind is JoinKind.RightOuter or JoinKind.FullOuter or JoinKind.RightSemi or JoinKind.RightAnti)
            {
                var rows = Enumerable.Range(0, table.Count).Where(row => matched[row] == (kind == JoinKind.RightSemi)).ToArray();
                foreach (var rest in Pieces(RightRows(table, rows), context))
                    yield return rest;
            }
        }
        finally
        {
            context.Release(held);
        }
    }

    protected override void RequireInputs(bool[] required)
    {
        var leftNeeded = new bool[left.Schema.Count];
        var rightNeeded = new bool[right.Schema.Count];
        var at = 0;
        if (kind is not (JoinKind.RightSemi or JoinKind.RightAnti))
        {
            for (; at < leftNeeded.Length; at++)
                leftNeeded[at] = required[at];
        }
        for (var i = 0; at + i < required.Length; i++)
            rightNeeded[rightColumns[i]] = required[at + i];
        foreach (var key in leftKeys)
            key.Require(leftNeeded);
        foreach (var key in rightKeys)
            key.Require(rightNeeded);
        left.Require(leftNeeded);
        right.Require(rightNeeded);
    }

    /// <summary>The first row of each group, and after each row the next of its group.</summary>
    private (List<int> First, int[] Next) Build(Batch table, GroupTable groups, QueryContext context)
    {
        var keys = rightKeys.Select(key => key.Evaluate(table, context)).ToArray();
        var assigned = groups.Assign(keys, table.Count);
        var first = Enumerable.Repeat(-1, groups.Count).ToList();
        var next = new int[table.Count];
        // From the last to the first, so that matches come in the right side's order.
        for (var i = table.Count - 1; i >= 0; i--)
        {
            next[i] = -1;
            if (HasNull(keys, i))
                continue;
            next[i] = first[assigned[i]];
            first[assigned[i]] = i;
        }
        return (first, next);
    }

    private static bool HasNull(Column[] keys, int row)
    {
        foreach (var key in keys)
        {
            if (key.IsNull(row))
                return true;
        }
        return false;
    }

    private IEnumerable<Batch> Probe(
        Batch batch, Batch table, GroupTable groups, List<int> first, int[] next, bool[] matched, HashSet<int>? seen, QueryContext context)
    {
        var keys = leftKeys.Select(key => key.Evaluate(batch, context)).ToArray();
        var assigned = groups.Assign(keys, batch.Count, add: false);
        var (leftRows, rightRows) = (new List<int>(), new List<int>());
        for (var i = 0; i < batch.Count; i++)
        {
            var match = assigned[i] >= 0 && !HasNull(keys, i) ? first[assigned[i]] : -1;
            // innerunique: of left rows with the same key only the first counts. Those without a match need not be told apart.
            if (match >= 0 && seen is not null && !seen.Add(assigned[i]))
                continue;
            if (match < 0)
            {
                if (kind is JoinKind.LeftOuter or JoinKind.FullOuter or JoinKind.LeftAnti)
                {
                    leftRows.Add(i);
                    rightRows.Add(-1);
                }
                continue;
            }
            if (kind == JoinKind.LeftSemi)
            {
                leftRows.Add(i);
                rightRows.Add(-1);
            }
            for (; match >= 0 && kind is not (JoinKind.LeftSemi or JoinKind.LeftAnti); match = next[match])
            {
                matched[match] = true;
                if (kind is JoinKind.RightSemi or JoinKind.RightAnti)
                    continue;
                leftRows.Add(i);
                rightRows.Add(match);
                if (leftRows.Count < Batch.PreferredRows)
                    continue;
                yield return Joined(batch, leftRows, table, rightRows, context);
                leftRows.Clear();
                rightRows.Clear();
            }
        }
        if (leftRows.Count > 0)
            yield return Joined(batch, leftRows, table, rightRows, context);
    }

    private Batch Joined(Batch batch, List<int> leftRows, Batch table, List<int> rightRows, QueryContext context)
    {
        context.CountRows(leftRows.Count);
        var taken = batch.Take(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(leftRows));
        if (kind is JoinKind.LeftSemi or JoinKind.LeftAnti)
            return taken;
        return taken.With(rightColumns.Select(column => table.Columns[column].Take(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(rightRows))).ToArray());
    }

    private Batch RightRows(Batch table, int[] rows)
    {
        var taken = rightColumns.Select(column => table.Columns[column].Take(rows)).ToArray();
        if (kind is JoinKind.RightSemi or JoinKind.RightAnti)
            return new Batch(taken, rows.Length);
        return new Batch([.. left.Schema.Columns.Select(column => Column.Nulls(column.Type, rows.Length)), .. taken], rows.Length);
    }
}
