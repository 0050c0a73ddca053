using System.Buffers;

namespace Serverless.Local.Tables;

/// <summary>The service's limits on names, keys and sizes.</summary>
internal static class TableLimits
{
    public const int MaxKeyUnits = 512;
    public const int MaxPropertyNameUnits = 255;
    public const int MaxStringUnits = 32 * 1024;
    public const int MaxBinaryBytes = 64 * 1024;

    /// <summary>Without PartitionKey, RowKey and Timestamp.</summary>
    public const int MaxProperties = 252;

    public const int MaxEntityBytes = 1024 * 1024;
    public const int MaxTransactionActions = 100;
    public const int MaxTransactionBytes = 4 * 1024 * 1024;
    public const int MaxPageEntities = 1000;
    public const int MaxFilterComparisons = 15;

    /// <summary>The first moment that a DateTime property can hold.</summary>
    public static readonly DateTime MinDateTime = new(1601, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static readonly SearchValues<char> ForbiddenInKeys = SearchValues.Create(
        [.. @"/\#?", .. Enumerable.Range(0x00, 0x20).Concat(Enumerable.Range(0x7F, 0x21)).Select(unit => (char)unit)]);

    public static TableError? CheckTableName(string name)
    {
        if (name.Length is < 3 or > 63)
            return TableError.OutOfRangeInput($"The specified resource name length is not within the permissible limits: '{name}' has {name.Length} characters, not 3 to 63.");
        return char.IsAsciiLetter(name[0]) && name.All(char.IsAsciiLetterOrDigit) && !name.Equals("tables", StringComparison.OrdinalIgnoreCase)
            ? null
            : TableError.InvalidResourceName(name);
    }

    public static TableError? CheckKeys(string? partitionKey, string? rowKey) =>
        partitionKey is null || rowKey is null
            ? TableError.PropertiesNeedValue
            : CheckKey("PartitionKey", partitionKey) ?? CheckKey("RowKey", rowKey);

    public static TableError? CheckPropertyName(string name)
    {
        if (name.Length > MaxPropertyNameUnits)
            return TableError.PropertyNameTooLong;
        var isIdentifier = name.Length > 0 && (char.IsLetter(name[0]) || name[0] == '_');
        foreach (var unit in name)
            isIdentifier &= char.IsLetterOrDigit(unit) || unit == '_';
        return isIdentifier ? null : TableError.PropertyNameInvalid(name);
    }

    private static TableError? CheckKey(string name, string key)
    {
        if (key.Length > MaxKeyUnits)
            return TableError.KeyValueTooLarge;
        var at = key.AsSpan().IndexOfAny(ForbiddenInKeys);
        return at < 0 ? null : TableError.InvalidInput($"{name} holds U+{(int)key[at]:X4} at {at}, which keys must not.");
    }
}
