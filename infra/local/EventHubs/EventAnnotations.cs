using System.Globalization;
using Azure.Messaging.EventHubs;

namespace Serverless.Local;

/// <summary>What the service adds to an event, under the names of its AMQP message annotations.</summary>
internal static class EventAnnotations
{
    internal const string SequenceNumber = "x-opt-sequence-number";
    internal const string OffsetName = "x-opt-offset";
    internal const string EnqueuedTime = "x-opt-enqueued-time";
    internal const string PartitionKey = "x-opt-partition-key";

    // Offsets only have to be opaque and to rise with the sequence number. They differ from it, so that code that takes
    // one for the other fails here too, and lead back to it, so that they need no index.
    private const long OffsetStep = 64;

    internal static string Offset(long sequenceNumber) =>
        ((sequenceNumber + 1) * OffsetStep).ToString(CultureInfo.InvariantCulture);

    /// <summary>The sequence number of an offset.</summary>
    /// <exception cref="ArgumentException">It is none that a local hub has given out.</exception>
    internal static long Sequence(string offset) =>
        long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= OffsetStep && value % OffsetStep == 0
            ? value / OffsetStep - 1
            : throw new ArgumentException($"The supplied offset '{offset}' is invalid: it is none that this event hub has given out.", nameof(offset));

    internal static IReadOnlyDictionary<string, object> Of(EventData received)
    {
        var annotations = new Dictionary<string, object>(4)
        {
            [SequenceNumber] = received.SequenceNumber,
            [OffsetName] = received.OffsetString,
            [EnqueuedTime] = received.EnqueuedTime,
        };
        if (received.PartitionKey is { } key)
            annotations[PartitionKey] = key;
        return annotations;
    }
}
