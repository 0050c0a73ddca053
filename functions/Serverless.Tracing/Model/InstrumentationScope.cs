namespace Serverless.Tracing.Model;

/// <summary>The library that made a span.</summary>
public sealed class InstrumentationScope
{
    /// <summary>The library's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The library's version, or empty.</summary>
    public string Version { get; init; } = "";

    /// <summary>The scope's attributes in the order sent.</summary>
    public IReadOnlyList<SpanAttribute> Attributes { get; init; } = [];

    /// <summary>How many attributes the sender dropped.</summary>
    public uint DroppedAttributes { get; init; }

    /// <summary>The schema of the scope's spans, or empty.</summary>
    public string SchemaUrl { get; init; } = "";
}
