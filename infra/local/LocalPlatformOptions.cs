namespace Serverless.Local;

/// <summary>Where a <see cref="LocalPlatform"/> keeps its data, and what it takes the time from.</summary>
public sealed class LocalPlatformOptions
{
    /// <summary>The folder of all data; created where missing. Guarded by a lock file against a second process.</summary>
    public required string Folder { get; init; }

    /// <summary>The clock of every service of the platform.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How many partitions an event hub gets when it is first used. Fixed from then on, as in the service.</summary>
    public int PartitionCount { get; init; } = 4;
}
