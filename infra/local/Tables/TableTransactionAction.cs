namespace Azure.Data.Tables;

/// <summary>One operation of an entity group transaction.</summary>
public class TableTransactionAction
{
    /// <summary>An operation without a condition.</summary>
    public TableTransactionAction(TableTransactionActionType actionType, ITableEntity entity)
        : this(actionType, entity, default)
    {
    }

    /// <summary>
    /// An operation. The entity's own ETag does not count, only <paramref name="etag"/>: without one an update is an upsert
    /// and a delete is unconditional.
    /// </summary>
    public TableTransactionAction(TableTransactionActionType actionType, ITableEntity entity, ETag etag = default)
    {
        ArgumentNullException.ThrowIfNull(entity);
        ActionType = actionType;
        Entity = entity;
        ETag = etag;
    }

    /// <summary>What it does.</summary>
    public TableTransactionActionType ActionType { get; }

    /// <summary>The entity that it does it with.</summary>
    public ITableEntity Entity { get; }

    /// <summary>The ETag that the stored entity must have.</summary>
    public ETag ETag { get; }
}
