namespace Serverless.Local;

/// <summary>How the local hubs keep events, and within what bounds.</summary>
internal sealed record EventHubStorageOptions
{
    /// <summary>A segment that has reached this many bytes is closed and another begun.</summary>
    internal long SegmentBytes { get; init; } = 64L << 20;

    /// <summary>Events are kept for this long, by whole segments.</summary>
    internal TimeSpan RetentionAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>A partition keeps at most about this many bytes, by whole segments.</summary>
    internal long RetentionBytesPerPartition { get; init; } = 1L << 30;

    /// <summary>How often retention is checked, besides at every new segment.</summary>
    internal TimeSpan RetentionInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Batches that wait to be written, per partition, bytes; over it a send is told that the service is busy.</summary>
    internal long PendingBytesPerPartition { get; init; } = 16L << 20;

    /// <summary>Batches that wait to be written, per partition; over it a send is told that the service is busy.</summary>
    internal int PendingSendsPerPartition { get; init; } = 10_000;

    /// <summary>The newest events that are kept in memory for readers, per partition, bytes.</summary>
    internal long TailBytesPerPartition { get; init; } = 4L << 20;

    /// <summary>What a reader takes from a file at once, bytes; a larger batch is read whole.</summary>
    internal int ReadChunkBytes { get; init; } = 512 << 10;

    /// <summary>The bodies that one read hands out at most, bytes; one event is always given.</summary>
    internal long ReadBytes { get; init; } = 16L << 20;
}
