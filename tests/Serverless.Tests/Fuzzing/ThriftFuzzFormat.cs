using System.Buffers.Binary;
using System.Globalization;
using Serverless.Tests.Protocols.Thrift;
using Serverless.Tracing.Protocols.Thrift;

namespace Serverless.Tests.Fuzzing;

/// <summary>Thrift, which says of each value what it is.</summary>
internal sealed class ThriftFuzzFormat(ThriftFuzzForm form) : FuzzFormat
{
    private static readonly long[] Numbers = [0, 1, -1, 2, 5, 127, 128, short.MaxValue, short.MinValue, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue, 1_700_000_000_000_000];

    private static readonly ThriftType[] LeafTypes =
        [ThriftType.Bool, ThriftType.Byte, ThriftType.Double, ThriftType.I16, ThriftType.I32, ThriftType.I64, ThriftType.String];

    private static readonly byte[][] Texts =
        [[], [0], [0xFF], [0xC3], [0xED, 0xA0, 0x80], "error"u8.ToArray(), "cs"u8.ToArray(), "sr"u8.ToArray(), "sa"u8.ToArray(), "span.kind"u8.ToArray(), "event"u8.ToArray(), new byte[16]];

    /// <summary>The compact form of a call in the binary one.</summary>
    public static byte[] ToCompact(byte[] message) => new ThriftFuzzFormat(ThriftFuzzForm.CompactMessage).Write(ReadMessage(message));

