namespace Serverless.Local;

/// <summary>What the tables were asked for since the platform was opened, and what they take. The service bills each request as one transaction.</summary>
public sealed record TableStoreStatistics
{
    /// <summary>Point reads.</summary>
    public required long Gets { get; init; }

    /// <summary>Pages of queries.</summary>
    public required long QueryPages { get; init; }

    /// <summary>Writes of one entity.</summary>
    public required long EntityWrites { get; init; }

    /// <summary>Entity group transactions.</summary>
    public required long Transactions { get; init; }

    /// <summary>The operations in them.</summary>
    public required long TransactionActions { get; init; }

    /// <summary>Creating, deleting and listing tables.</summary>
    public required long Managements { get; init; }

    /// <summary>The memory of the tables' newest rows, in bytes.</summary>
    public required long MemtableBytes { get; init; }

    /// <summary>The memory of the block cache, in bytes.</summary>
    public required long CachedBytes { get; init; }

    /// <summary>Per table the bytes of its segments. Rows that were not flushed yet are in the common log instead.</summary>
    public required IReadOnlyDictionary<string, long> BytesOnDisk { get; init; }

    /// <summary>All billed requests.</summary>
    public long Requests => Gets + QueryPages + EntityWrites + Transactions + Managements;
}
