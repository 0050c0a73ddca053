using System.Runtime.CompilerServices;

namespace Serverless.Tracing.Model;

/// <summary>
/// One operation of a trace, independent of the protocol that it came by. A record only so that changed copies can be made of it
/// (<c>with</c>): two spans are equal where they are the same object.
/// </summary>
public sealed record Span
{
    /// <summary>The trace that it belongs to.</summary>
    public TraceId TraceId { get; init; }

    /// <summary>Its own id; client and server may share one (<see cref="IsShared"/>).</summary>
    public SpanId Id { get; init; }

    /// <summary>The id of the span that caused it; zero for a root.</summary>
    public SpanId ParentId { get; init; }

    /// <summary>Its part in a call.</summary>
    public SpanKind Kind { get; init; }

    /// <summary>What it does; may be empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>When it began, in nanoseconds since 1970; 0 with <see cref="SpanMarks.NoStart"/>.</summary>
    public ulong StartNs { get; init; }

    /// <summary>How long it took, in nanoseconds; negative where the sender's end lies before its start.</summary>
    public long DurationNs { get; init; }

    /// <summary>How it ended.</summary>
    public SpanStatus Status { get; init; }

    /// <summary>The sender's words about the status, or empty.</summary>
    public string StatusMessage { get; init; } = "";

    /// <summary>The W3C trace flags (low 8 bits) and OpenTelemetry's bits above them; Jaeger's flags.</summary>
    public uint Flags { get; init; }

    /// <summary>W3C trace state, or empty.</summary>
    public string TraceState { get; init; } = "";

    /// <summary>What made it.</summary>
    public Resource Resource { get; init; } = Resource.Unknown;

    /// <summary>The library that made it, or null.</summary>
    public InstrumentationScope? Scope { get; init; }

    /// <summary>Its attributes in the order sent.</summary>
    public IReadOnlyList<SpanAttribute> Attributes { get; init; } = [];

    /// <summary>Its events in the order sent.</summary>
    public IReadOnlyList<SpanEvent> Events { get; init; } = [];

    /// <summary>Its links in the order sent.</summary>
    public IReadOnlyList<SpanLink> Links { get; init; } = [];

    /// <summary>How many attributes the sender dropped.</summary>
    public uint DroppedAttributes { get; init; }

    /// <summary>How many events the sender dropped.</summary>
    public uint DroppedEvents { get; init; }

    /// <summary>How many links the sender dropped.</summary>
    public uint DroppedLinks { get; init; }

    /// <summary>The other side of the call, as Zipkin's senders name it, or null.</summary>
    public Endpoint? RemoteEndpoint { get; init; }

    /// <summary>What is known about it beyond its fields.</summary>
    public SpanMarks Marks { get; init; }

    /// <summary>The protocol that it came by.</summary>
    public SpanProtocol Protocol { get; init; }

    /// <summary>The server half of a call whose client reports under the same id.</summary>
    public bool IsShared => (Marks & SpanMarks.Shared) != 0;

    /// <summary>B3's debug flag.</summary>
    public bool IsDebug => (Marks & SpanMarks.Debug) != 0;

    /// <summary>The sender said when it began.</summary>
    public bool HasStart => (Marks & SpanMarks.NoStart) == 0;

    /// <summary>The sender said how long it took.</summary>
    public bool HasDuration => (Marks & SpanMarks.NoDuration) == 0;

    /// <summary>The name of the service that made it; may be empty.</summary>
    public string ServiceName => Resource.ServiceName;

    /// <summary>True only for the same object.</summary>
    public bool Equals(Span? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

    /// <inheritdoc/>
    public override string ToString() => $"{TraceId}/{Id} {ServiceName}: {Name}";
}