    public override FuzzNode? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return form switch
            {
                ThriftFuzzForm.List => Read(ref body, ThriftType.List, 0),
                ThriftFuzzForm.Struct => Read(ref body, ThriftType.Struct, 0),
                ThriftFuzzForm.BinaryMessage => ReadMessage(body),
                _ => CompactReader.ReadMessage(body),
            };
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException or FormatException)
        {
            return null;
        }
    }

    public override byte[] Write(FuzzNode root)
    {
        var node = ToThrift(root);
        return form switch
        {
            ThriftFuzzForm.BinaryMessage => node.WriteMessage(compact: false),
            ThriftFuzzForm.CompactMessage => node.WriteMessage(compact: true),
            _ => node.Write(compact: false),
        };
    }

    public override void ChangeLeaf(FuzzNode leaf, Random random)
    {
        if (random.Next(4) == 0)
            leaf.Kind = (int)LeafTypes[random.Next(LeafTypes.Length)];
        if (leaf.Kind == (int)ThriftType.String)
        {
            leaf.Leaf = random.Next(4) == 0 ? [.. Enumerable.Repeat((byte)'x', random.Next(100_000))] : Texts[random.Next(Texts.Length)];
            return;
        }

        leaf.Leaf = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(leaf.Leaf, Numbers[random.Next(Numbers.Length)]);
    }

    public override string ChangeName(string name, Random random) => random.Next(-1, 14).ToString(CultureInfo.InvariantCulture);

    private static FuzzNode ReadMessage(ReadOnlySpan<byte> body)
    {
        body = body[4..];
        Read(ref body, ThriftType.String, 0);
        body = body[4..];
        return Read(ref body, ThriftType.Struct, 0);
    }

    private static FuzzNode Read(ref ReadOnlySpan<byte> body, ThriftType type, int depth)
    {
        if (depth > 100)
            throw new FormatException("too deep");
        var node = new FuzzNode((int)type);
        switch (type)
        {
            case ThriftType.Struct:
                node.Children = [];
                while (body[0] != 0)
                {
                    var field = (ThriftType)body[0];
                    var name = BinaryPrimitives.ReadInt16BigEndian(body[1..]);
                    body = body[3..];
                    node.Children.Add(Read(ref body, field, depth + 1));
                    node.Children[^1].Name = name.ToString(CultureInfo.InvariantCulture);
                }

                body = body[1..];
                return node;
            case ThriftType.List or ThriftType.Set:
                node.Children = [];
                node.ItemKind = body[0];
                var count = BinaryPrimitives.ReadInt32BigEndian(body[1..]);
                body = body[5..];
                for (var i = 0; i < count; i++)
                    node.Children.Add(Read(ref body, (ThriftType)node.ItemKind, depth + 1));
                return node;
            case ThriftType.String:
                var length = BinaryPrimitives.ReadInt32BigEndian(body);
                node.Leaf = body.Slice(4, length).ToArray();
                body = body[(4 + length)..];
                return node;
            default:
                var size = type switch
                {
                    ThriftType.Bool or ThriftType.Byte => 1,
                    ThriftType.I16 => 2,
                    ThriftType.I32 => 4,
                    ThriftType.I64 or ThriftType.Double => 8,
                    _ => throw new FormatException("unknown type"),
                };
                // All numbers are kept in 8 bytes.
                node.Leaf = new byte[sizeof(long)];
                if (body[0] >= 0x80 && size > 1)
                    Array.Fill(node.Leaf, (byte)0xFF);
                body[..size].CopyTo(node.Leaf.AsSpan(sizeof(long) - size));
                body = body[size..];
                return node;
        }
    }

    private static ThriftNode ToThrift(FuzzNode node)
    {
        var number = node.Leaf.Length == sizeof(long) ? BinaryPrimitives.ReadInt64BigEndian(node.Leaf) : 0;
        return (ThriftType)node.Kind switch
        {
            ThriftType.Struct => ThriftNode.Struct([.. (node.Children ?? []).Select(child =>
                (short.TryParse(child.Name, CultureInfo.InvariantCulture, out var id) ? id : (short)1, ToThrift(child)))]),
            ThriftType.List => ThriftNode.List((ThriftType)node.ItemKind, Items(node)),
            ThriftType.Set => ThriftNode.Set((ThriftType)node.ItemKind, Items(node)),
            ThriftType.Bool => ThriftNode.Bool((number & 1) != 0),
            ThriftType.Byte => ThriftNode.Byte((byte)number),
            ThriftType.I16 => ThriftNode.I16((short)number),
            ThriftType.I32 => ThriftNode.I32((int)number),
            ThriftType.I64 => ThriftNode.I64(number),
            ThriftType.Double => ThriftNode.Double(BitConverter.Int64BitsToDouble(number)),
            _ => ThriftNode.Bytes(node.Leaf),
        };
    }

    private static ThriftNode[] Items(FuzzNode list) => [.. (list.Children ?? []).Select(ToThrift)];

    /// <summary>Reads the compact protocol into the same nodes.</summary>
    private static class CompactReader
    {
        public static FuzzNode ReadMessage(ReadOnlySpan<byte> body)
        {
            body = body[2..];
            Varint(ref body);
            body = body[(int)Varint(ref body)..];
            return Read(ref body, ThriftType.Struct, 0);
        }

        private static FuzzNode Read(ref ReadOnlySpan<byte> body, ThriftType type, int depth)
        {
            if (depth > 100)
                throw new FormatException("too deep");
            var node = new FuzzNode((int)type);
            switch (type)
            {
                case ThriftType.Struct:
                    node.Children = [];
                    for (short id = 0; body[0] != 0;)
                    {
                        var header = body[0];
                        body = body[1..];
                        id = header >> 4 != 0 ? (short)(id + (header >> 4)) : (short)ZigZag(ref body);
                        var child = (header & 15) is 1 or 2 ? Number(ThriftType.Bool, 2 - (header & 15)) : Read(ref body, TypeOf(header & 15), depth + 1);
                        child.Name = id.ToString(CultureInfo.InvariantCulture);
                        node.Children.Add(child);
                    }

                    body = body[1..];
                    return node;
                case ThriftType.List or ThriftType.Set:
                    node.Children = [];
                    var items = body[0];
                    body = body[1..];
                    node.ItemKind = (int)TypeOf(items & 15);
                    var count = items >> 4 == 15 ? (int)Varint(ref body) : items >> 4;
                    for (var i = 0; i < count; i++)
                        node.Children.Add(Read(ref body, (ThriftType)node.ItemKind, depth + 1));
                    return node;
                case ThriftType.String:
                    var length = (int)Varint(ref body);
                    node.Leaf = body[..length].ToArray();
                    body = body[length..];
                    return node;
                case ThriftType.Double:
                    var bits = BinaryPrimitives.ReadInt64LittleEndian(body);
                    body = body[8..];
                    return Number(type, bits);
                case ThriftType.Bool or ThriftType.Byte:
                    var value = body[0];
                    body = body[1..];
                    return Number(type, value);
                default:
                    return Number(type, ZigZag(ref body));
            }
        }

        private static FuzzNode Number(ThriftType type, long value)
        {
            var bytes = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(bytes, value);
            return new FuzzNode((int)type) { Leaf = bytes };
        }

        private static ThriftType TypeOf(int compact) => compact switch
        {
            1 or 2 => ThriftType.Bool,
            3 => ThriftType.Byte,
            4 => ThriftType.I16,
            5 => ThriftType.I32,
            6 => ThriftType.I64,
            7 => ThriftType.Double,
            8 => ThriftType.String,
            9 => ThriftType.List,
            10 => ThriftType.Set,
            12 => ThriftType.Struct,
            _ => throw new FormatException("unknown type"),
        };

        private static long ZigZag(ref ReadOnlySpan<byte> body)
        {
            var value = Varint(ref body);
            return (long)(value >> 1) ^ -(long)(value & 1);
        }

        private static ulong Varint(ref ReadOnlySpan<byte> body)
        {
            ulong value = 0;
            for (var i = 0; ; i++)
            {
                value |= (ulong)(body[i] & 0x7F) << (7 * i);
                if (body[i] >= 0x80 && i < 9)
                    continue;
                body = body[(i + 1)..];
                return value;
            }
        }
    }
}
