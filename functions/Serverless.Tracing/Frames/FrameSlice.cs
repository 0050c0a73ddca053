namespace Serverless.Tracing.Frames;

/// <summary>Where one trace's frame lies in a <see cref="FrameBuffer"/>.</summary>
/// <param name="TraceLow">The low 64 bits of the trace's id.</param>
/// <param name="Offset">Its first byte.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Spans">Its spans.</param>
/// <param name="FirstSpan">The first of them in the batch that it was written from.</param>
public readonly record struct FrameSlice(ulong TraceLow, int Offset, int Length, int Spans, int FirstSpan);
