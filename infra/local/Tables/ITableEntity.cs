namespace Azure.Data.Tables;

/// <summary>What every type that stands for an entity has.</summary>
public interface ITableEntity
{
    /// <summary>The partition key: up to 512 UTF-16 units. With the row key it identifies the entity.</summary>
    string PartitionKey { get; set; }

    /// <summary>The row key: up to 512 UTF-16 units.</summary>
    string RowKey { get; set; }

    /// <summary>When the entity was last written, by the service's clock. What a client puts here is ignored.</summary>
    DateTimeOffset? Timestamp { get; set; }

    /// <summary>The mark of the entity's last write.</summary>
    ETag ETag { get; set; }
}
