namespace Serverless.Functions.Buffering;

/// <summary>A span does not fit into an event even alone; sending it again cannot help.</summary>
/// <param name="bytes">Its size, compressed.</param>
public sealed class SpanTooLargeException(int bytes)
    : Exception($"A span of {bytes} bytes (compressed) is larger than the hub takes; send fewer or shorter attributes.");
