using System.Globalization;
using System.Text.Json;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols;

/// <summary>Writes ids as lower-case hex without making strings of them.</summary>
internal static class HexIds
{
    /// <summary>Writes a trace id as 16 digits if its high half is zero, else as 32.</summary>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, TraceId id)
    {
        Span<byte> hex = stackalloc byte[32];
        var digits = 0;
        if (id.High != 0)
            id.High.TryFormat(hex, out digits, "x16", CultureInfo.InvariantCulture);
        id.Low.TryFormat(hex[digits..], out var more, "x16", CultureInfo.InvariantCulture);
        json.WriteString(name, hex[..(digits + more)]);
    }

    /// <summary>Writes a trace id as 32 digits.</summary>
    public static void WriteWide(Utf8JsonWriter json, ReadOnlySpan<byte> name, TraceId id)
    {
        Span<byte> hex = stackalloc byte[32];
        id.High.TryFormat(hex, out _, "x16", CultureInfo.InvariantCulture);
        id.Low.TryFormat(hex[16..], out _, "x16", CultureInfo.InvariantCulture);
        json.WriteString(name, hex);
    }

    /// <summary>Writes a span id as 16 digits.</summary>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, SpanId id)
    {
        Span<byte> hex = stackalloc byte[16];
        id.Value.TryFormat(hex, out var digits, "x16", CultureInfo.InvariantCulture);
        json.WriteString(name, hex[..digits]);
    }
}
