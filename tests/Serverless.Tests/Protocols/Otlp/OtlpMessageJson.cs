using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Serverless.Tests.Protocols.Protobuf;

namespace Serverless.Tests.Protocols.Otlp;

/// <summary>A message in proto3's JSON, with OTLP's exceptions: ids in hex, enumerations as numbers.</summary>
/// <remarks>https://protobuf.dev/programming-guides/json, https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding</remarks>
internal static class OtlpMessageJson
{
    public static byte[] Of(DynamicMessage message)
    {
        var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
            Write(json, message);
        return bytes.ToArray();
    }

    private static void Write(Utf8JsonWriter json, DynamicMessage message)
    {
        json.WriteStartObject();
        foreach (var (field, values) in message.Present)
        {
            json.WritePropertyName(field.Name);
            if (field.IsRepeated)
                json.WriteStartArray();
            foreach (var value in values)
                Write(json, field, value);
            if (field.IsRepeated)
                json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ProtoField field, object value)
    {
        switch (value)
        {
            case DynamicMessage message:
                Write(json, message);
                break;
            case ByteString bytes when field.IdBytes > 0:
                json.WriteStringValue(Convert.ToHexStringLower(bytes.Span));
                break;
            case ByteString bytes:
                json.WriteBase64StringValue(bytes.Span);
                break;
            case long or ulong:
                json.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"{value}"));
                break;
            case double number when !double.IsFinite(number):
                json.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
                break;
            default:
                JsonSerializer.Serialize(json, value);
                break;
        }
    }
}
