using System.Text.Json;

namespace Serverless.Functions.Probing;

/// <summary>The fields of a trace's spans as texts, each under the names of span and field: what was sent and what is answered are compared by them.</summary>
internal sealed class ProbeFields
{
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _spans = new(StringComparer.Ordinal);

    /// <summary>Begins a span; what is set next is its own.</summary>
    /// <returns>Takes its fields.</returns>
    public Action<string, string> Begin(string service, string spanId)
    {
        var name = $"{service}/{spanId}";
        // A span that is there twice is one too many.
        while (_spans.ContainsKey(name))
            name += "+";
        var fields = _spans[name] = new SortedDictionary<string, string>(StringComparer.Ordinal);
        return (field, text) => fields[field] = fields.TryGetValue(field, out var earlier) ? $"{earlier}, {text}" : text;
    }

    /// <summary>The spans that are there and not in an answer.</summary>
    public IReadOnlyList<string> MissingIn(ProbeFields answer) => [.. _spans.Keys.Where(span => !answer._spans.ContainsKey(span))];

    /// <summary>The first field in which an answer that has all spans differs, with what was sent and what is answered; null where it is the same.</summary>
    public string? DifferenceTo(ProbeFields answer)
    {
        foreach (var (span, fields) in answer._spans)
        {
            if (!_spans.TryGetValue(span, out var sent))
                return $"span {span}: was not sent";
            foreach (var field in sent.Keys.Union(fields.Keys, StringComparer.Ordinal))
            {
                var (was, isNow) = (sent.GetValueOrDefault(field), fields.GetValueOrDefault(field));
                if (was != isNow)
                    return $"span {span}: {field}: sent {Show(was)}, answered {Show(isNow)}";
            }
        }

        return null;
    }

    /// <summary>Reads a trace of Jaeger's legacy API.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    /// <exception cref="KeyNotFoundException">Something that has to be there is not.</exception>
    public static ProbeFields OfJaeger(JsonElement answer)
    {
        var fields = new ProbeFields();
        var trace = answer.GetProperty("data")[0];
        foreach (var span in trace.GetProperty("spans").EnumerateArray())
        {
            var process = trace.GetProperty("processes").GetProperty(span.GetProperty("processID").GetString()!);
            var set = fields.Begin(Text(process.GetProperty("serviceName")), Text(span.GetProperty("spanID")));
            foreach (var name in (string[])["traceID", "operationName", "startTime", "duration", "flags"])
            {
                if (span.TryGetProperty(name, out var value))
                    set(name, Text(value));
            }

            foreach (var reference in span.GetProperty("references").EnumerateArray())
                set("references", $"{Text(reference.GetProperty("refType"))} {Text(reference.GetProperty("traceID"))}:{Text(reference.GetProperty("spanID"))}");
            SetTags(set, "tags.", span.GetProperty("tags"));
            SetTags(set, "process.", process.GetProperty("tags"));
            var at = 0;
            foreach (var log in span.GetProperty("logs").EnumerateArray())
            {
                set($"logs[{at}].timestamp", Text(log.GetProperty("timestamp")));
                SetTags(set, $"logs[{at++}].", log.GetProperty("fields"));
            }
        }

        return fields;
    }

    /// <summary>Reads a trace of Zipkin's API.</summary>
    /// <inheritdoc cref="OfJaeger"/>
    public static ProbeFields OfZipkin(JsonElement answer)
    {
        var fields = new ProbeFields();
        foreach (var span in answer.EnumerateArray())
        {
            var set = fields.Begin(Text(span.GetProperty("localEndpoint").GetProperty("serviceName")), Text(span.GetProperty("id")));
            foreach (var field in span.EnumerateObject())
            {
                if (field.Name == "annotations")
                    SetAnnotations(set, field.Value);
                else if (field.Value.ValueKind != JsonValueKind.Object)
                    set(field.Name, Text(field.Value));
                else
                    foreach (var part in field.Value.EnumerateObject())
                        set($"{field.Name}.{part.Name}", Text(part.Value));
            }
        }

        return fields;
    }

    private static void SetAnnotations(Action<string, string> set, JsonElement annotations)
    {
        var at = 0;
        foreach (var annotation in annotations.EnumerateArray())
        {
            set($"annotations[{at}].timestamp", Text(annotation.GetProperty("timestamp")));
            set($"annotations[{at++}].value", Text(annotation.GetProperty("value")));
        }
    }

    private static void SetTags(Action<string, string> set, string prefix, JsonElement tags)
    {
        foreach (var tag in tags.EnumerateArray())
            set(prefix + Text(tag.GetProperty("key")), $"{Text(tag.GetProperty("type"))} {Text(tag.GetProperty("value"))}");
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static string Show(string? text) => text is null ? "nothing" : $"'{text}'";
}
