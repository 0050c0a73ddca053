// Without null annotations, as the package has none: code that uses it compiles alike in both hostings.
#nullable disable annotations

using System.Diagnostics.CodeAnalysis;
using Serverless.Local;

namespace Azure.Messaging.EventHubs.Consumer;

/// <summary>A place in a partition where reading begins.</summary>
public struct EventPosition : IEquatable<EventPosition>
{
    private EventPosition(PositionKind kind, long value)
    {
        Kind = kind;
        Value = value;
    }

    internal enum PositionKind
    {
        Earliest,
        Latest,
        Sequence,
        Time,
    }

    /// <summary>The oldest event that is kept.</summary>
    public static EventPosition Earliest => new(PositionKind.Earliest, 0);

    /// <summary>Behind the newest event: only events that come later.</summary>
    public static EventPosition Latest => new(PositionKind.Latest, 0);

    internal PositionKind Kind { get; }

    internal long Value { get; }

    /// <summary>The event of this sequence number, or the one behind it.</summary>
    public static EventPosition FromSequenceNumber(long sequenceNumber, bool isInclusive = true) =>
        new(PositionKind.Sequence, isInclusive ? sequenceNumber : sequenceNumber + 1);

    /// <summary>The event at this offset, or the one behind it.</summary>
    /// <exception cref="ArgumentException">It is no offset of a local hub.</exception>
    public static EventPosition FromOffset(string offsetString, bool isInclusive = true) =>
        FromSequenceNumber(EventAnnotations.Sequence(offsetString), isInclusive);

    /// <summary>The first event that was enqueued at this time or later.</summary>
    public static EventPosition FromEnqueuedTime(DateTimeOffset enqueuedTime) => new(PositionKind.Time, enqueuedTime.UtcTicks);

    /// <summary>Whether both are the same place.</summary>
    public static bool operator ==(EventPosition left, EventPosition right) => left.Equals(right);

    /// <summary>Whether they are different places.</summary>
    public static bool operator !=(EventPosition left, EventPosition right) => !left.Equals(right);

    /// <inheritdoc/>
    public readonly bool Equals(EventPosition other) => Kind == other.Kind && Value == other.Value;

    /// <inheritdoc/>
    public override readonly bool Equals([NotNullWhen(true)] object obj) => obj is EventPosition other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(Kind, Value);

    /// <inheritdoc/>
    public override readonly string ToString() => $"{Kind} {Value}";
}
