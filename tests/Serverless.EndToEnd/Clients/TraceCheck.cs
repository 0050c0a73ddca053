using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.EndToEnd.Harness;

namespace Serverless.EndToEnd.Clients;

/// <summary>Reads a client's trace back through both query APIs and compares every field with what the client made.</summary>
internal static class TraceCheck
{
    private static readonly JsonSerializerOptions Indented = new(ExpectedTags.Relaxed) { WriteIndented = true };

    /// <summary>Waits until the trace is whole, and compares it.</summary>
    public static async Task AssertAsync(Uri address, IReadOnlyList<ClientSpan> made)
    {
        var traceId = Assert.Single(made.Select(span => span.TraceId).Distinct());
        Assert.Equal(2, made.Select(span => span.Service).Distinct().Count());
        using var queries = new QueryClient(address);
        var zipkin = await ReadAsync(queries, "api/v2/trace/" + traceId, answer => answer.AsArray(), made.Count);
        Assert.Equal(Text(made.Select(ExpectedZipkin.Of)), Text(zipkin.Select(Normal)));
        // A client's clock and its server's are those of two processes: what adjusting them would move is not what was sent.
        var jaeger = await ReadAsync(queries, $"api/traces/{traceId}?adjust=false", answer => WithProcesses(answer["data"]![0]!), made.Count);
        var ownIds = OwnIds(made, jaeger);
        Assert.Equal(Text(made.Select(span => ExpectedJaeger.Of(span, ownIds, hasParent: made.Any(other => other.Id == span.ParentId)))), Text(jaeger));
    }

    private static Task<JsonArray> ReadAsync(QueryClient queries, string path, Func<JsonNode, JsonArray> spansOf, int count) =>
        Eventually.GetAsync(
            async () =>
            {
                using var answer = await queries.GetAsync(path);
                var spans = answer is null ? null : spansOf(JsonNode.Parse(answer.RootElement.GetRawText())!);
                return spans?.Count >= count ? spans : null;
            },
            $"{count} spans of {path}");

    private static JsonNode Normal(JsonNode? span)
    {
        if (span!["tags"] is JsonObject tags)
            span["tags"] = new JsonObject(tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => KeyValuePair.Create(tag.Key, tag.Value?.DeepClone())));
        return span;
    }

    private static JsonArray WithProcesses(JsonNode trace)
    {
        var spans = new JsonArray();
        foreach (var span in trace["spans"]!.AsArray())
        {
            var copy = span!.DeepClone().AsObject();
            var process = trace["processes"]![copy["processID"]!.GetValue<string>()]!.DeepClone();
            copy.Remove("processID");
            copy["tags"] = ExpectedJaeger.Sorted(Nodes(copy["tags"]!));
            process["tags"] = ExpectedJaeger.Sorted(Nodes(process["tags"]!));
            copy["process"] = process;
            spans.Add((JsonNode)copy);
        }

        return spans;
    }

    private static List<JsonNode> Nodes(JsonNode array) => [.. array.AsArray().Select(node => node!.DeepClone())];

    /// <summary>A shared span's server half must have an id of its own, and be the child of the client half.</summary>
    private static Dictionary<(string Id, string Service), string> OwnIds(IReadOnlyList<ClientSpan> made, JsonArray jaeger)
    {
        var known = made.Select(span => span.Id).ToHashSet();
        var ids = new Dictionary<(string, string), string>();
        foreach (var shared in made.Where(span => span.IsShared))
        {
            var half = Assert.Single(jaeger, span =>
                !known.Contains(span!["spanID"]!.GetValue<string>())
                && span["references"]![0]!["spanID"]!.GetValue<string>() == shared.Id
                && span["process"]!["serviceName"]!.GetValue<string>() == shared.Service);
            ids.Add((shared.Id, shared.Service), half!["spanID"]!.GetValue<string>());
        }

        return ids;
    }

    // By its text, since the order of spans is not promised.
    private static string Text(IEnumerable<JsonNode?> spans) =>
        string.Join(",\n", spans.Select(span => span!.ToJsonString(Indented)).Order(StringComparer.Ordinal));
}
