using System.Text.Json.Serialization;

namespace Serverless.EndToEnd.Clients;

/// <summary>A span as its client made it, in terms of the protocol that it was sent by; times in nanoseconds.</summary>
internal sealed record ClientSpan
{
    /// <summary>otlp, zipkin or jaeger.</summary>
    public required string Protocol { get; init; }

    public required string TraceId { get; init; }

    public required string Id { get; init; }

    public string? ParentId { get; init; }

    public required string Name { get; init; }

    /// <summary>internal, server, client, producer or consumer; empty where the protocol has it as a tag, or none.</summary>
    public string Kind { get; init; } = "";

    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public long StartNs { get; init; }

    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public long EndNs { get; init; }

    public required string Service { get; init; }

    /// <summary>The own endpoint, of Zipkin's spans.</summary>
    public ClientEndpoint? Local { get; init; }

    /// <summary>The other side's endpoint, of Zipkin's spans.</summary>
    public ClientEndpoint? Remote { get; init; }

    public string TraceState { get; init; } = "";

    public uint Flags { get; init; }

    /// <summary>unset, ok or error.</summary>
    public string Status { get; init; } = "unset";

    public string StatusMessage { get; init; } = "";

    public IReadOnlyList<ClientTag> Tags { get; init; } = [];

    public IReadOnlyList<ClientEvent> Events { get; init; } = [];

    public IReadOnlyList<ClientLink> Links { get; init; } = [];

    public int DroppedEvents { get; init; }

    public ClientScope? Scope { get; init; }

    /// <summary>What describes the process, with service.name where the protocol has it among them.</summary>
    public IReadOnlyList<ClientTag> Resource { get; init; } = [];

    public bool IsShared { get; init; }

    public bool IsDebug { get; init; }
}

/// <summary>A value: string, bool, int64, float64, binary (base64) or list (its JSON); always as text.</summary>
internal sealed record ClientTag(string Key, string Type, string Value);

internal sealed record ClientEvent(
    [property: JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)] long TimeNs, string Name, IReadOnlyList<ClientTag> Tags);

/// <summary>A link, or one of Jaeger's references besides the parent (Type: child_of, follows_from).</summary>
internal sealed record ClientLink(string TraceId, string Id, string TraceState, IReadOnlyList<ClientTag> Tags);

internal sealed record ClientScope(string Name, string Version);

internal sealed record ClientEndpoint(string ServiceName, string? Ipv4, int Port);
