using System.Buffers.Binary;
using System.Globalization;

namespace Serverless.Tracing.Ledger;

/// <summary>
/// The id of a request, which its sender gets with the answer: when it came, in milliseconds since 1970 (48 bits), and 48 random bits. As
/// text 24 hex digits.
/// </summary>
/// <param name="TimeMs">When the request came.</param>
/// <param name="Random">What tells it from others of that millisecond.</param>
public readonly record struct ReceiptId(long TimeMs, ulong Random)
{
    /// <summary>How many random bytes an id has.</summary>
    public const int RandomBytes = 6;

    private const int TextLength = 24;
    private const ulong RandomMask = (1UL << (RandomBytes * 8)) - 1;

    /// <summary>A new id.</summary>
    public static ReceiptId New(DateTimeOffset now) =>
        new(now.ToUnixTimeMilliseconds(), (ulong)System.Random.Shared.NextInt64() & RandomMask);

    /// <summary>Reads the text of an id.</summary>
    public static bool TryParse(string text, out ReceiptId id)
    {
        id = default;
        if (text.Length != TextLength
            || !long.TryParse(text.AsSpan(0, TextLength / 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var time)
            || !ulong.TryParse(text.AsSpan(TextLength / 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var random))
            return false;
        id = new ReceiptId(time, random);
        return true;
    }

    /// <summary>When the request came.</summary>
    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeMilliseconds(TimeMs);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{TimeMs:x12}{Random:x12}");

    /// <summary>The random bytes.</summary>
    internal void WriteRandom(Span<byte> to)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Random);
        bytes[..RandomBytes].CopyTo(to);
    }

    /// <summary>An id of a time and random bytes.</summary>
    internal static ReceiptId Of(long timeMs, ReadOnlySpan<byte> random)
    {
        Span<byte> bytes = stackalloc byte[8];
        random[..RandomBytes].CopyTo(bytes);
        return new ReceiptId(timeMs, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
    }
}
