using Serverless.Tracing.Model;

namespace Serverless.Tracing.Frames;

/// <summary>A span as a <see cref="FrameReader"/> reads it: texts are ids, the rest lies in the reader's tables.</summary>
public struct FrameSpan
{
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

    /// <summary>The resource's index.</summary>
    public int Resource;

    /// <summary>The scope's number from 1, or 0.</summary>
    public int Scope;

    /// <summary>The shape's number from 1, or 0: spans of one frame with one shape have the same keys.</summary>
    public int Shape;

    /// <summary>The kind.</summary>
    public SpanKind Kind;

    /// <summary>The status.</summary>
    public SpanStatus Status;

    /// <summary>The marks.</summary>
    public SpanMarks Marks;

    /// <summary>Trace flags.</summary>
    public uint Flags;

    /// <summary>The trace state's text id.</summary>
    public int TraceState;

    /// <summary>The status message's text id.</summary>
    public int StatusMessage;

    /// <summary>The remote endpoint's number from 1, or 0.</summary>
    public int RemoteEndpoint;

    /// <summary>How many attributes the sender dropped.</summary>
    public uint DroppedAttributes;

    /// <summary>How many events the sender dropped.</summary>
    public uint DroppedEvents;

    /// <summary>How many links the sender dropped.</summary>
    public uint DroppedLinks;

    /// <summary>The attributes.</summary>
    public AttributeRange Attributes;
}
