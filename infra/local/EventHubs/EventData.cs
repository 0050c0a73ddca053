// Without null annotations, as the package has none: code that uses it compiles alike in both hostings.
#nullable disable annotations

using System.Collections.ObjectModel;
using Serverless.Local;

namespace Azure.Messaging.EventHubs;

/// <summary>An event: bytes with properties, to be sent to an event hub or received from one.</summary>
public class EventData : MessageContent
{
    private static readonly IReadOnlyDictionary<string, object> NoSystemProperties =
        ReadOnlyDictionary<string, object>.Empty;

    private readonly string _offsetString;
    private BinaryData _eventBody;
    private IDictionary<string, object> _properties;
    private IReadOnlyDictionary<string, object> _systemProperties;

    /// <summary>An event without a body.</summary>
    public EventData()
        : this(BinaryData.Empty)
    {
    }

    /// <summary>An event with this body.</summary>
    public EventData(BinaryData eventBody)
    {
        ArgumentNullException.ThrowIfNull(eventBody);
        _eventBody = eventBody;
        SequenceNumber = long.MinValue;
    }

    /// <summary>An event with these bytes as its body; they are not copied before the event is added to a batch.</summary>
    public EventData(ReadOnlyMemory<byte> eventBody)
        : this(BinaryData.FromBytes(eventBody))
    {
    }

    /// <summary>An event with this text, as UTF-8, as its body.</summary>
    public EventData(string eventBody)
        : this(new BinaryData(eventBody))
    {
    }

    internal EventData(
        BinaryData eventBody, IDictionary<string, object> properties, IReadOnlyDictionary<string, object> systemProperties,
        string partitionKey, long sequenceNumber, string offsetString, DateTimeOffset enqueuedTime)
        : this(eventBody)
    {
        _properties = properties;
        _systemProperties = systemProperties;
        _offsetString = offsetString;
        PartitionKey = partitionKey;
        SequenceNumber = sequenceNumber;
        EnqueuedTime = enqueuedTime;
    }

    /// <summary>The body.</summary>
    public BinaryData EventBody
    {
        get => _eventBody;
        set => _eventBody = value;
    }

    /// <summary>The body's bytes.</summary>
    public ReadOnlyMemory<byte> Body => _eventBody.ToMemory();

    /// <inheritdoc/>
    public override BinaryData Data
    {
        get => _eventBody;
        set => _eventBody = value;
    }

    /// <summary>The media type of the body, or null.</summary>
    public new string ContentType { get; set; }

    /// <summary>An id that relates this event to others, or null.</summary>
    public string CorrelationId { get; set; }

    /// <summary>The sender's id of the event, or null. The service does not look for duplicates of it.</summary>
    public string MessageId { get; set; }

    /// <summary>The application's own properties; see the service's list of types that they may have.</summary>
    public IDictionary<string, object> Properties => _properties ??= new Dictionary<string, object>();

    /// <summary>What the service has added to a received event, by annotation name (<c>x-opt-sequence-number</c>).</summary>
    public IReadOnlyDictionary<string, object> SystemProperties =>
        _systemProperties ??= SequenceNumber < 0 ? NoSystemProperties : EventAnnotations.Of(this);

    /// <summary>The key by which the sender chose the partition, or null.</summary>
    public string PartitionKey { get; }

    /// <summary>The event's number in its partition; <see cref="long.MinValue"/> before it is received.</summary>
    public long SequenceNumber { get; }

    /// <summary>The event's place in its partition, opaque; null before it is received.</summary>
    public string OffsetString => _offsetString ?? (SequenceNumber < 0 ? null : EventAnnotations.Offset(SequenceNumber));

    /// <summary>When the service took the event over, UTC.</summary>
    public DateTimeOffset EnqueuedTime { get; }

    /// <inheritdoc/>
    protected override Azure.Core.ContentType? ContentTypeCore
    {
        get => ContentType is null ? null : new Azure.Core.ContentType(ContentType);
        set => ContentType = value?.ToString();
    }

    internal bool HasProperties => _properties is { Count: > 0 };
}
