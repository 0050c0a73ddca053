using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Google.Protobuf;

namespace Serverless.Tests.Protocols.Zipkin;

/// <summary>Zipkin's other formats, written from its JSON: proto3 by Google's own writer, thrift by hand.</summary>
internal static class ZipkinFormats
{
    private static readonly string[] Kinds = ["", "CLIENT", "SERVER", "PRODUCER", "CONSUMER"];

    /// <summary>JSON v2 as proto3.</summary>
    public static byte[] Proto3(string jsonV2)
    {
        using var json = JsonDocument.Parse(jsonV2);
        return Message(list =>
        {
            foreach (var span in json.RootElement.EnumerateArray())
                WriteBytes(list, 1, Message(to => WriteSpan(to, span)));
        });
    }

    /// <summary>JSON v1 as thrift; a <c>type</c> beside a value says how wide its integer is.</summary>
    public static byte[] Thrift(string jsonV1)
    {
        using var json = JsonDocument.Parse(jsonV1);
        return new ThriftBytes().List(ThriftBytes.Struct, [.. json.RootElement.EnumerateArray().Select(ThriftSpan)]).ToArray();
    }

    /// <summary>A message of whatever is written.</summary>
    public static byte[] Message(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var to = new CodedOutputStream(bytes, leaveOpen: true))
            write(to);
        return bytes.ToArray();
    }

    public static void WriteBytes(CodedOutputStream to, int field, byte[] value)
    {
        to.WriteTag(field, WireFormat.WireType.LengthDelimited);
        to.WriteBytes(ByteString.CopyFrom(value));
    }

    public static void WriteText(CodedOutputStream to, int field, string value)
    {
        to.WriteTag(field, WireFormat.WireType.LengthDelimited);
        to.WriteString(value);
    }

    public static void WriteFixed64(CodedOutputStream to, int field, ulong value)
    {
        to.WriteTag(field, WireFormat.WireType.Fixed64);
        to.WriteFixed64(value);
    }

    public static void WriteVarint(CodedOutputStream to, int field, ulong value)
    {
        to.WriteTag(field, WireFormat.WireType.Varint);
        to.WriteUInt64(value);
    }

    /// <summary>What an endpoint is in thrift.</summary>
    public static ThriftBytes ThriftEndpoint(JsonElement endpoint)
    {
        var to = new ThriftBytes();
        if (Text(endpoint, "ipv4") is { } ipv4)
            to.I32(1, BitConverter.ToInt32([.. IPAddress.Parse(ipv4).GetAddressBytes().Reverse()]));
        to.I16(2, unchecked((short)Number(endpoint, "port"))).Text(3, Text(endpoint, "serviceName") ?? "");
        if (Text(endpoint, "ipv6") is { } ipv6)
            to.Bytes(4, IPAddress.Parse(ipv6).GetAddressBytes());
        return to.Stop();
    }

    private static void WriteSpan(CodedOutputStream to, JsonElement span)
    {
        foreach (var field in span.EnumerateObject().Where(field => field.Value.ValueKind != JsonValueKind.Null))
        {
            switch (field.Name)
            {
                case "traceId":
                    WriteBytes(to, 1, Id(field.Value));
                    break;
                case "parentId":
                    WriteBytes(to, 2, Id(field.Value));
                    break;
                case "id":
                    WriteBytes(to, 3, Id(field.Value));
                    break;
                case "kind":
                    to.WriteTag(4, WireFormat.WireType.Varint);
                    to.WriteEnum(Array.IndexOf(Kinds, field.Value.GetString()));
                    break;
                case "name":
                    WriteText(to, 5, field.Value.GetString()!);
                    break;
                case "timestamp":
                    WriteFixed64(to, 6, field.Value.GetUInt64());
                    break;
                case "duration":
                    WriteVarint(to, 7, field.Value.GetUInt64());
                    break;
                case "localEndpoint":
                    WriteBytes(to, 8, Message(inner => WriteEndpoint(inner, field.Value)));
                    break;
                case "remoteEndpoint":
                    WriteBytes(to, 9, Message(inner => WriteEndpoint(inner, field.Value)));
                    break;
                case "annotations":
                    foreach (var one in field.Value.EnumerateArray())
                    {
                        WriteBytes(to, 10, Message(inner =>
                        {
                            WriteFixed64(inner, 1, one.GetProperty("timestamp").GetUInt64());
                            WriteText(inner, 2, one.GetProperty("value").GetString()!);
                        }));
                    }

                    break;
                case "tags":
                    foreach (var tag in field.Value.EnumerateObject())
                    {
                        var value = tag.Value.ValueKind == JsonValueKind.String ? tag.Value.GetString()! : tag.Value.GetRawText();
                        WriteBytes(to, 11, Message(inner =>
                        {
                            WriteText(inner, 1, tag.Name);
                            WriteText(inner, 2, value);
                        }));
                    }

                    break;
                case "debug":
                    to.WriteTag(12, WireFormat.WireType.Varint);
                    to.WriteBool(field.Value.GetBoolean());
                    break;
                case "shared":
                    to.WriteTag(13, WireFormat.WireType.Varint);
                    to.WriteBool(field.Value.GetBoolean());
                    break;
            }
        }
    }

    private static void WriteEndpoint(CodedOutputStream to, JsonElement endpoint)
    {
        if (Text(endpoint, "serviceName") is { } name)
            WriteText(to, 1, name);
        if (Text(endpoint, "ipv4") is { } ipv4)
            WriteBytes(to, 2, IPAddress.Parse(ipv4).GetAddressBytes());
        if (Text(endpoint, "ipv6") is { } ipv6)
            WriteBytes(to, 3, IPAddress.Parse(ipv6).GetAddressBytes());
        to.WriteTag(4, WireFormat.WireType.Varint);
        to.WriteInt32((int)Number(endpoint, "port"));
    }

    private static byte[] Id(JsonElement id)
    {
        var hex = id.GetString()!;
        return Convert.FromHexString(hex.Length % 2 == 0 ? hex : "0" + hex);
    }

    private static ThriftBytes ThriftSpan(JsonElement span)
    {
        var to = new ThriftBytes();
        var trace = Text(span, "traceId")!.PadLeft(32, '0');
        to.I64(1, Hex(trace[16..])).Text(3, Text(span, "name") ?? "").I64(4, Hex(Text(span, "id")!));
        if (Text(span, "parentId") is { } parent)
            to.I64(5, Hex(parent));
        to.Field(ThriftBytes.ListType, 6).List(ThriftBytes.Struct, [.. Items(span, "annotations").Select(Annotation)]);
        to.Field(ThriftBytes.ListType, 8).List(ThriftBytes.Struct, [.. Items(span, "binaryAnnotations").Select(BinaryAnnotation)]);
        if (span.TryGetProperty("debug", out var debug))
            to.Bool(9, debug.GetBoolean());
        if (Number(span, "timestamp") is not 0 and var timestamp)
            to.I64(10, timestamp);
        if (Number(span, "duration") is not 0 and var duration)
            to.I64(11, duration);
        if (Hex(trace[..16]) is not 0 and var high)
            to.I64(12, high);
        return to.Stop();
    }

    private static ThriftBytes Annotation(JsonElement annotation)
    {
        var to = new ThriftBytes().I64(1, annotation.GetProperty("timestamp").GetInt64()).Text(2, Text(annotation, "value")!);
        if (annotation.TryGetProperty("endpoint", out var endpoint))
            to.Field(ThriftBytes.Struct, 3).Raw(ThriftEndpoint(endpoint).ToArray());
        return to.Stop();
    }

    private static ThriftBytes BinaryAnnotation(JsonElement annotation)
    {
        var to = new ThriftBytes().Text(1, Text(annotation, "key")!);
        if (annotation.TryGetProperty("value", out var value))
        {
            var (type, bytes) = Value(value, Text(annotation, "type"));
            to.Bytes(2, bytes).I32(3, type);
        }

        if (annotation.TryGetProperty("endpoint", out var endpoint))
            to.Field(ThriftBytes.Struct, 4).Raw(ThriftEndpoint(endpoint).ToArray());
        return to.Stop();
    }

    private static (int Type, byte[] Bytes) Value(JsonElement value, string? type) => (value.ValueKind, type) switch
    {
        (JsonValueKind.True, _) => (0, [1]),
        (JsonValueKind.False, _) => (0, [0]),
        (JsonValueKind.Number, "I16") => (2, [.. BitConverter.GetBytes(value.GetInt16()).Reverse()]),
        (JsonValueKind.Number, "I32") => (3, [.. BitConverter.GetBytes(value.GetInt32()).Reverse()]),
        (JsonValueKind.Number, "DOUBLE") => (5, [.. BitConverter.GetBytes(value.GetDouble()).Reverse()]),
        (JsonValueKind.Number, _) => (4, [.. BitConverter.GetBytes(value.GetInt64()).Reverse()]),
        _ => (6, Encoding.UTF8.GetBytes(value.GetString()!)),
    };

    private static IEnumerable<JsonElement> Items(JsonElement span, string name) =>
        span.TryGetProperty(name, out var list) ? list.EnumerateArray() : [];

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : 0;

    private static long Hex(string digits) => unchecked((long)ulong.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
}
