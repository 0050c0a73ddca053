using System.Runtime.InteropServices;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>What one service says in a span of v1, on its way to become a span of its own. Times are in microseconds.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct ZipkinV1Part
{
    /// <summary>The host, as a number of the batch, or 0.</summary>
    public int Local;

    /// <summary>The other side, as a number of the batch, or 0.</summary>
    public int Remote;

    /// <summary>When it began, or 0.</summary>
    public long Timestamp;

    /// <summary>How long it took, or 0.</summary>
    public long Duration;

    /// <summary>Its side of the call.</summary>
    public SpanKind Kind;

    /// <summary>It reports under its client's id.</summary>
    public bool IsShared;

    /// <summary>Something of it was over a limit.</summary>
    public SpanMarks Cut;

    /// <summary>Its events, in the batch.</summary>
    public ItemList Events;

    /// <summary>How many events were over the limit.</summary>
    public uint DroppedEvents;

    /// <summary>Its first tag among the span's binary annotations plus one, or 0.</summary>
    public int FirstTag;

    /// <summary>Its last tag among the span's binary annotations plus one, or 0.</summary>
    public int LastTag;
}
