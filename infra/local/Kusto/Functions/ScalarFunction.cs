namespace Serverless.Local.Kusto;

/// <summary>
/// A function: what it takes, what it gives, and how. Parameters are letters: b bool, i int, l long, r real, m decimal, s string, d datetime,
/// t timespan, g guid, y dynamic, n any number, q a number or a timespan, a anything; ? after a letter means that it may be left out, + that it may repeat. The result is
/// such a letter, a digit for the type of that argument, or c for the common type of all.
/// </summary>
internal sealed record ScalarFunction(string Name, string Parameters, char Returns, Func<KustoType, VectorFunction> Kernel, FunctionOptions Options)
{
    public static KustoType? TypeOf(char letter) => letter switch
    {
        'b' => KustoType.Bool,
        'i' => KustoType.Int,
        'l' => KustoType.Long,
        'r' => KustoType.Real,
        'm' => KustoType.Decimal,
        's' => KustoType.String,
        'd' => KustoType.DateTime,
        't' => KustoType.TimeSpan,
        'g' => KustoType.Guid,
        'y' => KustoType.Dynamic,
        _ => null,
    };
}
