namespace Serverless.Tracing.Frames;

/// <summary>The fields that most spans do not have; a bit says that one follows.</summary>
[Flags]
internal enum SpanExtras
{
    None = 0,
    Marks = 1,
    Flags = 2,
    TraceState = 4,
    StatusMessage = 8,
    RemoteEndpoint = 16,
    DroppedAttributes = 32,
    DroppedEvents = 64,
    DroppedLinks = 128,
    Events = 256,
    Links = 512,
}
