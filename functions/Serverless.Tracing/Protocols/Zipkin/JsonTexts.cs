using System.Text.Json;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>The texts of a JSON document as UTF-8: unescaped without an object for each.</summary>
internal sealed class JsonTexts
{
    private const int LargestKept = 1 << 18;

    private byte[] _unescaped = new byte[1024];

    /// <summary>
    /// The text of a string, property name or number token; it holds until the next call. Unlike
    /// <see cref="Utf8JsonReader.CopyString(Span{byte})"/> it reads an escaped half of a surrogate pair as U+FFFD: JavaScript senders
    /// cut texts in the middle of a pair, and Zipkin takes them.
    /// </summary>
    public ReadOnlySpan<byte> Read(ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped ? Unescape(reader.ValueSpan) : reader.ValueSpan;

    /// <summary>Gives memory back that an unusual text made it take.</summary>
    public void Trim()
    {
        if (_unescaped.Length > LargestKept)
            _unescaped = new byte[1024];
    }

    private ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> escaped)
    {
        if (_unescaped.Length < escaped.Length)
            _unescaped = new byte[Math.Max(escaped.Length, _unescaped.Length * 2)];
        return _unescaped.AsSpan(0, JsonEscapes.Resolve(escaped, _unescaped));
    }
}
