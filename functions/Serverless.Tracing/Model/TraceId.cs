using System.Globalization;

namespace Serverless.Tracing.Model;

/// <summary>A trace id of 64 or 128 bits; a 64-bit id has a zero <see cref="High"/> half.</summary>
/// <param name="High">The high 64 bits; zero for a 64-bit id.</param>
/// <param name="Low">The low 64 bits, which place the trace in its shard.</param>
public readonly record struct TraceId(ulong High, ulong Low) : IComparable<TraceId>
{
    /// <summary>True for the id that no trace may have.</summary>
    public bool IsZero => (High | Low) == 0;

    /// <summary>Reads 1 to 32 hex digits of either case; shorter ids are padded with zeros on the left.</summary>
    public static bool TryParse(ReadOnlySpan<char> hex, out TraceId id)
    {
        id = default;
        if (hex.Length is 0 or > 32)
            return false;
        var low = hex.Length > 16 ? hex[^16..] : hex;
        ulong high = 0;
        if (hex.Length > 16 && !TryParseHex(hex[..^16], out high))
            return false;
        if (!TryParseHex(low, out var lowValue))
            return false;
        id = new TraceId(high, lowValue);
        return true;
    }

    /// <summary>A hash with a secret of the process, of all bits: senders choose ids, and could choose such as collide.</summary>
    public override int GetHashCode() => HashCode.Combine((uint)Low, (uint)(Low >> 32), (uint)High, (uint)(High >> 32));

    /// <summary>By the low half first, as trace rows are ordered.</summary>
    public int CompareTo(TraceId other) => Low != other.Low ? Low.CompareTo(other.Low) : High.CompareTo(other.High);

    /// <summary>16 lower-case hex digits for a 64-bit id, else 32: how Jaeger's legacy API and Zipkin print it.</summary>
    public override string ToString() => High == 0 ? Low.ToString("x16", CultureInfo.InvariantCulture) : ToHex32();

    /// <summary>Always 32 lower-case hex digits, as OpenTelemetry prints it.</summary>
    public string ToHex32() => string.Create(CultureInfo.InvariantCulture, $"{High:x16}{Low:x16}");

    private static bool TryParseHex(ReadOnlySpan<char> hex, out ulong value)
    {
        value = 0;
        foreach (var digit in hex)
        {
            if (!char.IsAsciiHexDigit(digit))
                return false;
            value = (value << 4) | (uint)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        return true;
    }
}
