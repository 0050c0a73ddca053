using System.Text;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Frames;

/// <summary>Reads the lists and maps that <see cref="NestedValueWriter"/> wrote.</summary>
internal static class NestedValueReader
{
    // Decoders bound the depth well below this; it guards the stack against damaged storage.
    private const int MaxDepth = 256;

    public static AttributeValue Read(AttributeType type, ReadOnlySpan<byte> bytes) => Container(type, bytes, depth: 0);

    private static AttributeValue Container(AttributeType type, ReadOnlySpan<byte> bytes, int depth)
    {
        if (depth > MaxDepth)
            throw new FrameFormatException(0, "a value nested too deeply");
        var source = new ByteSource(bytes);
        if (type == AttributeType.Array)
        {
            var items = new List<AttributeValue>();
            while (source.Remaining > 0)
                items.Add(Element(ref source, depth));
            return AttributeValue.Of(items);
        }

        var entries = new List<SpanAttribute>();
        while (source.Remaining > 0)
        {
            var key = Encoding.UTF8.GetString(source.Bytes(source.Count()));
            entries.Add(new SpanAttribute(key, Element(ref source, depth)));
        }

        return AttributeValue.Of(entries);
    }

    private static AttributeValue Element(ref ByteSource source, int depth)
    {
        var type = (AttributeType)source.Index((int)AttributeType.Map + 1);
        return type switch
        {
            AttributeType.Empty => default,
            AttributeType.True => AttributeValue.Of(true),
            AttributeType.False => AttributeValue.Of(false),
            AttributeType.Int64 => AttributeValue.Of(Varints.UnZigZag(source.Varint())),
            AttributeType.Double => AttributeValue.Of(BitConverter.UInt64BitsToDouble(source.Fixed64())),
            AttributeType.String => AttributeValue.Of(Encoding.UTF8.GetString(source.Bytes(source.Count()))),
            AttributeType.Bytes => AttributeValue.Of(source.Bytes(source.Count()).ToArray()),
            _ => Container(type, source.Bytes(source.Count()), depth + 1),
        };
    }
}
