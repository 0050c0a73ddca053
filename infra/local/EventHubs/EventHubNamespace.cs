using Azure.Messaging.EventHubs;

namespace Serverless.Local;

/// <summary>
/// The local stand-in for an Event Hubs namespace of the Standard tier. It has every hub that is asked for, up to ten: a hub
/// is made on first use.
/// </summary>
internal sealed class EventHubNamespace : IAsyncDisposable
{
    private const int MaximumHubs = 10;

    private readonly string _folder;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, EventHubLog> _hubs = new(StringComparer.OrdinalIgnoreCase);
    private readonly ITimer _retention;
    private bool _closed;

    internal EventHubNamespace(LocalPlatform platform, EventHubStorageOptions? options = null)
    {
        Platform = platform;
        Options = options ?? new EventHubStorageOptions();
        _folder = Path.Combine(platform.Options.Folder, "hubs");
        Checkpoints = new CheckpointStore(this, _folder);
        _retention = platform.Options.Clock.CreateTimer(
            _ => ApplyRetention(), null, Options.RetentionInterval, Options.RetentionInterval);
    }

    internal CheckpointStore Checkpoints { get; }

    internal LocalPlatform Platform { get; }

    internal EventHubStorageOptions Options { get; }

    internal EventHubStatistics Statistics => Counter.Value;

    internal EventHubStatistics.Counter Counter { get; } = new();

    /// <summary>The namespace of a platform.</summary>
    internal static EventHubNamespace Of(LocalPlatform platform) => platform.Service(owner => new EventHubNamespace(owner));

    /// <summary>The hub of that name (case does not matter), made where it is missing.</summary>
    /// <exception cref="ArgumentException">It is no name of a hub.</exception>
    /// <exception cref="EventHubsException">ResourceNotFound: there are ten others.</exception>
    internal EventHubLog Hub(string name)
    {
        EventHubNames.CheckHub(name);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_hubs.TryGetValue(name, out var hub))
                return hub;
            var folder = FolderOf(name);
            if (!Directory.Exists(folder) && Directory.Exists(_folder) && Directory.GetDirectories(_folder).Length >= MaximumHubs)
            {
                throw new EventHubsException(
                    name,
                    $"The messaging entity '{name}' could not be found, and cannot be made: the namespace has {MaximumHubs} event hubs already",
                    EventHubsException.FailureReason.ResourceNotFound);
            }

            return _hubs[name] = EventHubLog.Open(this, name, folder);
        }
    }

    /// <summary>Draws a fault for an operation and carries it out, except <see cref="FaultKind.LoseAnswer"/> where the caller does.</summary>
    /// <returns>Whether the answer is to be lost, where <paramref name="losesAnswer"/> says that the caller sees to that.</returns>
    internal async ValueTask<bool> StrikeAsync(string operation, string hub, CancellationToken cancellation, bool losesAnswer = false)
    {
        if (Platform.Faults.Draw(operation, hub) is not { } fault)
            return false;
        switch (fault.Kind)
        {
            case FaultKind.Fail:
                throw new EventHubsException(
                    hub, $"An injected fault made {operation} fail", EventHubsException.FailureReason.ServiceCommunicationProblem);
            case FaultKind.Throttle:
                throw new EventHubsException(
                    hub, $"The request was terminated because the entity is being throttled: an injected fault of {operation}. Wait, then try again",
                    EventHubsException.FailureReason.ServiceBusy);
            case FaultKind.Delay:
                await Task.Delay(fault.Delay, Platform.Options.Clock, cancellation);
                return false;
            case FaultKind.LoseAnswer when losesAnswer:
                return true;
            case FaultKind.LoseAnswer:
                throw AnswerLost(operation, hub);
            default:
                return false;
        }
    }

    internal static EventHubsException AnswerLost(string operation, string hub) => new(
        hub, $"The operation did not complete in time: an injected fault lost the answer of {operation}",
        EventHubsException.FailureReason.ServiceTimeout);

    internal string FolderOf(string hub) => Path.Combine(_folder, hub.ToLowerInvariant());

    /// <summary>Drops segments that are too old or too much, in every hub that is open.</summary>
    internal void ApplyRetention()
    {
        EventHubLog[] hubs;
        lock (_gate)
            hubs = _closed ? [] : [.. _hubs.Values];
        foreach (var partition in hubs.SelectMany(hub => hub.Partitions))
        {
            try
            {
                partition.ApplyRetention();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                // What could not be dropped now is tried again by the next check, and by the next new segment.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _retention.DisposeAsync();
        lock (_gate)
        {
            _closed = true;
            foreach (var hub in _hubs.Values)
                hub.Dispose();
            _hubs.Clear();
        }

        Checkpoints.Dispose();
    }
}
