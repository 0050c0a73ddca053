namespace Serverless.Local.Tables.Storage;

/// <summary>The bounds of an <see cref="LsmStore"/>.</summary>
internal sealed record LsmOptions
{
    /// <summary>When the memtables that take writes reach this together, they are flushed. Twice as much may be in memory.</summary>
    public long MemtableBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>When the logs that opening would have to read reach this, the memtables are flushed too.</summary>
    public long LogBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// When nothing has been written for this long, memtables of at least <see cref="IdleFlushBytes"/> are flushed: they are smaller as
    /// segments, and the next opening has no log to read.
    /// </summary>
    public TimeSpan IdleFlushAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Below this it is not worth a segment.</summary>
    public long IdleFlushBytes { get; init; } = 1024 * 1024;

    /// <summary>What the cache of blocks may hold.</summary>
    public long CacheBytes { get; init; } = 48 * 1024 * 1024;

    /// <summary>So many segments of similar size are merged into one.</summary>
    public int CompactionFanIn { get; init; } = 8;

    /// <summary>Segments below this size count as equally small.</summary>
    public long SmallSegmentBytes { get; init; } = 4 * 1024 * 1024;
}
