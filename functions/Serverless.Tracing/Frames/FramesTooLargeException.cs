namespace Serverless.Tracing.Frames;

/// <summary>The spans of one request would take more room than one may; sending them in several requests helps.</summary>
public sealed class FramesTooLargeException() : Exception(
    $"The spans would take more than {FrameBuffer.MaxBytes} bytes in storage, for what they have in common is stored with each trace; send fewer spans in a request.");
