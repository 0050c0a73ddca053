using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace Serverless.Tracing.Protocols.Analytics;

/// <summary>
/// JSON as UTF-8 in a growing buffer that keeps its memory. Escapes only what JSON says must be (RFC 8259, section 7). Commas are the caller's
/// business: it knows where they go, so that nothing has to be remembered per token.
/// </summary>
internal sealed class JsonBytes
{
    private const int FirstBytes = 4 * 1024;
    private const int LongestNumber = 32;
    private const int BytesPerChar = 3;
    private const int BytesPerEscape = 6;

    private static readonly SearchValues<char> Escaped =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (char)c), '"', '\\']);

    private byte[] _bytes = new byte[FirstBytes];
    private int _length;

    public int Length => _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Reset() => _length = 0;

    /// <summary>Takes back what was written after a length.</summary>
    public void TruncateTo(int length) => _length = length;

    /// <summary>Forgets the first bytes; the others move to the front.</summary>
    public void RemoveFirst(int bytes)
    {
        _bytes.AsSpan(bytes, _length - bytes).CopyTo(_bytes);
        _length -= bytes;
    }

    /// <summary>Forgets everything, and gives memory back that an unusual trace made it take.</summary>
    public void Trim(int keepAtMost)
    {
        _length = 0;
        if (_bytes.Length > keepAtMost)
            _bytes = new byte[FirstBytes];
    }

    /// <summary>Bytes that are JSON already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Raw(ReadOnlySpan<byte> json)
    {
        Reserve(json.Length);
        json.CopyTo(_bytes.AsSpan(_length));
        _length += json.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Raw(byte json)
    {
        Reserve(1);
        _bytes[_length++] = json;
    }

    public void Number(long value)
    {
        Reserve(LongestNumber);
        value.TryFormat(_bytes.AsSpan(_length), out var written, default, CultureInfo.InvariantCulture);
        _length += written;
    }

    public void Boolean(bool value) => Raw(value ? "true"u8 : "false"u8);

    /// <summary>
    /// A number that reads back as the same one and as a floating-point one: 1 is <c>1.0</c>. JSON has no NaN and no infinities: they are
    /// the texts that Kusto writes for them.
    /// </summary>
    public void Number(double value)
    {
        if (!double.IsFinite(value))
        {
            Raw(double.IsNaN(value) ? "\"NaN\""u8 : value > 0 ? "\"Infinity\""u8 : "\"-Infinity\""u8);
            return;
        }

        Reserve(LongestNumber);
        value.TryFormat(_bytes.AsSpan(_length), out var written, default, CultureInfo.InvariantCulture);
        var isInteger = !_bytes.AsSpan(_length, written).ContainsAny((byte)'.', (byte)'E');
        _length += written;
        if (isInteger)
            Raw(".0"u8);
    }

    /// <summary>A text in quotation marks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Text(ReadOnlySpan<char> text)
    {
        Reserve((text.Length * BytesPerChar) + 2);
        _bytes[_length++] = (byte)'"';
        Characters(text);
        Raw((byte)'"');
    }

    /// <summary>Bytes as base64 in quotation marks.</summary>
    public void Base64(ReadOnlySpan<byte> bytes)
    {
        Reserve(System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(bytes.Length) + 2);
        _bytes[_length++] = (byte)'"';
        System.Buffers.Text.Base64.EncodeToUtf8(bytes, _bytes.AsSpan(_length), out _, out var written);
        _length += written;
        _bytes[_length++] = (byte)'"';
    }

    /// <summary>A number as 16 lower-case hex digits, without quotation marks.</summary>
    public void Hex(ulong value)
    {
        Span<byte> bigEndian = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bigEndian, value);
        Reserve(16);
        Convert.TryToHexStringLower(bigEndian, _bytes.AsSpan(_length), out var written);
        _length += written;
    }

    /// <summary>A value in its own UTF-8 form in quotation marks, none of whose characters needs an escape.</summary>
    public void Formatted<T>(T value, int mostBytes, ReadOnlySpan<char> format = default)
        where T : IUtf8SpanFormattable
    {
        Reserve(mostBytes + 2);
        _bytes[_length++] = (byte)'"';
        value.TryFormat(_bytes.AsSpan(_length), out var written, format, CultureInfo.InvariantCulture);
        _length += written;
        _bytes[_length++] = (byte)'"';
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reserve(int bytes)
    {
        if (_bytes.Length - _length < bytes)
            Grow(bytes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int by) => Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, checked(_length + by)));

    private void Characters(ReadOnlySpan<char> text)
    {
        while (true)
        {
            var plain = text.IndexOfAny(Escaped);
            var run = plain < 0 ? text : text[..plain];
            Utf8.FromUtf16(run, _bytes.AsSpan(_length), out _, out var written);
            _length += written;
            if (plain < 0)
                return;
            Escape(text[plain]);
            text = text[(plain + 1)..];
            Reserve((text.Length * BytesPerChar) + BytesPerEscape);
        }
    }

    private void Escape(char c)
    {
        Reserve(BytesPerEscape);
        _bytes[_length++] = (byte)'\\';
        var kind = c switch { '"' or '\\' => (byte)c, '\n' => (byte)'n', '\r' => (byte)'r', '\t' => (byte)'t', _ => (byte)'u' };
        _bytes[_length++] = kind;
        if (kind != 'u')
            return;
        "00"u8.CopyTo(_bytes.AsSpan(_length));
        Convert.TryToHexStringLower([(byte)c], _bytes.AsSpan(_length + 2), out _);
        _length += 4;
    }
}
