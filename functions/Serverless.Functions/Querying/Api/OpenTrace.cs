using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying.Api;

/// <summary>A trace whose spans can be read; a large one keeps its place until it is disposed of.</summary>
internal sealed class OpenTrace(TraceView view, TraceStream stream, TraceOutline? outline) : IDisposable
{
    /// <summary>The trace; the spans of a large one are outlines (<see cref="TraceOutline"/>).</summary>
    public TraceView View => view;

    /// <summary>Others may wait for its place.</summary>
    public bool IsLarge => outline is not null;

    /// <summary>A span of the tree, whole.</summary>
    /// <exception cref="Tracing.Frames.FrameFormatException">What is stored is damaged.</exception>
    public Span Read(int index) => outline?.Read(index) ?? view.Trace.Tree[index];

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();
}
