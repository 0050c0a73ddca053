using System.Buffers;
using System.Text;

namespace Serverless.Local;

/// <summary>
/// The message <c>google.rpc.Status</c> (code 1, message 2, details 3), and in its details <c>google.rpc.RetryInfo</c>
/// (retry_delay 1, a <c>google.protobuf.Duration</c> of seconds 1 and nanos 2) inside of <c>google.protobuf.Any</c> (type_url 1, value 2).
/// </summary>
/// <remarks>googleapis: google/rpc/status.proto, google/rpc/error_details.proto.</remarks>
internal static class RpcStatusMessage
{
    private const string RetryInfoType = "type.googleapis.com/google.rpc.RetryInfo";
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int Fixed32 = 5;
    private const int MaxVarintBytes = 10;
    private const int NanosecondsPerTick = 100;

    /// <summary>The message of a status, with when to try again where it says so.</summary>
    public static byte[] Encode(in GrpcStatus status)
    {
        var message = new ArrayBufferWriter<byte>();
        WriteNumber(message, 1, (long)status.Code);
        WriteBytes(message, 2, Encoding.UTF8.GetBytes(status.Message));
        if (status.RetryDelay is { } delay)
        {
            var duration = new ArrayBufferWriter<byte>();
            WriteNumber(duration, 1, delay.Ticks / TimeSpan.TicksPerSecond);
            WriteNumber(duration, 2, delay.Ticks % TimeSpan.TicksPerSecond * NanosecondsPerTick);
            var retryInfo = new ArrayBufferWriter<byte>();
            WriteBytes(retryInfo, 1, duration.WrittenSpan);
            var any = new ArrayBufferWriter<byte>();
            WriteBytes(any, 1, Encoding.UTF8.GetBytes(RetryInfoType));
            WriteBytes(any, 2, retryInfo.WrittenSpan);
            WriteBytes(message, 3, any.WrittenSpan);
        }

        return message.WrittenSpan.ToArray();
    }

    /// <summary>The text of a status that the app answered; null where the bytes are none.</summary>
    public static string? TextOf(ReadOnlySpan<byte> message)
    {
        string? text = null;
        while (message.Length > 0)
        {
            if (!TryReadVarint(ref message, out var tag))
                return null;
            var skipped = 0UL;
            switch (tag & 7)
            {
                case Varint when TryReadVarint(ref message, out _):
                    break;
                case Fixed64:
                    skipped = sizeof(ulong);
                    break;
                case Fixed32:
                    skipped = sizeof(uint);
                    break;
                case LengthDelimited when TryReadVarint(ref message, out skipped):
                    if (tag >> 3 == 2 && skipped <= (ulong)message.Length)
                        text = Encoding.UTF8.GetString(message[..(int)skipped]);
                    break;
                default:
                    return null;
            }

            if (skipped > (ulong)message.Length)
                return null;
            message = message[(int)skipped..];
        }

        return text;
    }

    private static void WriteNumber(ArrayBufferWriter<byte> to, int field, long value)
    {
        if (value == 0)
            return;
        WriteVarint(to, (ulong)(field << 3) | Varint);
        WriteVarint(to, (ulong)value);
    }

    private static void WriteBytes(ArrayBufferWriter<byte> to, int field, ReadOnlySpan<byte> bytes)
    {
        WriteVarint(to, (ulong)(field << 3) | LengthDelimited);
        WriteVarint(to, (ulong)bytes.Length);
        to.Write(bytes);
    }

    private static void WriteVarint(ArrayBufferWriter<byte> to, ulong value)
    {
        var span = to.GetSpan(MaxVarintBytes);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
            span[length++] = (byte)(value | 0x80);
        span[length++] = (byte)value;
        to.Advance(length);
    }

    private static bool TryReadVarint(ref ReadOnlySpan<byte> from, out ulong value)
    {
        value = 0;
        for (var i = 0; i < from.Length && i < MaxVarintBytes; i++)
        {
            value |= (ulong)(from[i] & 0x7F) << (7 * i);
            if (from[i] >= 0x80)
                continue;
            from = from[(i + 1)..];
            return true;
        }

        return false;
    }
}
