using System.Buffers;
using System.Globalization;
using System.Text;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>Texts in lower case, rune by rune and independent of language, without an object for each.</summary>
internal sealed class LowerText
{
    private const int LargestKept = 1 << 18;

    private byte[] _bytes = new byte[1024];

    /// <summary>The text in lower case; it holds until the next call. What is not valid UTF-8 comes back as it is.</summary>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> utf8)
    {
        if (Ascii.IsValid(utf8))
        {
            if (!utf8.ContainsAnyInRange((byte)'A', (byte)'Z'))
                return utf8;
            Ascii.ToLower(utf8, Reserve(utf8.Length), out var lowered);
            return _bytes.AsSpan(0, lowered);
        }

        // A lower-case rune is at most half as long again in UTF-8 (Ⱥ has 2 bytes, ⱥ has 3).
        var to = Reserve(utf8.Length * 2);
        var used = 0;
        for (var from = utf8; !from.IsEmpty;)
        {
            if (Rune.DecodeFromUtf8(from, out var rune, out var read) != OperationStatus.Done)
                return utf8;
            used += Rune.ToLower(rune, CultureInfo.InvariantCulture).EncodeToUtf8(to[used..]);
            from = from[read..];
        }

        return to[..used];
    }

    /// <summary>Gives memory back that an unusual text made it take.</summary>
    public void Trim()
    {
        if (_bytes.Length > LargestKept)
            _bytes = new byte[1024];
    }

    private Span<byte> Reserve(int length)
    {
        if (_bytes.Length < length)
            _bytes = new byte[Math.Max(length, _bytes.Length * 2)];
        return _bytes;
    }
}
