namespace Serverless.Local.Kusto;

/// <summary>What map, any or all make of a path: an expression over its edges, or over the nodes between.</summary>
internal sealed record PathExpression(string Function, int Edge, bool InnerNodes, BoundExpression Value)
{
    public KustoType Type => Function == "map" ? KustoType.Dynamic : KustoType.Bool;

    public Value Of(IReadOnlyList<int> path, Column values)
    {
        if (Function == "map")
            return Kusto.Value.Array(path.Select(item => values[item]).ToArray());
        bool Holds(int item) => values[item] is { Kind: ValueKind.Bool, AsBool: true };
        return Kusto.Value.Bool(Function == "any" ? path.Any(Holds) : path.All(Holds));
    }
}
