namespace Serverless.Local;

/// <summary>How far each consumer group has got in each partition, durable, in <c>hubs/{hub}/checkpoints/{group}/{partition}</c>.</summary>
internal sealed class CheckpointStore(EventHubNamespace owner, string folder) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, CheckpointFile> _files = [];

    /// <summary>The last processed sequence number; null where there is no checkpoint.</summary>
    internal long? Get(string hub, string consumerGroup, string partitionId) => File(hub, consumerGroup, partitionId).Value;

    /// <summary>Sets the last processed sequence number, which may also go back; on return it is durable.</summary>
    /// <exception cref="Azure.Messaging.EventHubs.EventHubsException">An injected fault.</exception>
    internal async ValueTask SetAsync(
        string hub, string consumerGroup, string partitionId, long sequenceNumber, CancellationToken cancellation)
    {
        var loseAnswer = await owner.StrikeAsync(FaultOperations.HubCheckpoint, hub, cancellation, losesAnswer: true);
        cancellation.ThrowIfCancellationRequested();
        File(hub, consumerGroup, partitionId).Set(sequenceNumber);
        if (loseAnswer)
            throw EventHubNamespace.AnswerLost(FaultOperations.HubCheckpoint, hub);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var file in _files.Values)
                file.Dispose();
            _files.Clear();
        }
    }

    private CheckpointFile File(string hub, string consumerGroup, string partitionId)
    {
        EventHubNames.CheckConsumerGroup(consumerGroup);
        _ = owner.Hub(hub).Partition(partitionId);
        var path = Path.Combine(folder, hub.ToLowerInvariant(), "checkpoints", consumerGroup.ToLowerInvariant(), partitionId);
        lock (_gate)
        {
            if (!_files.TryGetValue(path, out var file))
                _files.Add(path, file = new CheckpointFile(path));
            return file;
        }
    }
}
