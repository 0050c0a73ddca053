using Azure.Messaging.EventHubs.Producer;
using Serverless.Functions.Accounting;

namespace Serverless.Functions.Buffering;

/// <summary>
/// The event hub <c>finalize</c>: ids of traces that are quiet. Each partition has a run of shards: what lies side by side in the tables is read, and uncompressed, by
/// one finalizer.
/// </summary>
public sealed class FinalizeHub(EventHubProducerClient producer, WorkCounts? work = null) : EventHub(producer, Name, work)
{
    /// <summary>The hub's name.</summary>
    public const string Name = "finalize";

    /// <summary>The consumer group of the finalizer.</summary>
    public const string FinalizerGroup = "finalizer";

    /// <summary>The name of the setting that says where the hub is.</summary>
    public const string Connection = ConnectionSetting;

    /// <summary>The index of the partition that a trace goes to.</summary>
    public static int PartitionOf(ulong traceLow, int partitions) => Shards.Of(traceLow) * partitions / Shards.Count;
}
