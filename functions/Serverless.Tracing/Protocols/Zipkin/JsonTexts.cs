using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>The texts of a JSON document as UTF-8: unescaped, lower-cased and cut without an object for each.</summary>
internal sealed class JsonTexts
{
    private const int LargestKept = 1 << 18;

    private byte[] _unescaped = new byte[1024];
    private byte[] _lower = new byte[1024];

    /// <summary>
    /// The text of a string, property name or number token; it holds until the next call. Unlike
    /// <see cref="Utf8JsonReader.CopyString(Span{byte})"/> it reads an escaped half of a surrogate pair as U+FFFD: JavaScript senders
    /// cut texts in the middle of a pair, and Zipkin takes them.
    /// </summary>
    public ReadOnlySpan<byte> Read(ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped ? Unescape(reader.ValueSpan) : reader.ValueSpan;

    /// <summary>The text in lower case, rune by rune and independent of language.</summary>
    public ReadOnlySpan<byte> ToLower(ReadOnlySpan<byte> utf8)
    {
        if (Ascii.IsValid(utf8))
        {
            if (!utf8.ContainsAnyInRange((byte)'A', (byte)'Z'))
                return utf8;
            Ascii.ToLower(utf8, Reserve(ref _lower, utf8.Length), out var lowered);
            return _lower.AsSpan(0, lowered);
        }

        // A lower-case rune is at most half as long again in UTF-8 (Ⱥ has 2 bytes, ⱥ has 3).
        var to = Reserve(ref _lower, utf8.Length * 2);
        var used = 0;
        for (var from = utf8; !from.IsEmpty;)
        {
            if (Rune.DecodeFromUtf8(from, out var rune, out var read) != System.Buffers.OperationStatus.Done)
                return utf8;
            used += Rune.ToLower(rune, CultureInfo.InvariantCulture).EncodeToUtf8(to[used..]);
            from = from[read..];
        }

        return to[..used];
    }

    /// <summary>Gives memory back that an unusual text made it take.</summary>
    public void Trim()
    {
        if (_unescaped.Length > LargestKept)
            _unescaped = new byte[1024];
        if (_lower.Length > LargestKept)
            _lower = new byte[1024];
    }

    private ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> escaped)
    {
        var to = Reserve(ref _unescaped, escaped.Length);
        return to[..JsonEscapes.Resolve(escaped, to)];
    }

    private static Span<byte> Reserve(ref byte[] buffer, int length)
    {
        if (buffer.Length < length)
            buffer = new byte[Math.Max(length, buffer.Length * 2)];
        return buffer;
    }
}
