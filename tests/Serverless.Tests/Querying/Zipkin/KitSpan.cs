using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.Tests.Querying.Zipkin;

/// <summary>A span as Zipkin's storage kit has them; times are microseconds.</summary>
internal sealed record KitSpan(string TraceId, string Id)
{
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string? ParentId { get; init; }

    public string? Kind { get; init; }

    public string? Name { get; init; }

    public long Timestamp { get; init; }

    public long Duration { get; init; }

    public KitEndpoint? Local { get; init; }

    public KitEndpoint? Remote { get; init; }

    public (long Timestamp, string Value)[] Annotations { get; init; } = [];

    public (string Key, string Value)[] Tags { get; init; } = [];

    public bool IsDebug { get; init; }

    public bool IsShared { get; init; }

    /// <summary>A list of spans in JSON v2.</summary>
    public static string V2(IEnumerable<KitSpan> spans) => $"[{string.Join(',', spans.Select(span => span.ToString()))}]";

    /// <summary>A list of spans in JSON v1: a kind is two core annotations, and a shared server does not tell its times beside them.</summary>
    public static string V1(IEnumerable<KitSpan> spans) => new JsonArray([.. spans.Select(span => span.ToV1())]).ToJsonString(Options);

    /// <summary>JSON v2 as Zipkin writes it.</summary>
    public override string ToString()
    {
        var json = new JsonObject { ["traceId"] = TraceId.PadLeft(TraceId.Length > 16 ? 32 : 16, '0') };
        if (ParentId is not null)
            json["parentId"] = ParentId.PadLeft(16, '0');
        json["id"] = Id.PadLeft(16, '0');
        if (Kind is not null)
            json["kind"] = Kind;
        if (Name is not null)
            json["name"] = Name;
        if (Timestamp != 0)
            json["timestamp"] = Timestamp;
        if (Duration != 0)
            json["duration"] = Duration;
        if (Local is not null)
            json["localEndpoint"] = Json(Local);
        if (Remote is not null)
            json["remoteEndpoint"] = Json(Remote);
        if (Annotations.Length > 0)
            json["annotations"] = new JsonArray([.. Annotations.Select(a => new JsonObject { ["timestamp"] = a.Timestamp, ["value"] = a.Value })]);
        if (Tags.Length > 0)
            json["tags"] = new JsonObject(Tags.Select(tag => KeyValuePair.Create(tag.Key, (JsonNode?)tag.Value)));
        if (IsDebug)
            json["debug"] = true;
        if (IsShared)
            json["shared"] = true;
        return json.ToJsonString(Options);
    }

    private JsonObject ToV1()
    {
        var json = new JsonObject { ["traceId"] = TraceId, ["id"] = Id, ["name"] = Name ?? "" };
        if (ParentId is not null)
            json["parentId"] = ParentId;
        if (Timestamp != 0 && !IsShared)
            json["timestamp"] = Timestamp;
        if (Duration != 0 && !IsShared)
            json["duration"] = Duration;
        var (begin, end, address) = Kind switch
        {
            "CLIENT" => ("cs", "cr", "sa"),
            "SERVER" => ("sr", "ss", "ca"),
            "PRODUCER" => ("ms", "", "ma"),
            "CONSUMER" => ("mr", "", "ma"),
            _ => ("", "", "sa"),
        };
        var annotations = Annotations.ToList();
        if (begin.Length > 0)
            annotations.Add((Timestamp, begin));
        if (end.Length > 0 && Duration > 0)
            annotations.Add((Timestamp + Duration, end));
        json["annotations"] = new JsonArray([.. annotations.Select(a => WithEndpoint(new JsonObject { ["timestamp"] = a.Timestamp, ["value"] = a.Value }, Local))]);
        var binary = Tags.Select(tag => WithEndpoint(new JsonObject { ["key"] = tag.Key, ["value"] = tag.Value }, Local)).ToList();
        if (Remote is not null)
            binary.Add(WithEndpoint(new JsonObject { ["key"] = address, ["value"] = true }, Remote));
        if (binary.Count + annotations.Count == 0 && Local is not null)
            binary.Add(WithEndpoint(new JsonObject { ["key"] = "lc", ["value"] = "" }, Local));
        json["binaryAnnotations"] = new JsonArray([.. binary]);
        if (IsDebug)
            json["debug"] = true;
        return json;
    }

    private static JsonObject WithEndpoint(JsonObject json, KitEndpoint? endpoint)
    {
        if (endpoint is not null)
            json["endpoint"] = Json(endpoint);
        return json;
    }

    private static JsonObject Json(KitEndpoint endpoint)
    {
        var json = new JsonObject();
        if (endpoint.ServiceName is not null)
            json["serviceName"] = endpoint.ServiceName;
        if (endpoint.Ipv4 is not null)
            json["ipv4"] = endpoint.Ipv4;
        if (endpoint.Ipv6 is not null)
            json["ipv6"] = endpoint.Ipv6;
        if (endpoint.Port != 0)
            json["port"] = endpoint.Port;
        return json;
    }
}
