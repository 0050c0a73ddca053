namespace Serverless.Local.Kusto;

/// <summary>
/// scan: matches sequences of rows. For each row the steps are tried from the last to the first: a step takes over the state of the one before
/// it (or goes on with its own), if its condition holds; the first step starts a new match.
/// </summary>
internal sealed class StepsNode(PlanNode input, Schema schema, int width, IReadOnlyList<Value> defaults, IReadOnlyList<ScanStep> steps, bool withMatchId) : PlanNode(schema)
{
    public override bool IsSerialized => true;

    public override IReadOnlyList<PlanNode> Inputs => [input];

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        // The states of the steps: the row that they took last with its declared columns, and the match that it belongs to.
        var states = new Value[steps.Count][];
        var matches = new long[steps.Count];
        var nextMatch = 0L;
        for (var i = 0; i < steps.Count; i++)
            matches[i] = -1;
        foreach (var batch in input.Execute(context))
        {
            var builders = Schema.Columns.Select(column => ColumnBuilder.Create(column.Type)).ToArray();
            for (var row = 0; row < batch.Count; row++)
            {
                const int CheckedEvery = 0xFF;
                if ((row & CheckedEvery) == 0)
                    context.Check();
                for (var i = steps.Count - 1; i >= 0; i--)
                {
                    // From the step before, or on in the same step.
                    var from = i > 0 && matches[i - 1] >= 0 ? i - 1 : matches[i] >= 0 ? i : -1;
                    if (from < 0 && i > 0)
                        continue;
                    var state = Try(steps[i], batch, row, states, from, context);
                    if (state is null)
                        continue;
                    var match = from >= 0 ? matches[from] : nextMatch++;
                    if (from == i - 1 && from >= 0)
                        matches[from] = -1;
                    states[i] = state;
                    matches[i] = match;
                    for (var k = 0; k < width; k++)
                        builders[k].Append(state[k]);
                    if (withMatchId)
                        builders[^1].Append(Value.Long(match));
                }
            }
            if (builders.Length > 0 && builders[0].Count > 0)
                yield return new Batch(builders.Select(builder => builder.Build()).ToArray(), builders[0].Count);
        }
    }

    private Value[]? Try(ScanStep step, Batch batch, int row, Value[]?[] states, int from, QueryContext context)
    {
        var state = new Value[width];
        var inputs = batch.Columns.Length;
        for (var k = 0; k < width; k++)
            state[k] = k < inputs ? batch.Columns[k][row] : from >= 0 ? states[from]![k] : defaults[k - inputs];
        var one = Row(state, states, inputs);
        if (step.Condition.Evaluate(one, context)[0] is not { Kind: ValueKind.Bool, AsBool: true })
            return null;
        var set = (Value[])state.Clone();
        foreach (var (ordinal, value) in step.Assignments)
            set[ordinal] = value.Evaluate(one, context)[0];
        return set;
    }

    private Batch Row(Value[] state, Value[]?[] states, int inputs)
    {
        var columns = new Column[width * (steps.Count + 1)];
        for (var part = 0; part <= steps.Count; part++)
        {
            for (var k = 0; k < width; k++)
            {
                var value = part == 0 ? state[k] : states[part - 1]?[k] ?? (k < inputs ? Value.Null : defaults[k - inputs]);
                columns[(part * width) + k] = Column.Constant(Schema[k].Type, value, 1);
            }
        }
        return new Batch(columns, 1);
    }
}
