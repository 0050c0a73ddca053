using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Serverless.Local;

namespace Serverless.Tests.Local.EventHubs;

/// <summary>A local platform in a folder of its own, with the hub "spans" on it.</summary>
public abstract class HubTest : IAsyncLifetime
{
    private protected const string HubName = "spans";

    private readonly List<string> _folders = [];

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected SettableClock Clock { get; } = new();

    private protected string Folder { get; private set; } = "";

    private protected LocalPlatform Platform { get; private set; } = null!;

    private protected EventHubNamespace Hubs => EventHubNamespace.Of(Platform);

    private protected EventHubLog Hub => Hubs.Hub(HubName);

    private protected EventHubProducerClient Producer { get; private set; } = null!;

    private protected virtual EventHubStorageOptions Storage => new();

    private protected virtual int PartitionCount => 4;

    public ValueTask InitializeAsync()
    {
        Folder = NewFolder();
        Open();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Platform.DisposeAsync();
        foreach (var folder in _folders)
            Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected string NewFolder()
    {
        var folder = Directory.CreateTempSubdirectory("hub-test-").FullName;
        _folders.Add(folder);
        return folder;
    }

    private protected LocalPlatform OpenPlatform(string folder, int? partitionCount = null)
    {
        var platform = LocalPlatform.Open(
            new LocalPlatformOptions { Folder = folder, Clock = Clock, PartitionCount = partitionCount ?? PartitionCount });
        platform.Service(owner => new EventHubNamespace(owner, Storage));
        return platform;
    }

    private protected async Task ReopenAsync(Action? whileClosed = null, int? partitionCount = null)
    {
        await Platform.DisposeAsync();
        whileClosed?.Invoke();
        Open(partitionCount);
    }

    private protected Task SendAsync(string partitionId, params string[] bodies) =>
        Producer.SendAsync(bodies.Select(body => new EventData(body)), new SendEventOptions { PartitionId = partitionId }, Cancellation);

    /// <summary>All events that a partition keeps now.</summary>
    private protected static async Task<List<EventData>> ReadAllAsync(EventHubPartition partition, long from = 0)
    {
        var events = new List<EventData>();
        using var reader = partition.OpenReader(from);
        var last = partition.LastEnqueuedSequenceNumber;
        if (last < Math.Max(from, partition.BeginningSequenceNumber))
            return events;
        while (events.Count == 0 || events[^1].SequenceNumber < last)
            events.AddRange(await reader.ReadAsync(100, Cancellation));
        return events;
    }

    private protected static async Task<string[]> ReadTextsAsync(EventHubPartition partition, long from = 0) =>
        [.. (await ReadAllAsync(partition, from)).Select(data => data.EventBody.ToString())];

    private protected string SegmentPath(string partitionId, long firstSequence = 0) =>
        Path.Combine(Folder, "hubs", HubName, partitionId, LogSegment.FileName(firstSequence));

    private void Open(int? partitionCount = null)
    {
        Platform = OpenPlatform(Folder, partitionCount);
        Producer = new EventHubProducerClient(Platform.ConnectionString, HubName);
    }
}
