using System.Globalization;
using System.Text.Json;

namespace Serverless.Local;

/// <summary>One hub: its partitions, and what it was made with.</summary>
internal sealed class EventHubLog : IDisposable
{
    private const int MaximumPartitions = 32;

    private readonly EventHubPartition[] _partitions;
    private int _turn = -1;

    private EventHubLog(string name, DateTimeOffset createdOn, EventHubPartition[] partitions)
    {
        Name = name;
        CreatedOn = createdOn;
        _partitions = partitions;
    }

    internal string Name { get; }

    internal DateTimeOffset CreatedOn { get; }

    internal IReadOnlyList<EventHubPartition> Partitions => _partitions;

    /// <summary>Opens a hub's folder, or makes the hub with the platform's partition count; one that exists keeps its own.</summary>
    internal static EventHubLog Open(EventHubNamespace owner, string name, string folder)
    {
        var (partitionCount, createdOn) = ReadOrMake(owner, folder);
        var partitions = new EventHubPartition[partitionCount];
        try
        {
            for (var i = 0; i < partitionCount; i++)
            {
                var id = i.ToString(CultureInfo.InvariantCulture);
                partitions[i] = new EventHubPartition(owner, name, id, Path.Combine(folder, id));
            }
        }
        catch
        {
            foreach (var partition in partitions)
                partition?.Dispose();
            throw;
        }

        return new EventHubLog(name, createdOn, partitions);
    }

    /// <summary>The partition of that id.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    internal EventHubPartition Partition(string id) =>
        Array.Find(_partitions, partition => partition.Id == id) ?? throw new ArgumentOutOfRangeException(
            nameof(id), id,
            $"The specified partition is invalid for the event hub '{Name}'. It should be between 0 and {_partitions.Length - 1}.");

    /// <summary>The partition of an id; else of a key; else the next in turn.</summary>
    internal EventHubPartition Choose(string? id, string? key)
    {
        if (!string.IsNullOrEmpty(id))
            return Partition(id);
        return string.IsNullOrEmpty(key)
            ? _partitions[(uint)Interlocked.Increment(ref _turn) % (uint)_partitions.Length]
            : _partitions[PartitionHash.Index(key, _partitions.Length)];
    }

    public void Dispose()
    {
        foreach (var partition in _partitions)
            partition.Dispose();
    }

    private static (int PartitionCount, DateTimeOffset CreatedOn) ReadOrMake(EventHubNamespace owner, string folder)
    {
        // Written last when a hub is made: without it the hub does not exist.
        var path = Path.Combine(folder, "hub.json");
        if (!File.Exists(path))
        {
            var count = owner.Platform.Options.PartitionCount;
            if (count is < 1 or > MaximumPartitions)
                throw new LocalPlatformException($"An event hub has 1 to {MaximumPartitions} partitions, not {count}. Change LocalPlatformOptions.PartitionCount.");
            LogDirectory.Create(folder);
            var made = new Settings(count, owner.Platform.Options.Clock.GetUtcNow());
            LogDirectory.WriteFile(path, JsonSerializer.SerializeToUtf8Bytes(made));
            return (made.PartitionCount, made.CreatedOn);
        }

        try
        {
            var settings = JsonSerializer.Deserialize<Settings>(File.ReadAllBytes(path));
            if (settings is { PartitionCount: >= 1 and <= MaximumPartitions })
                return (settings.PartitionCount, settings.CreatedOn);
        }
        catch (JsonException e)
        {
            throw Unreadable(path, e);
        }

        throw Unreadable(path, null);
    }

    private static LocalPlatformException Unreadable(string path, Exception? cause) =>
        new($"The event hub file '{path}' is damaged: it does not say how many partitions (1 to {MaximumPartitions}) the hub has. Restore it from a copy.", cause);

    private sealed record Settings(int PartitionCount, DateTimeOffset CreatedOn);
}
