namespace Serverless.Local.Kusto;

/// <summary>The columns that an expression sees, and what else its place allows.</summary>
internal sealed class RowScope(Schema schema)
{
    public Schema Schema { get; } = schema;

    /// <summary>Names with members: a step of scan, a node or edge of a graph pattern. Gives null for a member that is not there.</summary>
    public Dictionary<string, Func<string, BoundExpression?>> Structs { get; } = new(StringComparer.Ordinal);

    /// <summary>Where aggregates may be used: those found so far.</summary>
    public List<BoundAggregate>? Aggregates { get; init; }

    /// <summary>With aggregates: the schema of their input, which their arguments see.</summary>
    public RowScope? Input { get; init; }

    /// <summary>The functions of graph patterns over paths, by the pattern's edges.</summary>
    public Func<CallSyntax, BoundExpression?>? Calls { get; init; }
}
