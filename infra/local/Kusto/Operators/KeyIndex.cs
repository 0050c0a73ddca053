namespace Serverless.Local.Kusto;

/// <summary>Numbers the values of a column, from 0, as they come.</summary>
internal abstract class KeyIndex
{
    public static KeyIndex Create(KustoType type) => type switch
    {
        KustoType.Bool => new KeyIndex<bool>(),
        KustoType.Real => new KeyIndex<double>(),
        KustoType.Decimal => new KeyIndex<decimal>(),
        KustoType.String => new KeyIndex<string>(),
        KustoType.Guid => new KeyIndex<Guid>(),
        KustoType.Dynamic => new KeyIndex<Value>(),
        _ => new KeyIndex<long>(),
    };

    /// <summary>The values' numbers; -1 for one that is new and not added.</summary>
    public abstract void Number(Column column, int count, bool add, int[] numbers);
}
