namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>The fields of Zipkin's JSON, v1 and v2.</summary>
internal enum ZipkinField
{
    Unknown,
    TraceId,
    Id,
    ParentId,
    Kind,
    Name,
    Timestamp,
    Duration,
    LocalEndpoint,
    RemoteEndpoint,
    Annotations,
    Tags,
    Debug,
    Shared,
    BinaryAnnotations,
    Value,
    ServiceName,
    Ipv4,
    Ipv6,
    Port,
    Endpoint,
    Key,
}

/// <summary>Which field a name is, in each of the format's objects.</summary>
internal static class ZipkinFields
{
    private static readonly string?[] Names =
    [
        null, "traceId", "id", "parentId", "kind", "name", "timestamp", "duration", "localEndpoint", "remoteEndpoint",
        "annotations", "tags", "debug", "shared", "binaryAnnotations", "value", "serviceName", "ipv4", "ipv6", "port", "endpoint", "key",
    ];

    /// <summary>The field's name in an error, or null for one that has no meaning.</summary>
    public static string? Name(ZipkinField field) => Names[(int)field];

    public static ZipkinField OfSpan(ReadOnlySpan<byte> name)
    {
        switch (name.Length)
        {
            case 2 when name.SequenceEqual("id"u8):
                return ZipkinField.Id;
            case 4 when name.SequenceEqual("kind"u8):
                return ZipkinField.Kind;
            case 4 when name.SequenceEqual("name"u8):
                return ZipkinField.Name;
            case 4 when name.SequenceEqual("tags"u8):
                return ZipkinField.Tags;
            case 5 when name.SequenceEqual("debug"u8):
                return ZipkinField.Debug;
            case 6 when name.SequenceEqual("shared"u8):
                return ZipkinField.Shared;
            case 7 when name.SequenceEqual("traceId"u8):
                return ZipkinField.TraceId;
            case 8 when name.SequenceEqual("parentId"u8):
                return ZipkinField.ParentId;
            case 8 when name.SequenceEqual("duration"u8):
                return ZipkinField.Duration;
            case 9 when name.SequenceEqual("timestamp"u8):
                return ZipkinField.Timestamp;
            case 11 when name.SequenceEqual("annotations"u8):
                return ZipkinField.Annotations;
            case 13 when name.SequenceEqual("localEndpoint"u8):
                return ZipkinField.LocalEndpoint;
            case 14 when name.SequenceEqual("remoteEndpoint"u8):
                return ZipkinField.RemoteEndpoint;
            case 17 when name.SequenceEqual("binaryAnnotations"u8):
                return ZipkinField.BinaryAnnotations;
            default:
                return ZipkinField.Unknown;
        }
    }

    /// <summary>Of an annotation or, in v1, a binary annotation.</summary>
    public static ZipkinField OfAnnotation(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("timestamp"u8) ? ZipkinField.Timestamp
        : name.SequenceEqual("value"u8) ? ZipkinField.Value
        : name.SequenceEqual("endpoint"u8) ? ZipkinField.Endpoint
        : name.SequenceEqual("key"u8) ? ZipkinField.Key
        : ZipkinField.Unknown;

    public static ZipkinField OfEndpoint(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("serviceName"u8) ? ZipkinField.ServiceName
        : name.SequenceEqual("ipv4"u8) ? ZipkinField.Ipv4
        : name.SequenceEqual("ipv6"u8) ? ZipkinField.Ipv6
        : name.SequenceEqual("port"u8) ? ZipkinField.Port
        : ZipkinField.Unknown;
}
