namespace Serverless.Tracing.Frames;

/// <summary>Bytes that should be frames, written by this system, are not: they were damaged, or a newer version wrote them.</summary>
/// <param name="offset">The byte within the frame or event.</param>
/// <param name="reason">What is wrong there.</param>
public sealed class FrameFormatException(int offset, string reason) : FormatException($"Not a frame: {reason} at byte {offset}.");
