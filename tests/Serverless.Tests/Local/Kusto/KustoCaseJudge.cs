using System.Globalization;
using System.Text.Json;
using Serverless.Local.Kusto;

namespace Serverless.Tests.Local.Kusto;

/// <summary>
/// Compares a result with the documented one, by the rules of the corpus: reals to the digits that are shown, times by ticks, bags without an
/// order, arrays without one where it is not defined, and rows without one unless the query gives it.
/// </summary>
internal static class KustoCaseJudge
{
    /// <summary>What is different; null where nothing is.</summary>
    public static string? Differs(KustoCase expected, KustoResult actual)
    {
        var names = actual.Schema.Columns.Select(column => column.Name).ToArray();
        if (!names.Order(StringComparer.Ordinal).SequenceEqual(expected.Columns.Order(StringComparer.Ordinal)))
            return $"columns [{string.Join(", ", names)}], expected [{string.Join(", ", expected.Columns)}]";
        var order = expected.Columns.Select(name => Array.IndexOf(names, name)).ToArray();
        var rows = actual.Rows().Select(row => order.Select(i => row[i]).ToArray()).ToList();
        var count = expected.Typed.GetArrayLength();
        if (rows.Count != count)
            return $"{rows.Count} rows, expected {count}";
        var left = Enumerable.Range(0, count).ToList();
        for (var i = 0; i < rows.Count; i++)
        {
            var match = expected.Ordered ? (RowMatches(expected, i, rows[i]) ? i : -1) : left.FirstOrDefault(k => RowMatches(expected, k, rows[i]), -1);
            if (match < 0)
                return $"row {i}: [{string.Join(" | ", rows[i])}], expected {(expected.Ordered ? expected.Typed[i].GetRawText() : string.Join(" or ", left.Select(k => expected.Typed[k].GetRawText())))}";
            left.Remove(match);
        }
        return null;
    }

    private static bool RowMatches(KustoCase expected, int row, Value[] actual)
    {
        for (var k = 0; k < actual.Length; k++)
        {
            var typed = expected.Typed[row][k];
            if (expected.Types[k] == "string")
            {
                var texts = new[] { typed, expected.Rows[row][k], expected.Rendered[row][k] }.Select(Text).ToList();
                var text = actual[k].ToString();
                if (!texts.Contains(text) && !texts.Any(other => other.Trim() == text.Trim()))
                    return false;
            }
            else if (!CellMatches(expected.Types[k], typed, actual[k], expected.AnyArrayOrder))
            {
                return false;
            }
        }
        return true;
    }

    private static string Text(JsonElement cell) => cell.ValueKind == JsonValueKind.String ? cell.GetString()! : cell.ValueKind == JsonValueKind.Null ? "" : cell.GetRawText();

    private static bool CellMatches(string type, JsonElement expected, Value actual, bool anyOrder)
    {
        if (expected.ValueKind == JsonValueKind.Null)
            return actual.IsNull || (type == "dynamic" && actual.ToString().Length == 0);
        if (actual.IsNull)
            return false;
        switch (type)
        {
            case "bool":
                return (expected.ValueKind == JsonValueKind.True || Text(expected) is "true" or "1") == actual.AsBool;
            case "int" or "long":
                return long.Parse(Text(expected), CultureInfo.InvariantCulture) == actual.AsLong;
            case "real" or "decimal":
                return RealMatches(Text(expected), actual.Number);
            case "datetime":
                return LiteralReader.Date(Text(expected)) == actual.AsLong;
            case "timespan":
                return LiteralReader.Duration(Text(expected)) == actual.AsLong;
            case "guid":
                return Guid.Parse(Text(expected)) == actual.AsGuid;
            default:
                using (var json = JsonDocument.Parse(DynamicJson.Write(actual)))
                    return DynamicMatches(expected, json.RootElement, anyOrder);
        }
    }

    private static bool RealMatches(string text, double actual)
    {
        const double Relative = 1e-9;
        var expected = text switch { "∞" => double.PositiveInfinity, "-∞" => double.NegativeInfinity, _ => double.Parse(text, CultureInfo.InvariantCulture) };
        if (expected.Equals(actual) || Math.Abs(expected - actual) <= Relative * Math.Max(Math.Abs(expected), Math.Abs(actual)))
            return true;
        if (!double.IsFinite(expected) || !double.IsFinite(actual))
            return false;
        // To the digits that the text shows.
        var digits = text.TrimStart('-', '+').Replace(".", "", StringComparison.Ordinal).TrimStart('0').Length;
        var unit = Math.Pow(10, Math.Floor(Math.Log10(Math.Abs(actual) + double.Epsilon)) - Math.Max(1, digits) + 1);
        return text.Contains('.') ? Math.Abs(expected - actual) <= unit * 1.01 : digits >= 6 && Math.Abs(expected - actual) <= unit * 0.51;
    }

    private static bool DynamicMatches(JsonElement expected, JsonElement actual, bool anyOrder)
    {
        switch (expected.ValueKind, actual.ValueKind)
        {
            case (JsonValueKind.Array, JsonValueKind.Array):
                var left = actual.EnumerateArray().ToList();
                if (left.Count != expected.GetArrayLength())
                    return false;
                foreach (var (item, i) in expected.EnumerateArray().Select((item, i) => (item, i)))
                {
                    var match = anyOrder ? left.FindIndex(other => DynamicMatches(item, other, anyOrder)) : DynamicMatches(item, left[i], anyOrder) ? i : -1;
                    if (match < 0)
                        return false;
                    if (anyOrder)
                        left.RemoveAt(match);
                }
                return true;
            case (JsonValueKind.Object, JsonValueKind.Object):
                return expected.EnumerateObject().Count() == actual.EnumerateObject().Count()
                    && expected.EnumerateObject().All(one => actual.TryGetProperty(one.Name, out var other) && DynamicMatches(one.Value, other, anyOrder));
            case (JsonValueKind.Number, JsonValueKind.Number):
                return RealMatches(expected.GetRawText(), actual.GetDouble());
            case (JsonValueKind.Number, JsonValueKind.String):
                return double.TryParse(actual.GetString(), CultureInfo.InvariantCulture, out var number) && RealMatches(expected.GetRawText(), number);
            case (JsonValueKind.String, JsonValueKind.Number):
                return double.TryParse(expected.GetString(), CultureInfo.InvariantCulture, out _) && RealMatches(expected.GetString()!, actual.GetDouble());
            case (JsonValueKind.String, JsonValueKind.String):
                var (x, y) = (expected.GetString()!, actual.GetString()!);
                return x == y || (LiteralReader.Date(x) is { } date && date == LiteralReader.Date(y)) || (x.Contains(':') && LiteralReader.Duration(x) is { } span && span == LiteralReader.Duration(y));
            default:
                return expected.ValueKind == actual.ValueKind;
        }
    }
}
