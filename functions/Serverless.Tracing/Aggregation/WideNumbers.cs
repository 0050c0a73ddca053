using Serverless.Tracing.Frames;

namespace Serverless.Tracing.Aggregation;

/// <summary>Signed numbers in stored bytes: zigzag varints of 64 and of up to 128 bits.</summary>
internal static class WideNumbers
{
    private const int MostBits = 128;

    public static void Signed(this ByteSink sink, long value) => sink.Varint(Varints.ZigZag(value));

    public static void Wide(this ByteSink sink, Int128 value)
    {
        if (value >= long.MinValue && value <= long.MaxValue)
        {
            sink.Signed((long)value);
            return;
        }

        var left = (UInt128)((value << 1) ^ (value >> 127));
        for (; left >= 0x80; left >>= 7)
            sink.Byte((byte)((byte)left | 0x80));
        sink.Byte((byte)left);
    }

    public static long Signed(this ref ByteSource source) => Varints.UnZigZag(source.Varint());

    public static Int128 Wide(this ref ByteSource source)
    {
        UInt128 value = 0;
        for (var shift = 0; shift < MostBits; shift += 7)
        {
            var next = source.Byte();
            value |= (UInt128)(next & 0x7FU) << shift;
            if (next < 0x80)
                return (Int128)(value >> 1) ^ -(Int128)(value & 1);
        }

        throw new FrameFormatException(source.Position, "a number over 128 bits");
    }
}
