using System.Globalization;
using System.Text;
using System.Text.Json;
using Serverless.Tracing.Protocols.Protobuf;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>Finds the path of a token by its place in the body, reading it again from the start; see <see cref="ProtobufPath"/>.</summary>
internal static class OtlpJsonPath
{
    private const int LongestShown = 64;
    private const int MaxDepth = 1_000;

    /// <summary>The path of the token at <paramref name="offset"/>, or of the last one before it.</summary>
    public static string Of(ReadOnlySpan<byte> body, long offset)
    {
        var levels = new List<Level>();
        var json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            while (json.Read() && json.TokenStartIndex <= offset)
                Follow(ref json, levels, json.TokenStartIndex == offset);
        }
        catch (JsonException)
        {
            // The body is malformed there: the path leads to what came before.
        }

        var path = new StringBuilder();
        foreach (var level in levels)
        {
            if (level.NameLength >= 0)
                path.Append(path.Length == 0 ? "" : ".").Append(Printable(body.Slice(level.NameStart, level.NameLength)));
            else if (level.Index >= 0)
                path.Append(CultureInfo.InvariantCulture, $"[{level.Index}]");
        }

        return path.ToString();
    }

    /// <summary>A text of the body as an error may show it: the beginning, without what could do harm in a terminal or page.</summary>
    public static string Printable(ReadOnlySpan<byte> text, int longest = LongestShown)
    {
        var printable = new StringBuilder();
        foreach (var c in text[..Math.Min(text.Length, longest)])
            printable.Append(c is >= 0x20 and < 0x7F and not ((byte)'<' or (byte)'>' or (byte)'&') ? (char)c : '?');
        return (text.Length > longest ? printable.Append("...") : printable).ToString();
    }

    private static void Follow(ref Utf8JsonReader json, List<Level> levels, bool isLast)
    {
        if (json.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject)
        {
            levels.RemoveAt(levels.Count - 1);
            return;
        }

        if (levels.Count > 0)
        {
            var level = levels[^1];
            if (json.TokenType == JsonTokenType.PropertyName)
                levels[^1] = level with { NameStart = (int)json.TokenStartIndex + 1, NameLength = json.ValueSpan.Length };
            else if (level.IsArray)
                levels[^1] = level with { Index = level.Index + 1 };
        }

        if (!isLast && json.TokenType is (JsonTokenType.StartArray or JsonTokenType.StartObject))
            levels.Add(new Level(json.TokenType == JsonTokenType.StartArray, -1, 0, -1));
    }

    /// <summary>An array with the index of its current element, or an object with the place of its current name.</summary>
    private readonly record struct Level(bool IsArray, int Index, int NameStart, int NameLength);
}
