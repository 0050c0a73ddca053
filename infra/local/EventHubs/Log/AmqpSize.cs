namespace Serverless.Local;

/// <summary>
/// The sizes of what the service's client puts on the wire: AMQP 1.0 (OASIS standard, part 1 section 1.6, types; part 3
/// section 3.2, message format). Batches are limited by these sizes, so that what fits here fits there.
/// </summary>
internal static class AmqpSize
{
    /// <summary>The largest publication, bytes: one batch, or one event sent alone.</summary>
    internal const long MaximumPublication = 1_048_576;

    /// <summary>
    /// What an empty batch counts for. The client's own figure is not published; this one is the least batch size that it
    /// accepts, which its envelope cannot be larger than.
    /// </summary>
    internal const long EmptyBatch = 24;

    private const int SectionDescriptor = 3;
    private const int LargestSmall = 255;

    /// <summary>What an event of this size adds to a batch: the client reserves 5 or 8 bytes more.</summary>
    internal static long InBatch(long eventSize) => eventSize + (eventSize <= LargestSmall ? 5 : 8);

    /// <summary>The data section with the body.</summary>
    internal static long Body(int length) => SectionDescriptor + Variable(length);

    /// <summary>A string, symbol or binary value: its bytes behind a constructor and a length of one byte or four.</summary>
    internal static long Variable(long length) => length + (length <= LargestSmall ? 2 : 5);

    /// <summary>A section that is a list or a map of this many bytes of elements.</summary>
    internal static long Section(long elements, int count) =>
        SectionDescriptor + elements + (elements + 1 <= LargestSmall && count <= LargestSmall ? 3 : 9);

    /// <summary>The annotation that carries a partition key; 0 where there is none.</summary>
    internal static int PartitionKeyAnnotation(int keyLength) =>
        keyLength <= 0 ? 0 : (int)Section(Variable(EventAnnotations.PartitionKey.Length) + Variable(keyLength), 2);
}
