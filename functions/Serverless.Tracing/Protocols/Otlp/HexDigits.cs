namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>Hex digits of either case as bytes of text.</summary>
internal static class HexDigits
{
    private static readonly sbyte[] Values = MakeValues();

    /// <summary>Reads up to 16 digits; false where one is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> digits, out ulong value)
    {
        value = 0;
        var all = 0;
        foreach (var digit in digits)
        {
            int bits = Values[digit];
            all |= bits;
            value = (value << 4) | (uint)(bits & 0xF);
        }

        return all >= 0;
    }

    private static sbyte[] MakeValues()
    {
        var values = new sbyte[256];
        Array.Fill(values, (sbyte)-1);
        for (var i = 0; i < 16; i++)
        {
            values["0123456789abcdef"[i]] = (sbyte)i;
            values["0123456789ABCDEF"[i]] = (sbyte)i;
        }

        return values;
    }
}
