using System.Globalization;
using System.Text.Json.Nodes;

namespace Serverless.EndToEnd.Clients;

/// <summary>
/// A span as Jaeger's API has to give it, its process in it and its tags sorted: its own spans as they are, OpenTelemetry's
/// by the specification "OpenTelemetry to Jaeger Transformation", Zipkin's as Jaeger's Zipkin receiver makes them.
/// </summary>
internal static class ExpectedJaeger
{
    /// <param name="span">The span.</param>
    /// <param name="ownIds">The ids that the server halves of shared spans have got, by the shared id and the service.</param>
    /// <param name="hasParent">The span that it names as its parent is in the trace.</param>
    public static JsonObject Of(ClientSpan span, IReadOnlyDictionary<(string Id, string Service), string> ownIds, bool hasParent)
    {
        var id = span.Id;
        var parent = span.ParentId;
        if (span.IsShared)
            (id, parent) = (ownIds[(span.Id, span.Service)], span.Id);
        else if (parent is not null && ownIds.TryGetValue((parent, span.Service), out var own))
            parent = own;
        var flags = span.Flags | (span.IsDebug ? 2u : 0u);
        var json = new JsonObject { ["traceID"] = span.TraceId, ["spanID"] = id };
        if (flags != 0)
            json["flags"] = flags;
        json["operationName"] = span.Protocol == "zipkin" ? span.Name.ToLowerInvariant() : span.Name;
        json["references"] = References(span, parent);
        json["startTime"] = span.StartNs / 1000;
        json["duration"] = (span.EndNs - span.StartNs) / 1000;
        json["tags"] = Sorted(TagsOf(span));
        json["logs"] = new JsonArray([.. span.Events.Select(Log)]);
        json["warnings"] = span.ParentId is null || hasParent
            ? null
            : new JsonArray($"Span {id} names the parent {span.ParentId}, which is not in the trace.");
        json["process"] = new JsonObject
        {
            ["serviceName"] = span.Protocol == "zipkin" ? span.Service.ToLowerInvariant() : span.Service,
            ["tags"] = Sorted(ProcessTags(span)),
        };
        return json;
    }

    /// <summary>Puts the KeyValues of a list into the order of their keys.</summary>
    public static JsonArray Sorted(IEnumerable<JsonNode> tags) =>
        [.. tags.OrderBy(tag => tag["key"]!.GetValue<string>(), StringComparer.Ordinal).ThenBy(tag => tag["value"]!.ToJsonString(), StringComparer.Ordinal)];

    private static JsonArray References(ClientSpan span, string? parent)
    {
        var references = new JsonArray();
        if (parent is not null)
            references.Add(Reference("CHILD_OF", span.TraceId, parent));
        foreach (var link in span.Links.Where(link => link.TraceId != span.TraceId || link.Id != parent))
        {
            var isChild = link.Tags.Any(tag => tag is { Key: "opentracing.ref_type", Value: "child_of" });
            references.Add(Reference(isChild ? "CHILD_OF" : "FOLLOWS_FROM", link.TraceId, link.Id));
        }

        return references;
    }

    private static JsonNode Reference(string type, string traceId, string id) =>
        new JsonObject { ["refType"] = type, ["traceID"] = traceId, ["spanID"] = id };

    private static IEnumerable<JsonNode> TagsOf(ClientSpan span)
    {
        foreach (var tag in span.Tags)
            yield return ExpectedTags.KeyValue(tag);
        if (span.Kind.Length > 0)
            yield return Text("span.kind", span.Kind);
        if (span.Scope is { } scope)
        {
            yield return Text("otel.scope.name", scope.Name);
            yield return Text("otel.scope.version", scope.Version);
            yield return Text("otel.library.name", scope.Name);
            yield return Text("otel.library.version", scope.Version);
        }

        if (span.Status == "ok")
            yield return Text("otel.status_code", "OK");
        if (span.Status == "error")
        {
            yield return Text("otel.status_code", "ERROR");
            yield return ExpectedTags.KeyValue(new ClientTag("error", "bool", "true"));
        }

        if (span.StatusMessage.Length > 0)
            yield return Text("otel.status_description", span.StatusMessage);
        if (span.TraceState.Length > 0)
            yield return Text("w3c.tracestate", span.TraceState);
        if (span.DroppedEvents > 0)
            yield return Count("otel.dropped_events_count", span.DroppedEvents);
        if (span.Remote is not { } remote)
            yield break;
        if (remote.ServiceName.Length > 0)
            yield return Text("peer.service", remote.ServiceName.ToLowerInvariant());
        if (remote.Ipv4 is { } ipv4)
            yield return Text("peer.ipv4", ipv4);
        if (remote.Port > 0)
            yield return Count("peer.port", remote.Port);
    }

    private static IEnumerable<JsonNode> ProcessTags(ClientSpan span)
    {
        foreach (var tag in span.Resource.Where(tag => tag.Key != "service.name"))
            yield return ExpectedTags.KeyValue(tag);
        if (span.Local?.Ipv4 is { } ipv4)
            yield return Text("ip", ipv4);
        if (span.Local is { Port: > 0 } local)
            yield return Count("port", local.Port);
    }

    private static JsonNode Log(ClientEvent e)
    {
        var fields = new JsonArray();
        if (e.Name.Length > 0)
            fields.Add(Text("event", e.Name));
        foreach (var tag in e.Tags)
            fields.Add((JsonNode)ExpectedTags.KeyValue(tag));
        return new JsonObject { ["timestamp"] = e.TimeNs / 1000, ["fields"] = fields };
    }

    private static JsonNode Text(string key, string value) => ExpectedTags.KeyValue(new ClientTag(key, "string", value));

    private static JsonNode Count(string key, int count) =>
        ExpectedTags.KeyValue(new ClientTag(key, "int64", count.ToString(CultureInfo.InvariantCulture)));
}
