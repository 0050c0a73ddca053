using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Azure.Messaging.EventHubs;

namespace Serverless.Local;

/// <summary>Walks over the events of one <see cref="LogRecord"/>. The events' bodies are slices of its payload, not copies.</summary>
internal struct EventDecoder
{
    private readonly ReadOnlyMemory<byte> _payload;
    private readonly string? _partitionKey;
    private readonly DateTimeOffset _enqueuedTime;
    private readonly long _end;
    private int _position;

    internal EventDecoder(LogRecord record)
    {
        _payload = record.Payload;
        _enqueuedTime = new DateTimeOffset(record.Header.EnqueuedTicks, TimeSpan.Zero);
        NextSequence = record.Header.FirstSequence;
        _end = record.Header.NextSequence;
        var keyLength = ReadLength();
        if (keyLength > 0)
        {
            _partitionKey = Encoding.UTF8.GetString(_payload.Span.Slice(_position, keyLength));
            _position += keyLength;
        }
    }

    /// <summary>The number of the event that <see cref="Next"/> gives.</summary>
    internal long NextSequence { get; private set; }

    internal readonly bool IsAtEnd => NextSequence >= _end;

    /// <summary>The length of the next event's body, bytes.</summary>
    internal readonly int NextBodyLength => BinaryPrimitives.ReadInt32LittleEndian(_payload.Span[_position..]);

    internal void Skip()
    {
        for (var part = 0; part < 2; part++)
        {
            var length = ReadLength();
            _position += length;
        }

        NextSequence++;
    }

    internal EventData Next()
    {
        var bodyLength = ReadLength();
        var body = BinaryData.FromBytes(_payload.Slice(_position, bodyLength));
        _position += bodyLength;
        var data = new EventData(body, null, null, _partitionKey, NextSequence++, null, _enqueuedTime);
        var attributesLength = ReadLength();
        if (attributesLength > 0)
        {
            MemoryMarshal.TryGetArray(_payload.Slice(_position, attributesLength), out var attributes);
            EventAttributes.Decode(attributes, data);
            _position += attributesLength;
        }

        return data;
    }

    private int ReadLength()
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(_payload.Span[_position..]);
        _position += sizeof(int);
        return length;
    }
}
