namespace Serverless.Local.Kusto;

/// <summary>The names of types, and which of them are alike.</summary>
internal static class KustoTypes
{
    private static readonly string[] Names = ["bool", "int", "long", "real", "decimal", "string", "datetime", "timespan", "guid", "dynamic"];

    private static readonly Dictionary<string, KustoType> ByName = new(StringComparer.Ordinal)
    {
        ["bool"] = KustoType.Bool,
        ["boolean"] = KustoType.Bool,
        ["int"] = KustoType.Int,
        ["int32"] = KustoType.Int,
        ["long"] = KustoType.Long,
        ["int64"] = KustoType.Long,
        ["real"] = KustoType.Real,
        ["double"] = KustoType.Real,
        ["decimal"] = KustoType.Decimal,
        ["string"] = KustoType.String,
        ["datetime"] = KustoType.DateTime,
        ["date"] = KustoType.DateTime,
        ["timespan"] = KustoType.TimeSpan,
        ["time"] = KustoType.TimeSpan,
        ["guid"] = KustoType.Guid,
        ["uuid"] = KustoType.Guid,
        ["uniqueid"] = KustoType.Guid,
        ["dynamic"] = KustoType.Dynamic,
    };

    public static string Name(this KustoType type) => Names[(int)type];

    public static bool TryParse(string name, out KustoType type) => ByName.TryGetValue(name, out type);

    public static bool IsInteger(this KustoType type) => type is KustoType.Int or KustoType.Long;

    public static bool IsNumeric(this KustoType type) => type is KustoType.Int or KustoType.Long or KustoType.Real or KustoType.Decimal;

    /// <summary>The type of both: the wider of two numbers; dynamic where they have nothing in common.</summary>
    public static KustoType Common(KustoType left, KustoType right)
    {
        if (left == right)
            return left;
        if (!left.IsNumeric() || !right.IsNumeric())
            return KustoType.Dynamic;
        if (left == KustoType.Decimal || right == KustoType.Decimal)
            return KustoType.Decimal;
        return left == KustoType.Real || right == KustoType.Real ? KustoType.Real : KustoType.Long;
    }

    public static KustoType Of(ValueKind kind) => kind switch
    {
        ValueKind.Bool => KustoType.Bool,
        ValueKind.Int => KustoType.Int,
        ValueKind.Long => KustoType.Long,
        ValueKind.Real => KustoType.Real,
        ValueKind.Decimal => KustoType.Decimal,
        ValueKind.String => KustoType.String,
        ValueKind.DateTime => KustoType.DateTime,
        ValueKind.TimeSpan => KustoType.TimeSpan,
        ValueKind.Guid => KustoType.Guid,
        _ => KustoType.Dynamic,
    };
}
