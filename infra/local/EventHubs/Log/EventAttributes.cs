using System.Runtime.Serialization;
using System.Text;
using Azure.Messaging.EventHubs;

namespace Serverless.Local;

/// <summary>
/// An event's message id, correlation id, content type and application properties, as the log keeps them: a byte of flags
/// for which of the three are there, those, the number of properties, then per property its name, type and value in the
/// encoding of <see cref="BinaryWriter"/>. Values come back as they come back from the service: times in UTC, a
/// <see cref="DateTime"/> in milliseconds, a stream as its bytes.
/// </summary>
internal static class EventAttributes
{
    private enum ValueType : byte
    {
        Null, String, Boolean, Byte, SByte, Int16, UInt16, Int32, UInt32, Int64, UInt64, Single, Double, Decimal, Char, Guid, DateTime,
        DateTimeOffset, TimeSpan, Uri, Bytes,
    }

    internal static bool Any(EventData data) =>
        data.HasProperties || data.MessageId is not null || data.CorrelationId is not null || data.ContentType is not null;

    /// <summary>Puts what <see cref="Encoder.Encode"/> wrote back into an event.</summary>
    internal static void Decode(ArraySegment<byte> encoded, EventData data)
    {
        using var reader = new BinaryReader(new MemoryStream(encoded.Array!, encoded.Offset, encoded.Count, writable: false));
        var flags = reader.ReadByte();
        if ((flags & 1) != 0)
            data.MessageId = reader.ReadString();
        if ((flags & 2) != 0)
            data.CorrelationId = reader.ReadString();
        if ((flags & 4) != 0)
            data.ContentType = reader.ReadString();
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var name = reader.ReadString();
            data.Properties[name] = Read(reader)!;
        }
    }

    private static object? Read(BinaryReader reader) => (ValueType)reader.ReadByte() switch
    {
        ValueType.Null => null,
        ValueType.String => reader.ReadString(),
        ValueType.Boolean => reader.ReadBoolean(),
        ValueType.Byte => reader.ReadByte(),
        ValueType.SByte => reader.ReadSByte(),
        ValueType.Int16 => reader.ReadInt16(),
        ValueType.UInt16 => reader.ReadUInt16(),
        ValueType.Int32 => reader.ReadInt32(),
        ValueType.UInt32 => reader.ReadUInt32(),
        ValueType.Int64 => reader.ReadInt64(),
        ValueType.UInt64 => reader.ReadUInt64(),
        ValueType.Single => reader.ReadSingle(),
        ValueType.Double => reader.ReadDouble(),
        ValueType.Decimal => reader.ReadDecimal(),
        ValueType.Char => (char)reader.ReadUInt16(),
        ValueType.Guid => new Guid(reader.ReadBytes(16)),
        ValueType.DateTime => DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64()).UtcDateTime,
        ValueType.DateTimeOffset => new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero),
        ValueType.TimeSpan => new TimeSpan(reader.ReadInt64()),
        ValueType.Uri => new Uri(reader.ReadString(), UriKind.RelativeOrAbsolute),
        ValueType.Bytes => reader.ReadBytes(reader.Read7BitEncodedInt()),
        var unknown => throw new LocalPlatformException(
            $"An event hub's log has a property of type {(byte)unknown}, which this version does not know. A newer version has written it: use that one, or another data folder."),
    };

    /// <summary>Encodes one event's attributes at a time into a buffer that it uses again.</summary>
    internal sealed class Encoder
    {
        // Described types: a constructor and a symbol before the value.
        private static readonly long DateTimeOffsetSize = 1 + AmqpSize.Variable("com.microsoft:datetime-offset".Length) + 9;
        private static readonly long TimeSpanSize = 1 + AmqpSize.Variable("com.microsoft:timespan".Length) + 9;
        private static readonly long UriPrefixSize = 1 + AmqpSize.Variable("com.microsoft:uri".Length);

        private readonly MemoryStream _stream = new();
        private readonly BinaryWriter _writer;

        internal Encoder() => _writer = new BinaryWriter(_stream);

        /// <summary>The attributes, valid until the next call, and their size as AMQP sections.</summary>
        internal ReadOnlySpan<byte> Encode(EventData data, out long amqpSize)
        {
            _stream.SetLength(0);
            amqpSize = PropertiesSection(data);
            _writer.Write((byte)((data.MessageId is null ? 0 : 1) | (data.CorrelationId is null ? 0 : 2) | (data.ContentType is null ? 0 : 4)));
            foreach (var text in (ReadOnlySpan<string?>)[data.MessageId, data.CorrelationId, data.ContentType])
            {
                if (text is not null)
                    _writer.Write(text);
            }

            var count = data.HasProperties ? data.Properties.Count : 0;
            _writer.Write7BitEncodedInt(count);
            if (count > 0)
            {
                long elements = 0;
                foreach (var (name, value) in data.Properties)
                {
                    _writer.Write(name);
                    elements += Text(name) + Write(name, value);
                }

                amqpSize += AmqpSize.Section(elements, 2 * count);
            }

            _writer.Flush();
            return _stream.GetBuffer().AsSpan(0, (int)_stream.Length);
        }

        /// <summary>A list of message-id, user-id, to, subject, reply-to, correlation-id, content-type, cut after the last that is set.</summary>
        private static long PropertiesSection(EventData data)
        {
            const int correlationField = 5;
            const int contentTypeField = 6;
            var fields = data.ContentType is not null ? contentTypeField + 1
                : data.CorrelationId is not null ? correlationField + 1
                : data.MessageId is not null ? 1 : 0;
            if (fields == 0)
                return 0;
            long elements = fields;
            foreach (var text in (ReadOnlySpan<string?>)[data.MessageId, data.CorrelationId, data.ContentType])
                elements += text is null ? 0 : Text(text) - 1;
            return AmqpSize.Section(elements, fields);
        }

        private static long Text(string text) => AmqpSize.Variable(Encoding.UTF8.GetByteCount(text));

        private long Write(string name, object? value)
        {
            switch (value)
            {
                case null: Tag(ValueType.Null); return 1;
                case string text: Tag(ValueType.String).Write(text); return Text(text);
                case bool flag: Tag(ValueType.Boolean).Write(flag); return 1;
                case byte number: Tag(ValueType.Byte).Write(number); return 2;
                case sbyte number: Tag(ValueType.SByte).Write(number); return 2;
                case short number: Tag(ValueType.Int16).Write(number); return 3;
                case ushort number: Tag(ValueType.UInt16).Write(number); return 3;
                case int number: Tag(ValueType.Int32).Write(number); return number is >= sbyte.MinValue and <= sbyte.MaxValue ? 2 : 5;
                case uint number: Tag(ValueType.UInt32).Write(number); return number == 0 ? 1 : number <= byte.MaxValue ? 2 : 5;
                case long number: Tag(ValueType.Int64).Write(number); return number is >= sbyte.MinValue and <= sbyte.MaxValue ? 2 : 9;
                case ulong number: Tag(ValueType.UInt64).Write(number); return number == 0 ? 1 : number <= byte.MaxValue ? 2 : 9;
                case float number: Tag(ValueType.Single).Write(number); return 5;
                case double number: Tag(ValueType.Double).Write(number); return 9;
                case decimal number: Tag(ValueType.Decimal).Write(number); return 17;
                case char character: Tag(ValueType.Char).Write((ushort)character); return 5;
                case Guid guid: Tag(ValueType.Guid).Write(guid.ToByteArray()); return 17;
                case DateTime time: Tag(ValueType.DateTime).Write(new DateTimeOffset(time.ToUniversalTime()).ToUnixTimeMilliseconds()); return 9;
                case DateTimeOffset time: Tag(ValueType.DateTimeOffset).Write(time.UtcTicks); return DateTimeOffsetSize;
                case TimeSpan span: Tag(ValueType.TimeSpan).Write(span.Ticks); return TimeSpanSize;
                case Uri uri: Tag(ValueType.Uri).Write(uri.OriginalString); return UriPrefixSize + Text(uri.OriginalString);
                case byte[] bytes: return Write(bytes);
                case ArraySegment<byte> bytes: return Write(bytes);
                case Stream stream: return Write(ReadToEnd(stream));
                default:
                    throw new SerializationException(
                        $"The property '{name}' has a value of type '{value.GetType().FullName}', which an event cannot carry. Send it as a string, number, "
                        + "bool, char, Guid, DateTime, DateTimeOffset, TimeSpan, Uri or byte array, or in the body.");
            }
        }

        private long Write(ReadOnlySpan<byte> bytes)
        {
            Tag(ValueType.Bytes).Write7BitEncodedInt(bytes.Length);
            _writer.Write(bytes);
            return AmqpSize.Variable(bytes.Length);
        }

        private BinaryWriter Tag(ValueType type)
        {
            _writer.Write((byte)type);
            return _writer;
        }

        private static byte[] ReadToEnd(Stream stream)
        {
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return copy.ToArray();
        }
    }
}
