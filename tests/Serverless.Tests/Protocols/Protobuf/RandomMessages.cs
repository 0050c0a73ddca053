using Google.Protobuf;

namespace Serverless.Tests.Protocols.Protobuf;

/// <summary>
/// Bytes of messages that are valid and hold anything that the type can: fields in any order, absent and repeated, messages
/// in pieces, unknown fields of every wire type between them.
/// </summary>
internal sealed class RandomMessages(int seed)
{
    private const int MaxDepth = 9;
    private const int UnknownField = 1_000;

    private static readonly string[] Texts = ["", "a", "service.name", "GET /cart", "späň ☃ \U0001D11E", "error", new string('x', 300), "\0\"\n\\"];
    private static readonly double[] Doubles = [0, -0.0, 1.5, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, double.MaxValue, 0.1];
    private static readonly long[] Integers = [0, 1, -1, 127, 128, -65, long.MaxValue, long.MinValue, 1L << 53, 1L << 40];

    private readonly Random _random = new(seed);

    public byte[] Next(ProtoType type, int depth = 0)
    {
        var pieces = new List<byte[]>();
        foreach (var field in type.Fields)
        {
            for (var i = Occurrences(field, depth); i > 0; i--)
                pieces.Add(Piece(output => Write(output, field, depth)));
        }

        for (var i = _random.Next(8) == 0 ? 2 : 0; i > 0; i--)
            pieces.Add(Piece(WriteUnknown));
        var shuffled = pieces.ToArray();
        _random.Shuffle(shuffled);
        return [.. shuffled.SelectMany(piece => piece)];
    }

    private int Occurrences(ProtoField field, int depth)
    {
        // An id that is there twice, once wrongly, is the one case in which the decoder refuses what protobuf takes.
        if (field.IdBytes > 0)
            return _random.Next(30) == 0 ? 0 : 1;
        if (field.Kind == ProtoKind.Message && depth >= MaxDepth)
            return 0;
        if (field.IsChoice)
            return _random.Next(5) == 0 ? 1 + _random.Next(2) : 0;
        if (field.IsRepeated)
            return _random.Next(5) == 0 ? 0 : 1 + _random.Next(3);
        return _random.Next(10) switch { 0 or 1 => 0, 2 => 2, _ => 1 };
    }

    private static byte[] Piece(Action<CodedOutputStream> write)
    {
        var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes))
            write(output);
        return bytes.ToArray();
    }

    private void Write(CodedOutputStream output, ProtoField field, int depth)
    {
        output.WriteTag(field.Number, field.WireType);
        switch (field.Kind)
        {
            case ProtoKind.Enumeration:
                output.WriteInt64(_random.Next(8) == 0 ? Integer() : _random.Next(6));
                break;
            case ProtoKind.VarUInt32 or ProtoKind.VarInt64 or ProtoKind.Bool:
                // Numbers that are too wide lose their high bits, and any but 0 is true.
                output.WriteInt64(Integer());
                break;
            case ProtoKind.Fixed64:
                output.WriteFixed64(_random.Next(8) == 0 ? (ulong)Integer() : 1_700_000_000_000_000_000 + (ulong)_random.Next());
                break;
            case ProtoKind.Fixed32:
                output.WriteFixed32((uint)Integer());
                break;
            case ProtoKind.Real:
                output.WriteDouble(Doubles[_random.Next(Doubles.Length)]);
                break;
            case ProtoKind.Text:
                output.WriteString(Texts[_random.Next(Texts.Length)]);
                break;
            case ProtoKind.Bytes:
                output.WriteBytes(ByteString.CopyFrom(Bytes(field.IdBytes)));
                break;
            default:
                output.WriteBytes(ByteString.CopyFrom(Next(field.Message!, depth + 1)));
                break;
        }
    }

    private byte[] Bytes(int idBytes)
    {
        var odds = _random.Next(60);
        var bytes = new byte[idBytes == 0 ? _random.Next(20) : odds == 0 ? idBytes - 1 : idBytes];
        if (odds > 1)
            _random.NextBytes(bytes);
        return bytes;
    }

    private long Integer() => _random.Next(3) == 0 ? _random.NextInt64() : Integers[_random.Next(Integers.Length)];

    private void WriteUnknown(CodedOutputStream output)
    {
        var type = (WireFormat.WireType)(_random.Next(2) == 0 ? 0 : _random.Next(4));
        var number = UnknownField + _random.Next(100);
        output.WriteTag(number, type);
        switch (type)
        {
            case WireFormat.WireType.Varint:
                output.WriteInt64(Integer());
                break;
            case WireFormat.WireType.Fixed64:
                output.WriteFixed64((ulong)Integer());
                break;
            case WireFormat.WireType.LengthDelimited:
                output.WriteBytes(ByteString.CopyFrom(Bytes(0)));
                break;
            default:
                output.WriteTag(1, WireFormat.WireType.Fixed32);
                output.WriteFixed32(7);
                output.WriteTag(number, WireFormat.WireType.EndGroup);
                break;
        }
    }
}
