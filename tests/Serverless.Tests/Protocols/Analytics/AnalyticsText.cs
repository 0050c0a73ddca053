using System.Buffers;
using System.Text;
using System.Text.Json;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Analytics;

namespace Serverless.Tests.Protocols.Analytics;

/// <summary>What the writer of lines writes, as text and as JSON.</summary>
internal static class AnalyticsText
{
    public static string Of(AssembledTrace trace, int version = 1, AnalyticsLines? lines = null)
    {
        var bytes = new ArrayBufferWriter<byte>();
        (lines ?? new AnalyticsLines()).Write(trace, version, bytes);
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.WrittenSpan);
    }

    public static string Of(params Span[] spans) => Of(AssembledTrace.Assemble(spans));

    /// <summary>Every line is one JSON object with known columns, each once; line feeds stand only between them.</summary>
    public static List<JsonElement> Parse(string lines)
    {
        Assert.True(lines.Length == 0 || lines.EndsWith('\n'));
        var known = AnalyticsColumns.All.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        var rows = new List<JsonElement>();
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var row = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 512, AllowDuplicateProperties = false }).RootElement;
            Assert.Equal(JsonValueKind.Object, row.ValueKind);
            Assert.All(row.EnumerateObject(), column => Assert.Contains(column.Name, known));
            rows.Add(row);
        }

        return rows;
    }
}
