using Azure.Data.Tables;
using Serverless.Local.Tables.Storage;

namespace Serverless.Local.Tables;

/// <summary>Makes entities of a client's type from stored rows.</summary>
internal static class EntityMapper<T>
    where T : class, ITableEntity
{
    // Keys, Timestamp, ETag, and one that the client put in.
    private const int LeastProperties = 5;

    /// <param name="key">The row's key.</param>
    /// <param name="version">The row's version.</param>
    /// <param name="value">The row's properties.</param>
    /// <param name="select">The names of those to return, the keys among them; null for all.</param>
    public static T Map(ReadOnlySpan<byte> key, long version, ReadOnlySpan<byte> value, HashSet<string>? select)
    {
        // A constructor call by type: TableEntity in the common case, else what the client declared.
        var entity = typeof(T) == typeof(TableEntity) ? (T)(object)new TableEntity() : Activator.CreateInstance<T>();
        (entity as TableEntity)?.Properties.EnsureCapacity(LeastProperties);
        entity.ETag = EntityTag.Of(version);
        if (IsSelected(select, nameof(ITableEntity.PartitionKey)))
            entity.PartitionKey = KeyCodec.DecodePart(KeyCodec.PartitionKeyOf(key));
        if (IsSelected(select, nameof(ITableEntity.RowKey)))
            entity.RowKey = KeyCodec.DecodePart(KeyCodec.RowKeyOf(key));
        if (IsSelected(select, nameof(ITableEntity.Timestamp)))
            entity.Timestamp = EntityTag.Timestamp(version);

        var properties = (entity as TableEntity)?.Properties;
        var shape = properties is null ? EntityShape.Of(entity.GetType()) : null;
        var reader = new EntityReader(value);
        while (reader.MoveNext())
        {
            var name = reader.NameString();
            if (!IsSelected(select, name))
                continue;
            if (properties is not null)
                properties[name] = reader.ToObject();
            else
                shape!.Find(name)?.SetValue(entity, reader.ToObject());
        }

        return entity;
    }

    private static bool IsSelected(HashSet<string>? select, string name) => select is null || select.Contains(name);
}
