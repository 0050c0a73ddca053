using System.Text;
using System.Text.Json;

namespace Serverless.Tests.Fuzzing;

/// <summary>JSON. Leaves and names are kept as they are spelled, so that any spelling can be tried.</summary>
internal sealed class JsonFuzzFormat : FuzzFormat
{
    private const int Scalar = 0;
    private const int Object = 1;
    private const int Array = 2;

    private static readonly string[] Leaves =
    [
        "null", "true", "false", "0", "-0", "-1", "1", "1e3", "1.5", "1e999", "-1e-999", "18446744073709551615", "18446744073709551616",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e18", "9.3e18", "123456789012345678901234567890",
        "\"\"", "\"0\"", "\"1\"", "\" 1\"", "\"-1\"", "\"1e3\"", "\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "\"true\"", "\"\\ud800\"", "\"\\udc00x\"",
        "\"\\ud83d\\ude00\"", "\"\\u0000\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"0000000000000000\"", "\"00000000000000000000000000000000\"",
        "\"5b8efff798038103d269b633813fc60c\"", "\"eee19b7ec3c1b174\"", "\"AP/+AQ==\"", "\"AP_-AQ\"", "\"A\"", "\"::1\"", "\"127.0.0.1\"", "\"::ffff:1.2.3.4\"",
        "\"1.2.3\"", "\"CLIENT\"", "\"SERVER\"", "\"cs\"", "\"sr\"", "\"lc\"", "\"error\"", "\"SPAN_KIND_SERVER\"", "\"STATUS_CODE_ERROR\"", "[]", "{}", "[[]]", "[null]",
    ];

    private static readonly string[] Names =
    [
        "traceId", "id", "spanId", "parentId", "parentSpanId", "kind", "name", "timestamp", "duration", "localEndpoint", "remoteEndpoint", "annotations",
        "binaryAnnotations", "tags", "debug", "shared", "serviceName", "ipv4", "ipv6", "port", "value", "key", "endpoint", "type", "resourceSpans", "resource",
        "scopeSpans", "scope", "spans", "attributes", "events", "links", "status", "flags", "stringValue", "intValue", "doubleValue", "boolValue", "bytesValue",
        "arrayValue", "kvlistValue", "values", "startTimeUnixNano", "endTimeUnixNano", "timeUnixNano", "schemaUrl", "droppedAttributesCount", "trace_id", "span_id", "",
        "\\u0069d", "error",
    ];

    public override FuzzNode? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 1000 });
            return reader.Read() ? Read(ref reader, body) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public override byte[] Write(FuzzNode root)
    {
        using var output = new MemoryStream();
        Write(output, root);
        return output.ToArray();
    }

    public override void ChangeLeaf(FuzzNode leaf, Random random)
    {
        leaf.Kind = Scalar;
        if (random.Next(4) != 0 || leaf.Leaf.Length < 2 || leaf.Leaf[0] != '"')
        {
            leaf.Leaf = Encoding.UTF8.GetBytes(Leaves[random.Next(Leaves.Length)]);
            return;
        }

        // A long text, or one that is cut or has something in it that does not belong there.
        var text = leaf.Leaf.AsSpan(1, leaf.Leaf.Length - 2);
        byte[] inside = random.Next(3) switch
        {
            0 => [.. text, .. Enumerable.Repeat((byte)'x', random.Next(100_000))],
            1 => [.. text[..random.Next(text.Length + 1)], (byte)random.Next(0x20, 256), .. text],
            _ => text[..random.Next(text.Length + 1)].ToArray(),
        };
        leaf.Leaf = [(byte)'"', .. inside, (byte)'"'];
    }

    public override string ChangeName(string name, Random random) => Names[random.Next(Names.Length)];

    private static FuzzNode Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            return new FuzzNode(Scalar) { Leaf = body[(int)reader.TokenStartIndex..(int)reader.BytesConsumed].ToArray() };
        var isObject = reader.TokenType == JsonTokenType.StartObject;
        var node = new FuzzNode(isObject ? Object : Array) { Children = [] };
        while (reader.Read() && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
        {
            var name = "";
            if (isObject)
            {
                name = Encoding.UTF8.GetString(reader.ValueSpan);
                reader.Read();
            }

            var child = Read(ref reader, body);
            child.Name = name;
            node.Children.Add(child);
        }

        return node;
    }

    private static void Write(MemoryStream output, FuzzNode node)
    {
        if (node.Children is null)
        {
            output.Write(node.Leaf);
            return;
        }

        output.WriteByte(node.Kind == Array ? (byte)'[' : (byte)'{');
        for (var i = 0; i < node.Children.Count; i++)
        {
            if (i > 0)
                output.WriteByte((byte)',');
            if (node.Kind != Array)
                output.Write(Encoding.UTF8.GetBytes($"\"{node.Children[i].Name}\":"));
            Write(output, node.Children[i]);
        }

        output.WriteByte(node.Kind == Array ? (byte)']' : (byte)'}');
    }
}
