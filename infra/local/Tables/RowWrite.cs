using Azure;
using Azure.Data.Tables;

namespace Serverless.Local.Tables;

/// <summary>What a write does with one entity.</summary>
internal enum RowWriteKind
{
    /// <summary>It must not exist.</summary>
    Add,

    /// <summary>It must exist; properties that are not named stay.</summary>
    Merge,

    /// <summary>It must exist; properties that are not named go.</summary>
    Replace,

    /// <summary>Like <see cref="Merge"/> where it exists, else like <see cref="Add"/>.</summary>
    UpsertMerge,

    /// <summary>It is as given afterwards, whatever was there.</summary>
    UpsertReplace,

    /// <summary>It must exist.</summary>
    Delete,
}

/// <summary>One entity's part in a write.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Entity">The entity; of a delete only its keys count.</param>
/// <param name="Condition">The ETag that must be stored; <see cref="ETag.All"/> for any.</param>
internal readonly record struct RowWrite(RowWriteKind Kind, ITableEntity Entity, ETag Condition)
{
    /// <summary>
    /// An operation of a transaction as the service carries it out: the client sends no If-Match for an update without an
    /// ETag, which makes it an upsert (azure-sdk-for-net#32808), and <c>*</c> for such a delete.
    /// </summary>
    public static RowWrite Of(TableTransactionAction action)
    {
        var isConditional = action.ETag != default;
        var kind = action.ActionType switch
        {
            TableTransactionActionType.Add => RowWriteKind.Add,
            TableTransactionActionType.UpdateMerge => isConditional ? RowWriteKind.Merge : RowWriteKind.UpsertMerge,
            TableTransactionActionType.UpdateReplace => isConditional ? RowWriteKind.Replace : RowWriteKind.UpsertReplace,
            TableTransactionActionType.Delete => RowWriteKind.Delete,
            TableTransactionActionType.UpsertMerge => RowWriteKind.UpsertMerge,
            TableTransactionActionType.UpsertReplace => RowWriteKind.UpsertReplace,
            _ => throw new ArgumentOutOfRangeException(nameof(action), action.ActionType, "There is no such operation."),
        };
        return new RowWrite(kind, action.Entity, isConditional ? action.ETag : ETag.All);
    }
}
