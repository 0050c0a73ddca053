namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>Reads Zipkin's ids: lower-case hex, short ones padded, what is wrong said in Zipkin's words.</summary>
internal static class ZipkinIds
{
    /// <summary>Digits of a span id.</summary>
    public const int SpanDigits = 16;

    /// <summary>Digits of a trace id.</summary>
    public const int TraceDigits = 32;

    /// <summary>Reads an id of up to <paramref name="most"/> digits; <paramref name="name"/> is the field's, for the error.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? Read(ReadOnlySpan<byte> hex, int most, string name, out ulong high, out ulong low)
    {
        high = low = 0;
        if (hex.IsEmpty)
            return name + " is empty";
        if (hex.Length > most)
            return $"{name}.length > {most}";
        foreach (var c in hex)
        {
            uint digit;
            if (c is >= (byte)'0' and <= (byte)'9')
                digit = (uint)c - '0';
            else if (c is >= (byte)'a' and <= (byte)'f')
                digit = (uint)c - 'a' + 10;
            else
                return JsonPlace.Quote(hex) + " should be lower-hex encoded with no prefix";
            high = (high << 4) | (low >> 60);
            low = (low << 4) | digit;
        }

        return null;
    }
}
