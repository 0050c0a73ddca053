// Without null annotations, as the package has none: code that uses it compiles alike in both hostings.
#nullable disable annotations

using Serverless.Local;

namespace Azure.Messaging.EventHubs.Producer;

/// <summary>Events to be sent in one operation: all of them arrive, in order, or none. Safe for concurrent use.</summary>
public sealed class EventDataBatch : IDisposable
{
    private readonly Lock _gate = new();
    private readonly EncodedEvents _events;
    private bool _sending;
    private bool _disposed;

    internal EventDataBatch(SendEventOptions options, long maximumSizeInBytes)
    {
        SendOptions = options;
        MaximumSizeInBytes = maximumSizeInBytes;
        _events = new EncodedEvents(options.PartitionKey);
    }

    /// <summary>How many events are in the batch.</summary>
    public int Count => _disposed ? 0 : _events.Count;

    /// <summary>The size that the batch has as it is sent, with the protocol's own bytes; over 0 even when empty.</summary>
    public long SizeInBytes => _disposed ? 0 : _events.WireSize;

    /// <summary>The largest size that the batch may have, bytes.</summary>
    public long MaximumSizeInBytes { get; }

    internal SendEventOptions SendOptions { get; }

    /// <summary>Adds an event, copying it, unless the batch would become too large.</summary>
    /// <returns>False when it does not fit; one that does not fit into an empty batch never will.</returns>
    /// <exception cref="InvalidOperationException">The batch is being sent.</exception>
    /// <exception cref="ObjectDisposedException">The batch has been disposed.</exception>
    /// <exception cref="System.Runtime.Serialization.SerializationException">A property has a type that cannot be sent.</exception>
    public bool TryAdd(EventData eventData)
    {
        ArgumentNullException.ThrowIfNull(eventData);
        lock (_gate)
        {
            ThrowIfSending();
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _events.TryAdd(eventData, MaximumSizeInBytes);
        }
    }

    /// <summary>Frees the batch.</summary>
    /// <exception cref="InvalidOperationException">The batch is being sent.</exception>
    public void Dispose()
    {
        lock (_gate)
        {
            ThrowIfSending();
            _disposed = true;
        }
    }

    /// <summary>Locks the batch against changes until <see cref="EndSend"/>, and hands its events out.</summary>
    internal EncodedEvents BeginSend()
    {
        lock (_gate)
        {
            ThrowIfSending();
            // The service's client would send nothing and say nothing; that loses events without a trace, so here it is an error.
            ObjectDisposedException.ThrowIf(_disposed, this);
            _sending = true;
            return _events;
        }
    }

    internal void EndSend()
    {
        lock (_gate)
            _sending = false;
    }

    private void ThrowIfSending()
    {
        if (_sending)
            throw new InvalidOperationException("The event batch is being sent: it cannot be changed, disposed or sent again until that has ended.");
    }
}
