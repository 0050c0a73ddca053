using System.Numerics;

namespace Serverless.Tracing.Frames;

/// <summary>
/// The starts and durations of a frame's spans, as many bits for each as the largest needs: they are the part of a span that is
/// least alike from trace to trace, and a compressor makes nothing of bits that are always zero but not in a byte of their own.
/// </summary>
/// <remarks>
/// <code>
/// times     = startBits:byte durationBits:byte (start duration)*n     low bits first; durations zigzag where one is negative
/// </code>
/// The high bit of <c>durationBits</c> says zigzag.
/// </remarks>
internal static class PackedTimes
{
    private const int HeadBytes = 2;
    private const byte ZigZag = 0x80;

    /// <summary>Writes the times of spans.</summary>
    public static void Write(ReadOnlySpan<(ulong Start, long Duration)> times, ByteSink to)
    {
        ulong starts = 0, durations = 0;
        var negative = false;
        foreach (var (start, duration) in times)
        {
            starts |= start;
            durations |= (ulong)duration;
            negative |= duration < 0;
        }

        if (negative)
        {
            durations = 0;
            foreach (var (_, duration) in times)
                durations |= Varints.ZigZag(duration);
        }

        var startBits = Bits(starts);
        var durationBits = Bits(durations);
        to.Byte((byte)startBits);
        to.Byte((byte)(durationBits | (negative ? ZigZag : 0)));
        var writer = new BitWriter(to);
        foreach (var (start, duration) in times)
        {
            writer.Write(start, startBits);
            writer.Write(negative ? Varints.ZigZag(duration) : (ulong)duration, durationBits);
        }

        writer.End();
    }

    /// <summary>Whether there are bytes enough for the times of so many spans.</summary>
    public static bool IsComplete(ReadOnlySpan<byte> times, int spans) =>
        times.Length >= HeadBytes && times[0] <= 64 && (times[1] & ~ZigZag) <= 64
        && times.Length >= HeadBytes + (((long)spans * (times[0] + (times[1] & ~ZigZag))) + 7) / 8;

    /// <summary>The times of a span, of what <see cref="IsComplete"/> has passed.</summary>
    public static (ulong Start, long Duration) Read(ReadOnlySpan<byte> times, int span)
    {
        var startBits = times[0];
        var durationBits = times[1] & ~ZigZag;
        var at = (HeadBytes * 8) + ((long)span * (startBits + durationBits));
        var start = Read(times, at, startBits);
        var duration = Read(times, at + startBits, durationBits);
        return (start, (times[1] & ZigZag) != 0 ? Varints.UnZigZag(duration) : (long)duration);
    }

    private static int Bits(ulong value) => 64 - BitOperations.LeadingZeroCount(value);

    private static ulong Read(ReadOnlySpan<byte> bytes, long atBit, int bits)
    {
        ulong value = 0;
        for (var got = 0; got < bits;)
        {
            var at = atBit + got;
            var offset = (int)(at & 7);
            var take = Math.Min(8 - offset, bits - got);
            value |= ((ulong)(bytes[(int)(at >> 3)] >> offset) & ((1UL << take) - 1)) << got;
            got += take;
        }

        return value;
    }

    private ref struct BitWriter(ByteSink to)
    {
        private ulong _pending;
        private int _bits;

        public void Write(ulong value, int bits)
        {
            while (bits > 0)
            {
                var take = Math.Min(bits, 32);
                _pending |= (value & ((1UL << take) - 1)) << _bits;
                _bits += take;
                bits -= take;
                value >>= take;
                for (; _bits >= 8; _bits -= 8, _pending >>= 8)
                    to.Byte((byte)_pending);
            }
        }

        public void End()
        {
            if (_bits > 0)
                to.Byte((byte)_pending);
        }
    }
}
