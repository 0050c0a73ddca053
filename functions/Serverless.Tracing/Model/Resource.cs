namespace Serverless.Tracing.Model;

/// <summary>What made a span: OpenTelemetry's resource, Zipkin's local endpoint, Jaeger's process.</summary>
public sealed class Resource
{
    /// <summary>The resource of a span whose sender named none.</summary>
    public static Resource Unknown { get; } = new();

    /// <summary>The service's name, as sent; empty where the sender named none.</summary>
    public string ServiceName { get; init; } = "";

    /// <summary>All attributes in the order sent, <c>service.name</c> among them where it was sent as one.</summary>
    public IReadOnlyList<SpanAttribute> Attributes { get; init; } = [];

    /// <summary>How many attributes the sender dropped.</summary>
    public uint DroppedAttributes { get; init; }

    /// <summary>The schema of the attributes, or empty.</summary>
    public string SchemaUrl { get; init; } = "";

    /// <summary>The address of Zipkin's local endpoint, or null.</summary>
    public Endpoint? LocalEndpoint { get; init; }

    /// <summary>What <see cref="Assembly.SpanOrigin"/> found out about it; null where it was not asked yet.</summary>
    internal string? KnownHost { get; set; }

    /// <summary>The same for the instance.</summary>
    internal string? KnownInstance { get; set; }
}
