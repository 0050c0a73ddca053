using System.Buffers.Binary;
using System.Text;
using Azure.Messaging.EventHubs;

namespace Serverless.Local;

/// <summary>
/// A batch of events in the form in which the log keeps them, so that an event is copied once, when it is added, and the
/// batch is written as it stands. Little-endian: the partition key's length (int32, -1 for none) and UTF-8 bytes; then per
/// event the body's length (int32) and bytes, the attributes' length (int32) and bytes (<see cref="EventAttributes"/>).
/// What has been added never changes afterwards: readers may hold on to <see cref="Payload"/>.
/// </summary>
internal sealed class EncodedEvents
{
    private const int FirstCapacity = 256;

    private readonly int _keyAnnotationSize;
    private EventAttributes.Encoder? _attributes;
    private byte[] _buffer;
    private int _length;

    internal EncodedEvents(string? partitionKey)
    {
        var keyLength = string.IsNullOrEmpty(partitionKey) ? -1 : Encoding.UTF8.GetByteCount(partitionKey);
        _keyAnnotationSize = AmqpSize.PartitionKeyAnnotation(keyLength);
        WireSize = AmqpSize.EmptyBatch + _keyAnnotationSize;
        _buffer = GC.AllocateUninitializedArray<byte>(FirstCapacity + Math.Max(keyLength, 0));
        BinaryPrimitives.WriteInt32LittleEndian(_buffer, keyLength);
        _length = sizeof(int);
        if (keyLength > 0)
            _length += Encoding.UTF8.GetBytes(partitionKey, _buffer.AsSpan(_length));
    }

    /// <summary>How many events there are.</summary>
    internal int Count { get; private set; }

    /// <summary>The size of the batch as an AMQP message, bytes.</summary>
    internal long WireSize { get; private set; }

    /// <summary>The events added so far, encoded.</summary>
    internal ReadOnlyMemory<byte> Payload => _buffer.AsMemory(0, _length);

    /// <summary>Adds an event unless the batch would be larger than <paramref name="limit"/> as an AMQP message.</summary>
    /// <exception cref="System.Runtime.Serialization.SerializationException">A property has a type that cannot be sent.</exception>
    internal bool TryAdd(EventData data, long limit)
    {
        var body = data.Body.Span;
        var attributes = ReadOnlySpan<byte>.Empty;
        long size = _keyAnnotationSize + AmqpSize.Body(body.Length);
        if (EventAttributes.Any(data))
        {
            _attributes ??= new EventAttributes.Encoder();
            attributes = _attributes.Encode(data, out var attributesSize);
            size += attributesSize;
        }

        size = WireSize + AmqpSize.InBatch(size);
        if (size > limit)
            return false;

        var buffer = Reserve(sizeof(int) + body.Length + sizeof(int) + attributes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(buffer, body.Length);
        body.CopyTo(buffer[sizeof(int)..]);
        buffer = buffer[(sizeof(int) + body.Length)..];
        BinaryPrimitives.WriteInt32LittleEndian(buffer, attributes.Length);
        attributes.CopyTo(buffer[sizeof(int)..]);
        WireSize = size;
        Count++;
        return true;
    }

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
        {
            // A new array rather than Array.Resize: the old one may be in use by a send or by readers, and stays as it is.
            var larger = GC.AllocateUninitializedArray<byte>(Math.Max(_length + count, 2 * _buffer.Length));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            _buffer = larger;
        }

        var reserved = _buffer.AsSpan(_length, count);
        _length += count;
        return reserved;
    }
}
