using System.Buffers.Binary;
using System.Globalization;

namespace Serverless.Tests.Fuzzing;

/// <summary>Protobuf without a schema: what is length-delimited and can be read as a message is taken for one.</summary>
internal sealed class ProtobufFuzzFormat : FuzzFormat
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int Fixed32 = 5;

    private static readonly ulong[] Numbers = [0, 1, 2, 5, 127, 128, int.MaxValue, uint.MaxValue, long.MaxValue, 1UL << 63, ulong.MaxValue, 1_700_000_000_000_000_000];

    private static readonly byte[][] Texts =
    [
        [], [0], [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], "error"u8.ToArray(), "service.name"u8.ToArray(), new byte[8], new byte[16],
        [1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], [0x0B], [0x0B, 0x0C], [0x0C],
    ];

    public override FuzzNode? Parse(ReadOnlySpan<byte> body)
    {
        var fields = ReadFields(body, 0);
        return fields is null ? null : new FuzzNode(LengthDelimited) { Children = fields };
    }

    public override byte[] Write(FuzzNode root)
    {
        using var output = new MemoryStream();
        foreach (var field in root.Children ?? [])
            Write(output, field);
        return output.ToArray();
    }

    public override void ChangeLeaf(FuzzNode leaf, Random random)
    {
        var number = Numbers[random.Next(Numbers.Length)];
        leaf.Kind = random.Next(5) != 0 ? leaf.Kind : random.Next(8);
        var bytes = new byte[sizeof(ulong)];
        switch (leaf.Kind)
        {
            case Varint:
                leaf.Leaf = Base128(number);
                break;
            case Fixed64:
                BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
                leaf.Leaf = bytes;
                break;
            case Fixed32:
                BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)number);
                leaf.Leaf = bytes[..sizeof(uint)];
                break;
            default:
                leaf.Leaf = random.Next(4) == 0 ? new byte[random.Next(100_000)] : Texts[random.Next(Texts.Length)];
                Array.Fill(leaf.Leaf, (byte)'x', 0, leaf.Leaf.Length > 100 ? leaf.Leaf.Length : 0);
                break;
        }
    }

    public override string ChangeName(string name, Random random) => random.Next(1, 20).ToString(CultureInfo.InvariantCulture);

    private static List<FuzzNode>? ReadFields(ReadOnlySpan<byte> bytes, int depth)
    {
        var fields = new List<FuzzNode>();
        while (!bytes.IsEmpty)
        {
            if (ReadField(ref bytes, depth) is not { } field)
                return null;
            fields.Add(field);
        }

        return fields;
    }

    private static FuzzNode? ReadField(ref ReadOnlySpan<byte> bytes, int depth)
    {
        if (!TryRead(ref bytes, out var tag) || tag >> 3 is 0 or > 1000)
            return null;
        var field = new FuzzNode((int)(tag & 7)) { Name = (tag >> 3).ToString(CultureInfo.InvariantCulture) };
        var before = bytes;
        switch (field.Kind)
        {
            case Varint when TryRead(ref bytes, out _):
                field.Leaf = before[..(before.Length - bytes.Length)].ToArray();
                return field;
            case Fixed64 or Fixed32 when bytes.Length >= (field.Kind == Fixed64 ? 8 : 4):
                field.Leaf = bytes[..(field.Kind == Fixed64 ? 8 : 4)].ToArray();
                bytes = bytes[field.Leaf.Length..];
                return field;
            case LengthDelimited when TryRead(ref bytes, out var length) && length <= (ulong)bytes.Length:
                field.Leaf = bytes[..(int)length].ToArray();
                bytes = bytes[(int)length..];
                if (field.Leaf.Length > 1 && depth < 100)
                    field.Children = ReadFields(field.Leaf, depth + 1);
                return field;
            default:
                return null;
        }
    }

    private static bool TryRead(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (var i = 0; i < Math.Min(bytes.Length, 10); i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] >= 0x80)
                continue;
            bytes = bytes[(i + 1)..];
            return true;
        }

        return false;
    }

    private static void Write(MemoryStream output, FuzzNode field)
    {
        // A whole body that was put into another one has no number.
        var number = ulong.TryParse(field.Name, CultureInfo.InvariantCulture, out var named) ? named : 1;
        output.Write(Base128((number << 3) | (uint)field.Kind));
        var content = field.Leaf;
        if (field.Children is not null)
        {
            using var inner = new MemoryStream();
            foreach (var child in field.Children)
                Write(inner, child);
            content = inner.ToArray();
        }

        if (field.Kind == LengthDelimited)
            output.Write(Base128((ulong)content.Length));
        output.Write(content);
    }

    private static byte[] Base128(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
