using Azure;
using Azure.Data.Tables;

namespace Serverless.Functions.Storage;

/// <summary>Rows as entities: their bytes lie in as many properties as they need, the first of which is <c>d</c>.</summary>
internal static class EntityContent
{
    /// <summary>The most bytes of a row.</summary>
    public const int MaxBytes = 14 * MaxPropertyBytes;

    private const int MaxPropertyBytes = 64 * 1024;

    private static readonly string[] Properties = [.. Enumerable.Range(0, MaxBytes / MaxPropertyBytes).Select(i => i == 0 ? "d" : $"d{i}")];

    /// <summary>What a transaction does for a write.</summary>
    public static TableTransactionAction Action(string partitionKey, in RowWrite write)
    {
        var row = new StoredRow(write.RowKey, write.Data);
        return write.Condition switch
        {
            RowCondition.Always => new TableTransactionAction(TableTransactionActionType.UpsertReplace, Of(partitionKey, row)),
            RowCondition.IfAbsent => new TableTransactionAction(TableTransactionActionType.Add, Of(partitionKey, row)),
            RowCondition.IfMatch => new TableTransactionAction(
                TableTransactionActionType.UpdateReplace, Of(partitionKey, row), new ETag(write.ETag ?? throw new ArgumentException(
                    $"Row {write.RowKey} is to be replaced as it was read, but no ETag says how that was.", nameof(write)))),
            RowCondition.Delete => new TableTransactionAction(
                TableTransactionActionType.Delete, new TableEntity(partitionKey, row.RowKey), write.ETag is { } etag ? new ETag(etag) : ETag.All),
            _ => throw new ArgumentOutOfRangeException(nameof(write), write.Condition, "There is no such condition."),
        };
    }

    /// <summary>The row of an entity.</summary>
    public static StoredRow Row(TableEntity entity) => new(entity.RowKey, Data(entity))
    {
        ETag = entity.ETag.ToString(),
        WrittenAt = entity.Timestamp.GetValueOrDefault(),
    };

    /// <summary>The entity of a row.</summary>
    /// <exception cref="ArgumentException">The row is too long.</exception>
    public static TableEntity Of(string partitionKey, StoredRow row)
    {
        var entity = new TableEntity(partitionKey, row.RowKey);
        if (row.Data.Length <= MaxPropertyBytes)
        {
            entity[Properties[0]] = row.Data;
            return entity;
        }

        if (row.Data.Length > MaxBytes)
            throw new ArgumentException($"A row of {row.Data.Length} bytes is longer than {MaxBytes}.", nameof(row));
        for (var i = 0; i * MaxPropertyBytes < row.Data.Length; i++)
            entity[Properties[i]] = row.Data[(i * MaxPropertyBytes)..Math.Min(row.Data.Length, (i + 1) * MaxPropertyBytes)];
        return entity;
    }

    private static byte[] Data(TableEntity entity)
    {
        var first = entity.GetBinary(Properties[0]) ?? [];
        if (first.Length < MaxPropertyBytes)
            return first;
        var data = new MemoryStream();
        foreach (var property in Properties)
            data.Write(entity.GetBinary(property) ?? []);
        return data.ToArray();
    }
}
