namespace Azure.Data.Tables;

/// <summary>What one operation of a transaction does.</summary>
public enum TableTransactionActionType
{
    /// <summary>Adds an entity that must not exist.</summary>
    Add = 0,

    /// <summary>Merges into an entity. Without an ETag the service makes it an upsert.</summary>
    UpdateMerge = 1,

    /// <summary>Replaces an entity. Without an ETag the service makes it an upsert.</summary>
    UpdateReplace = 2,

    /// <summary>Deletes an entity that must exist.</summary>
    Delete = 3,

    /// <summary>Merges into an entity, or adds it.</summary>
    UpsertMerge = 4,

    /// <summary>Replaces an entity, or adds it.</summary>
    UpsertReplace = 5,
}
