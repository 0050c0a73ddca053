using System.Globalization;
using System.Text.Json.Nodes;

namespace Serverless.EndToEnd.Clients;

/// <summary>
/// A span as Zipkin's API has to give it: its own spans as they are (names in lower case, as Zipkin stores them), others by
/// OpenTelemetry's specification "OpenTelemetry to Zipkin Transformation".
/// </summary>
internal static class ExpectedZipkin
{
    public static JsonObject Of(ClientSpan span)
    {
        var json = new JsonObject { ["traceId"] = span.TraceId };
        if (span.ParentId is { } parent)
            json["parentId"] = parent;
        json["id"] = span.Id;
        if (KindOf(span) is { } kind)
            json["kind"] = kind;
        if (span.Name.Length > 0)
            json["name"] = span.Name.ToLowerInvariant();
        if (span.StartNs != 0)
            json["timestamp"] = span.StartNs / 1000;
        if (span.EndNs != 0)
            json["duration"] = Math.Max((span.EndNs - span.StartNs) / 1000, 1);
        Add(json, "localEndpoint", span.Local ?? new ClientEndpoint(span.Service, null, 0));
        Add(json, "remoteEndpoint", span.Remote ?? RemoteOf(span));
        if (span.Events.Count > 0)
            json["annotations"] = new JsonArray([.. span.Events.Select(Annotation).OrderBy(a => a["timestamp"]!.GetValue<long>()).ThenBy(a => a["value"]!.GetValue<string>(), StringComparer.Ordinal)]);
        var tags = span.Protocol == "zipkin" ? span.Tags : [.. TagsOf(span)];
        if (tags.Count > 0)
            json["tags"] = Sorted(tags.GroupBy(tag => tag.Key).Select(same => same.Last()));
        if (span.IsDebug)
            json["debug"] = true;
        if (span.IsShared)
            json["shared"] = true;
        return json;
    }

    private static JsonObject Sorted(IEnumerable<ClientTag> tags)
    {
        var json = new JsonObject();
        foreach (var tag in tags.OrderBy(tag => tag.Key, StringComparer.Ordinal))
            json[tag.Key] = ExpectedTags.Text(tag);
        return json;
    }

    private static string? KindOf(ClientSpan span)
    {
        var kind = span.Protocol == "jaeger" ? span.Tags.LastOrDefault(tag => tag.Key == "span.kind")?.Value ?? "" : span.Kind;
        return kind is "" or "internal" ? null : kind.ToUpperInvariant();
    }

    private static IEnumerable<ClientTag> TagsOf(ClientSpan span)
    {
        foreach (var tag in span.Resource.Where(tag => tag.Key != "service.name"))
            yield return tag;
        if (span.Scope is { } scope)
        {
            yield return Text("otel.scope.name", scope.Name);
            yield return Text("otel.scope.version", scope.Version);
        }

        var isError = span.Status == "error";
        foreach (var tag in span.Tags)
        {
            if (span.Protocol == "jaeger" && tag is { Key: "span.kind" } or { Key: "error", Type: "bool" })
                isError |= tag is { Key: "error", Value: "true" };
            else
                yield return tag;
        }

        if (isError)
        {
            yield return Text("otel.status_code", "ERROR");
            yield return Text("error", span.StatusMessage);
        }

        if (span.Status == "ok")
            yield return Text("otel.status_code", "OK");
        if (span.TraceState.Length > 0)
            yield return Text("w3c.tracestate", span.TraceState);
        for (var i = 0; i < span.Links.Count; i++)
            yield return Text(string.Create(CultureInfo.InvariantCulture, $"otlp.link.{i}"), LinkText(span.Links[i]));
        if (span.DroppedEvents > 0)
            yield return new ClientTag("otel.dropped_events_count", "int64", span.DroppedEvents.ToString(CultureInfo.InvariantCulture));
    }

    private static ClientTag Text(string key, string value) => new(key, "string", value);

    private static string LinkText(ClientLink link) => $"{link.TraceId.PadLeft(32, '0')}|{link.Id}|{link.TraceState}|{Object(link.Tags)}|0";

    private static JsonNode Annotation(ClientEvent e) => new JsonObject
    {
        ["timestamp"] = e.TimeNs / 1000,
        ["value"] = e.Tags.Count == 0 ? e.Name : $"\"{e.Name}\": {Object(e.Tags)}",
    };

    private static string Object(IReadOnlyList<ClientTag> tags)
    {
        var json = new JsonObject();
        foreach (var tag in tags)
            json[tag.Key] = ExpectedTags.Json(tag);
        return json.ToJsonString(ExpectedTags.Relaxed);
    }

    /// <summary>The part of the specification's ranking that the clients use.</summary>
    private static ClientEndpoint? RemoteOf(ClientSpan span)
    {
        if (span.Protocol == "zipkin" || KindOf(span) is not ("CLIENT" or "PRODUCER"))
            return null;
        var said = span.Tags.FirstOrDefault(tag => tag.Key == "peer.service") ?? span.Tags.FirstOrDefault(tag => tag.Key == "server.address");
        return said is null ? null : new ClientEndpoint(said.Value, null, 0);
    }

    private static void Add(JsonObject json, string name, ClientEndpoint? endpoint)
    {
        if (endpoint is null)
            return;
        var of = new JsonObject();
        if (endpoint.ServiceName.Length > 0)
            of["serviceName"] = endpoint.ServiceName.ToLowerInvariant();
        if (endpoint.Ipv4 is { } ipv4)
            of["ipv4"] = ipv4;
        if (endpoint.Port > 0)
            of["port"] = endpoint.Port;
        if (of.Count > 0)
            json[name] = of;
    }
}
