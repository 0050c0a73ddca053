namespace Serverless.Local.Tables.Storage;

/// <summary>The bounds of an <see cref="LsmStore"/>.</summary>
internal sealed record LsmOptions
{
    /// <summary>When the memtables that take writes reach this together, they are flushed. Twice as much may be in memory.</summary>
    public long MemtableBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>When the logs that opening would have to read reach this, the memtables are flushed too.</summary>
    public long LogBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>What the cache of blocks may hold.</summary>
    public long CacheBytes { get; init; } = 48 * 1024 * 1024;

    /// <summary>So many segments of similar size are merged into one.</summary>
    public int CompactionFanIn { get; init; } = 8;

    /// <summary>Segments below this size count as equally small.</summary>
    public long SmallSegmentBytes { get; init; } = 4 * 1024 * 1024;
}
