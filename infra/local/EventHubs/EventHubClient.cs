using Azure.Core;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;

namespace Serverless.Local;

/// <summary>What the clients of one hub share: the way to it, and the operations with their faults.</summary>
internal sealed class EventHubClient
{
    private const string LocalHost = "localhost";

    private readonly EventHubNamespace _namespace;

    private EventHubClient(LocalPlatform platform, string fullyQualifiedNamespace, string hubName)
    {
        EventHubNames.CheckHub(hubName);
        _namespace = EventHubNamespace.Of(platform);
        FullyQualifiedNamespace = fullyQualifiedNamespace;
        HubName = hubName;
    }

    internal string FullyQualifiedNamespace { get; }

    internal string HubName { get; }

    internal EventHubLog Hub => field ??= _namespace.Hub(HubName);

    internal TimeProvider Clock => _namespace.Platform.Options.Clock;

    /// <exception cref="ArgumentException">It names no hub, or another than <paramref name="hubName"/>.</exception>
    internal static EventHubClient FromConnectionString(string? connectionString, string? hubName)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        var entityPath = ValueOf(connectionString, "EntityPath");
        if (string.IsNullOrEmpty(hubName))
        {
            hubName = entityPath ?? throw new ArgumentException(
                "The connection string names no event hub. Give the hub's name as an argument, or add ';EntityPath=' and the name to the connection string.",
                nameof(connectionString));
        }
        else if (entityPath is not null && !string.Equals(entityPath, hubName, StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException(
                $"The connection string names the event hub '{entityPath}', the argument '{hubName}'. Name one of them only.", nameof(connectionString));
        }

        var host = Uri.TryCreate(ValueOf(connectionString, "Endpoint"), UriKind.Absolute, out var endpoint) ? endpoint.Host : LocalHost;
        return new EventHubClient(LocalPlatform.Find(connectionString), host, hubName);
    }

    internal static EventHubClient FromNamespace(string? fullyQualifiedNamespace, string? hubName, TokenCredential? credential)
    {
        ArgumentException.ThrowIfNullOrEmpty(fullyQualifiedNamespace);
        ArgumentException.ThrowIfNullOrEmpty(hubName);
        ArgumentNullException.ThrowIfNull(credential);
        return new EventHubClient(LocalPlatform.Find(null), fullyQualifiedNamespace, hubName);
    }

    internal static EventHubsException Closed(string client, string hubName) => new(
        hubName, $"The {client} has already been closed and cannot perform the requested operation",
        EventHubsException.FailureReason.ClientClosed);

    internal async Task SendAsync(EncodedEvents events, SendEventOptions target, CancellationToken cancellation)
    {
        var partition = Hub.Choose(target.PartitionId, target.PartitionKey);
        var loseAnswer = await _namespace.StrikeAsync(FaultOperations.HubSend, HubName, cancellation, losesAnswer: true);
        await partition.AppendAsync(events).WaitAsync(cancellation);
        if (loseAnswer)
            throw EventHubNamespace.AnswerLost(FaultOperations.HubSend, HubName);
    }

    internal async Task<EventHubProperties> GetPropertiesAsync(CancellationToken cancellation)
    {
        await _namespace.StrikeAsync(FaultOperations.HubProperties, HubName, cancellation);
        return EventHubsModelFactory.EventHubProperties(
            HubName, Hub.CreatedOn, [.. Hub.Partitions.Select(partition => partition.Id)], isGeoReplicationEnabled: false);
    }

    internal async Task<PartitionProperties> GetPartitionPropertiesAsync(string partitionId, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(partitionId);
        var partition = Hub.Partition(partitionId);
        await _namespace.StrikeAsync(FaultOperations.HubProperties, HubName, cancellation);
        var last = partition.LastEnqueuedSequenceNumber;
        var beginning = partition.BeginningSequenceNumber;
        return EventHubsModelFactory.PartitionProperties(
            HubName, partitionId, last < beginning, beginning, last, EventAnnotations.Offset(last), partition.LastEnqueuedTime);
    }

    private static string? ValueOf(string connectionString, string key)
    {
        foreach (var part in connectionString.Split(';', StringSplitOptions.TrimEntries))
        {
            if (part.StartsWith(key + "=", StringComparison.OrdinalIgnoreCase))
                return part[(key.Length + 1)..];
        }

        return null;
    }
}
