using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Thrift;
using static Serverless.Tests.Protocols.Thrift.ThriftNode;

namespace Serverless.Tests.Protocols.Thrift;

public sealed class ThriftReaderTests
{
    private static readonly ThriftSchema Schema = new(
        "Example", new(new(1, "name"), new(2, "items", new(new(1, "key"), new(2, "deep", new(new ThriftField(1, "leaf")))))));

    public static TheoryData<bool> Protocols => [false, true];

    [Theory]
    [MemberData(nameof(Protocols))]
    public void Every_type_is_read_as_it_was_written(bool compact)
    {
        var body = Struct(
            (1, Bool(true)), (2, Bool(false)), (3, Byte(0xFE)), (4, I16(short.MinValue)), (5, I32(int.MinValue)), (6, I64(long.MinValue)),
            (7, Double(-0.1)), (8, Text("ä€😀")), (-5, I64(long.MaxValue)), (300, I32(-1)), (301, List(ThriftType.Bool, Bool(true), Bool(false))))
            .Write(compact);
        Assert.Equal(
            "1=True 2=False 3=254 4=-32768 5=-2147483648 6=-9223372036854775808 7=-0.1 8=C3A4E282ACF09F9880 -5=9223372036854775807 300=-1 301=[True,False]",
            compact ? Describe(new ThriftCompactReader(body, Schema, 8)) : Describe(new ThriftBinaryReader(body, Schema, 8)));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void What_is_not_known_is_skipped_whatever_its_type(bool compact)
    {
        var unknown = Struct(
            (1, Bool(true)), (2, Byte(1)), (3, I16(1)), (4, I32(1)), (5, I64(1)), (6, Double(1)), (7, Text("x")), (8, Bool(false)),
            (9, Struct((1, List(ThriftType.Struct, Struct((1, Bool(true))))))), (10, List(ThriftType.I64, [.. Enumerable.Repeat(I64(3), 20)])),
            (11, Set(ThriftType.Bool, Bool(true))), (12, Map(ThriftType.String, ThriftType.Double, Text("k"), Double(2))),
            (13, Map(ThriftType.I32, ThriftType.I32)), (14, List(ThriftType.List, List(ThriftType.Byte, Byte(1)))));
        var body = Struct((20, unknown), (21, I32(42))).Write(compact);
        Assert.Equal(
            "20=skipped 21=42",
            compact ? Describe(new ThriftCompactReader(body, Schema, 8)) : Describe(new ThriftBinaryReader(body, Schema, 8)));
    }

    [Theory]
    [InlineData(false, "Malformed Example: items[1].deep.leaf at byte 28: type i32, string expected")]
    [InlineData(true, "Malformed Example: items[1].deep.leaf at byte 10: type i32, string expected")]
    public void An_error_names_its_path_and_byte(bool compact, string message)
    {
        var body = Struct((2, List(
            ThriftType.Struct,
            Struct((1, Text("a"))),
            Struct((1, Text("b")), (2, Struct((1, I32(7)))))))).Write(compact);
        Assert.Equal(message, Refusal(body, compact).Message);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void Nesting_is_bounded_in_structs_lists_and_maps(bool compact)
    {
        ThriftNode[] levels =
        [
            Nested(inner => Struct((9, inner))),
            Nested(inner => List(inner.Type, inner)),
            Nested(inner => Map(ThriftType.Byte, inner.Type, Byte(1), inner)),
        ];
        Assert.All(levels, deep => Assert.EndsWith("nested more than 8 levels deep", Refusal(Struct((9, deep)).Write(compact), compact).Message));

        static ThriftNode Nested(Func<ThriftNode, ThriftNode> wrap) =>
            Enumerable.Range(0, 50).Aggregate(Struct(), (inner, _) => wrap(inner));
    }

    [Theory]
    [InlineData(false, new byte[] { 11, 0, 1, 0x7F, 0xFF, 0xFF, 0xFF }, "name at byte 3: length 2147483647, but only 0 bytes are left")]
    [InlineData(false, new byte[] { 11, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF }, "name at byte 3: length -1, but only 0 bytes are left")]
    [InlineData(false, new byte[] { 15, 0, 2, 12, 0x7F, 0xFF, 0xFF, 0xFF, 0 }, "items at byte 3: 2147483647 items, but only 1 bytes are left")]
    [InlineData(false, new byte[] { 15, 0, 2, 12, 0xFF, 0xFF, 0xFF, 0xFE, 0 }, "items at byte 3: a count of -2")]
    [InlineData(false, new byte[] { 15, 0, 9, 10, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8 }, "9 at byte 3: 2 items, but only 8 bytes are left")]
    [InlineData(false, new byte[] { 13, 0, 9, 3, 3, 0, 0, 0, 9, 1 }, "9 at byte 3: 9 items, but only 1 bytes are left")]
    [InlineData(false, new byte[] { 99, 0, 9, 0 }, "9 at byte 0: type 99, which does not exist")]
    [InlineData(false, new byte[] { 11, 0 }, "at byte 1: 2 bytes expected, but only 1 are left")]
    [InlineData(false, new byte[0], "at byte 0: 1 bytes expected, but only 0 are left")]
    [InlineData(true, new byte[] { 0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F }, "name at byte 1: length 4294967295, but only 0 bytes are left")]
    [InlineData(true, new byte[] { 0x29, 0xFC, 0xFF, 0xFF, 0xFF, 0x7F, 0 }, "items at byte 1: 268435455 items, but only 1 bytes are left")]
    [InlineData(true, new byte[] { 0x9B, 0xFF, 0x7F, 0x33, 1 }, "9 at byte 1: 16383 items, but only 1 bytes are left")]
    [InlineData(true, new byte[] { 0x1E, 0 }, "at byte 0: type 14, which does not exist")]
    [InlineData(true, new byte[] { 0x16, 0x80 }, "name at byte 1: truncated varint")]
    [InlineData(true, new byte[] { 0x16, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 1 }, "name at byte 1: varint of more than 10 bytes")]
    [InlineData(true, new byte[0], "at byte 0: 1 bytes expected, but only 0 are left")]
    public void Lengths_and_counts_are_checked_against_what_is_left(bool compact, byte[] body, string reason) =>
        Assert.Equal("Malformed Example: " + reason, Refusal(body, compact).Message);

    [Fact]
    public void A_binary_message_is_read_with_and_without_a_version()
    {
        byte[] versioned = [0x80, 1, 0, 4, 0, 0, 0, 1, (byte)'f', 0, 0, 0, 9, 0];
        byte[] plain = [0, 0, 0, 1, (byte)'f', 1, 0, 0, 0, 9, 0];
        foreach (var body in (byte[][])[versioned, plain])
        {
            var reader = new ThriftBinaryReader(body, Schema, 8);
            Assert.Equal("f"u8, reader.ReadMessage(out var isCall));
            Assert.True(isCall);
            Assert.Equal(body.Length - 1, reader.Position);
        }
    }

    [Theory]
    [InlineData(false, new byte[] { 0x80, 2, 0, 4 }, "at byte 0: 0x80020004, which is no version of the binary protocol")]
    [InlineData(true, new byte[] { 0x80, 1 }, "at byte 0: 0x80, 0x82 expected, which begins the compact protocol")]
    [InlineData(true, new byte[] { 0x82, 0x82, 1 }, "at byte 1: version 2 of the compact protocol, 1 expected")]
    public void A_message_of_another_protocol_is_refused(bool compact, byte[] body, string reason)
    {
        var e = Assert.Throws<MalformedSpansException>(() =>
        {
            if (compact)
                new ThriftCompactReader(body, Schema, 8).ReadMessage(out _);
            else
                new ThriftBinaryReader(body, Schema, 8).ReadMessage(out _);
        });
        Assert.EndsWith(reason, e.Message);
    }

    private static MalformedSpansException Refusal(byte[] body, bool compact) => Assert.Throws<MalformedSpansException>(() =>
    {
        if (compact)
            ReadExample(new ThriftCompactReader(body, Schema, 8));
        else
            ReadExample(new ThriftBinaryReader(body, Schema, 8));
    });

    // What a decoder of the schema does.
    private static void ReadExample<TReader>(TReader reader)
        where TReader : struct, IThriftReader, allows ref struct
    {
        reader.BeginStruct(ThriftType.Struct);
        while (reader.TryReadField(out var type, out var id))
        {
            if (id == 1 && type == ThriftType.String)
            {
                reader.ReadBytes(type);
            }
            else if (id == 2)
            {
                var count = reader.ReadList(type, out var item);
                for (var i = 0; i < count; i++)
                    ReadItem(ref reader, item);
            }
            else
                reader.Skip(type);
        }
    }

    private static void ReadItem<TReader>(ref TReader reader, ThriftType type)
        where TReader : struct, IThriftReader, allows ref struct
    {
        var outer = reader.BeginStruct(type);
        while (reader.TryReadField(out type, out var id))
        {
            if (id == 2)
            {
                var inner = reader.BeginStruct(type);
                while (reader.TryReadField(out type, out _))
                    reader.ReadBytes(type);
                reader.EndStruct(inner);
            }
            else
                reader.ReadBytes(type);
        }

        reader.EndStruct(outer);
    }

    private static string Describe<TReader>(TReader reader)
        where TReader : struct, IThriftReader, allows ref struct
    {
        var fields = new List<string>();
        reader.BeginStruct(ThriftType.Struct);
        while (reader.TryReadField(out var type, out var id))
        {
            fields.Add(FormattableString.Invariant($"{id}=") + type switch
            {
                ThriftType.Bool => reader.ReadBool(type).ToString(),
                ThriftType.Byte => reader.ReadByte(type).ToString(System.Globalization.CultureInfo.InvariantCulture),
                ThriftType.I16 => FormattableString.Invariant($"{reader.ReadI16(type)}"),
                ThriftType.I32 => FormattableString.Invariant($"{reader.ReadI32(type)}"),
                ThriftType.I64 => FormattableString.Invariant($"{reader.ReadI64(type)}"),
                ThriftType.Double => FormattableString.Invariant($"{reader.ReadDouble(type)}"),
                ThriftType.String => Convert.ToHexString(reader.ReadBytes(type)),
                ThriftType.List => Items(ref reader, type),
                _ => Skipped(ref reader, type),
            });
        }

        return string.Join(' ', fields);
    }

    private static string Items<TReader>(ref TReader reader, ThriftType type)
        where TReader : struct, IThriftReader, allows ref struct
    {
        var items = new List<bool>();
        var count = reader.ReadList(type, out var item);
        for (var i = 0; i < count; i++)
            items.Add(reader.ReadBool(item));
        return $"[{string.Join(',', items)}]";
    }

    private static string Skipped<TReader>(ref TReader reader, ThriftType type)
        where TReader : struct, IThriftReader, allows ref struct
    {
        reader.Skip(type);
        return "skipped";
    }
}
