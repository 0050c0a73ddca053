using System.Runtime.CompilerServices;

namespace Serverless.Tracing.Frames;

/// <summary>Base-128 varints, low 7 bits first, and zigzag for signed numbers, as Protocol Buffers encode them.</summary>
internal static class Varints
{
    /// <summary>The most bytes that a 64-bit varint takes.</summary>
    public const int MaxBytes = 10;

    /// <summary>Writes a value where there is room for <see cref="MaxBytes"/>.</summary>
    /// <returns>The bytes written.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(Span<byte> to, ulong value)
    {
        var i = 0;
        while (value >= 0x80)
        {
            to[i++] = (byte)(value | 0x80);
            value >>= 7;
        }

        to[i++] = (byte)value;
        return i;
    }

    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
