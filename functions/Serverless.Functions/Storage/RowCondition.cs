namespace Serverless.Functions.Storage;

/// <summary>What must hold of a stored row for a write to be done.</summary>
public enum RowCondition
{
    /// <summary>Nothing: the row is inserted or replaced.</summary>
    Always,

    /// <summary>There is no such row.</summary>
    IfAbsent,

    /// <summary>The row is still as it was read; it is replaced.</summary>
    IfMatch,

    /// <summary>The row is there, and as it was read where an ETag is given; it is deleted.</summary>
    Delete,
}
