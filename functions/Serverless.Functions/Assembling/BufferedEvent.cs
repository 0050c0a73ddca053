namespace Serverless.Functions.Assembling;

/// <summary>An event of the hub <c>spans</c>.</summary>
/// <param name="SequenceNumber">Its place in its partition.</param>
/// <param name="Body">What the publisher sent.</param>
/// <param name="EnqueuedAt">When the hub took it; the same whenever it is delivered.</param>
public readonly record struct BufferedEvent(long SequenceNumber, ReadOnlyMemory<byte> Body, DateTimeOffset EnqueuedAt = default);
