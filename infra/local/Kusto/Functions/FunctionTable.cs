using System.Diagnostics.CodeAnalysis;

namespace Serverless.Local.Kusto;

/// <summary>The scalar functions by name.</summary>
internal sealed class FunctionTable
{
    private readonly Dictionary<string, ScalarFunction> _functions = new(StringComparer.Ordinal);

    private FunctionTable()
    {
    }

    public static FunctionTable Default { get; } = Create();

    public bool TryGet(string name, [MaybeNullWhen(false)] out ScalarFunction function) => _functions.TryGetValue(name, out function);

    /// <summary>A function over whole vectors.</summary>
    public void Vector(string name, string parameters, char returns, Func<KustoType, VectorFunction> kernel, FunctionOptions options = FunctionOptions.None) =>
        _functions.Add(name, new ScalarFunction(name, parameters, returns, kernel, options));

    /// <summary>A function over one row's values.</summary>
    public void Row(string name, string parameters, char returns, Func<Value[], Value> function, FunctionOptions options = FunctionOptions.None) =>
        Vector(name, parameters, returns, type => Kernels.Rows(type, options.HasFlag(FunctionOptions.SeesNulls), (row, _) => function(row)), options);

    public void Alias(string name, string of) => _functions.Add(name, _functions[of] with { Name = name });

    private static FunctionTable Create()
    {
        var table = new FunctionTable();
        MathFunctions.Register(table);
        StringFunctions.Register(table);
        TextFunctions.Register(table);
        TimeFunctions.Register(table);
        BinFunctions.Register(table);
        DynamicFunctions.Register(table);
        BagFunctions.Register(table);
        SetFunctions.Register(table);
        SeriesFunctions.Register(table);
        HashFunctions.Register(table);
        WindowFunctions.Register(table);
        return table;
    }
}
