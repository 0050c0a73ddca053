using Serverless.Tracing.Model;

namespace Serverless.Tracing.Frames;

/// <summary>
/// A span while a decoder fills it in. Texts are ids that <see cref="SpanBatch.Intern"/> gave (0 is the empty text),
/// resources and scopes are those of the same batch.
/// </summary>
public struct SpanEntry
{
    /// <summary>The trace id's high 64 bits, 0 for a 64-bit id.</summary>
    public ulong TraceHigh;

    /// <summary>The trace id's low 64 bits.</summary>
    public ulong TraceLow;

    /// <summary>The span's id.</summary>
    public ulong Id;

    /// <summary>The parent's id, 0 for a root.</summary>
    public ulong ParentId;

    /// <summary>The start in nanoseconds since 1970.</summary>
    public ulong StartNs;

    /// <summary>The duration in nanoseconds; may be negative.</summary>
    public long DurationNs;

    /// <summary>The name's text id.</summary>
    public int Name;

    /// <summary>The status message's text id.</summary>
    public int StatusMessage;

    /// <summary>The trace state's text id.</summary>
    public int TraceState;

    /// <summary>What <see cref="SpanBatch.AddResource"/> returned; every span needs one.</summary>
    public int Resource;

    /// <summary>What <see cref="SpanBatch.AddScope"/> returned, or 0 for none.</summary>
    public int Scope;

    /// <summary>What <see cref="SpanBatch.AddEndpoint"/> returned, or 0 for none.</summary>
    public int RemoteEndpoint;

    /// <summary>The attributes.</summary>
    public ItemList Attributes;

    /// <summary>The events.</summary>
    public ItemList Events;

    /// <summary>The links.</summary>
    public ItemList Links;

    /// <summary>How many attributes the sender dropped.</summary>
    public uint DroppedAttributes;

    /// <summary>How many events the sender dropped.</summary>
    public uint DroppedEvents;

    /// <summary>How many links the sender dropped.</summary>
    public uint DroppedLinks;

    /// <summary>Trace flags.</summary>
    public uint Flags;

    /// <summary>The span's kind.</summary>
    public SpanKind Kind;

    /// <summary>The span's status.</summary>
    public SpanStatus Status;

    /// <summary>The span's marks.</summary>
    public SpanMarks Marks;

    /// <summary>The next span of the same trace plus one, or 0; set by the frame writer.</summary>
    internal int NextInTrace;
}
