using System.Text.Json;

namespace Serverless.Tests.Local.Kusto;

/// <summary>A query and the result that is documented for it: a line of cases.jsonl.</summary>
internal sealed record KustoCase(
    string Id,
    string Area,
    string Query,
    string[] Columns,
    string[] Types,
    JsonElement Rows,
    JsonElement Rendered,
    JsonElement Typed,
    bool Ordered,
    bool AnyArrayOrder)
{
    public static KustoCase Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement.Clone();
        var rows = root.GetProperty("rows");
        var rendered = root.GetProperty("rows_rendered");
        return new KustoCase(
            root.GetProperty("id").GetString()!,
            root.GetProperty("area").GetString()!,
            root.GetProperty("query").GetString()!,
            root.GetProperty("columns").EnumerateArray().Select(name => name.GetString()!).ToArray(),
            root.GetProperty("types").EnumerateArray().Select(name => name.GetString()!).ToArray(),
            rows,
            rendered.ValueKind == JsonValueKind.Array ? rendered : rows,
            root.GetProperty("typed_rows"),
            root.GetProperty("ordered").GetBoolean(),
            root.GetProperty("array_order_undefined").GetBoolean());
    }
}
