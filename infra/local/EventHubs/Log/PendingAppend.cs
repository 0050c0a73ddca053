namespace Serverless.Local;

/// <summary>A batch of events that waits to be written; the task ends when it is durable.</summary>
internal sealed class PendingAppend(ReadOnlyMemory<byte> payload, int count, uint payloadCrc)
    : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    internal ReadOnlyMemory<byte> Payload => payload;

    internal int Count => count;

    internal uint PayloadCrc => payloadCrc;

    internal int TotalLength => LogRecordHeader.Size + payload.Length;
}
