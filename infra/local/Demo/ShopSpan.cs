namespace Serverless.Local;

/// <summary>
/// A span of the demo's shop before it is written; times are ns from the start of the story. Attribute values are texts, long, double, bool, byte[],
/// object[] (an array) or (string, object)[] (a map).
/// </summary>
internal sealed class ShopSpan(string service, string traceId, string spanId, ShopSpan? parent, string name, int kind)
{
    /// <summary>OTLP's SpanKind numbers.</summary>
    public const int Internal = 1, Server = 2, Client = 3, Producer = 4, Consumer = 5;

    public string Service => service;

    public string TraceId => traceId;

    public string SpanId => spanId;

    public ShopSpan? Parent => parent;

    public string Name => name;

    public int Kind => kind;

    public long Start { get; init; }

    public long End { get; set; }

    /// <summary>What went wrong, or null; the status's message.</summary>
    public string? Error { get; set; }

    public List<(string Key, object Value)> Attributes { get; } = [];

    public List<(long Time, string Name, (string Key, object Value)[] Attributes)> Events { get; } = [];

    public List<ShopSpan> Links { get; } = [];
}
