namespace Serverless.Local;

/// <summary>The section <c>extensions.eventHubs</c> of host.json, with the host's defaults.</summary>
internal sealed class EventHubSettings
{
    /// <summary>The host refuses a longer <see cref="MaxWaitTime"/>.</summary>
    public static readonly TimeSpan LongestMaxWaitTime = TimeSpan.FromMinutes(10);

    /// <summary>The most events of an invocation.</summary>
    public int MaxEventBatchSize { get; init; } = 100;

    /// <summary>How many events are waited for, at most <see cref="MaxWaitTime"/> long.</summary>
    public int MinEventBatchSize { get; init; } = 1;

    /// <summary>How long after the first event a batch below <see cref="MinEventBatchSize"/> is held back.</summary>
    public TimeSpan MaxWaitTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The most events that are held per partition. The local trigger never holds more than one batch: the log is on this machine.</summary>
    public int PrefetchCount { get; init; } = 300;

    /// <summary>After how many batches the checkpoint is written.</summary>
    public int BatchCheckpointFrequency { get; init; } = 1;

    /// <summary>Whether checkpoints are written at all.</summary>
    public bool EnableCheckpointing { get; init; } = true;

    /// <summary>Whether a consumer group without a checkpoint starts behind the newest event rather than at the oldest.</summary>
    public bool StartsAtEnd { get; init; }
}
