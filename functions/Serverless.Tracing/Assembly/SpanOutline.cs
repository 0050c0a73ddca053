using System.Collections.Frozen;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// What a trace's places, times and verdicts depend on of a span, as a span without all else: a fifth of the memory. What is assembled and judged of outlines
/// is what would be of the spans.
/// </summary>
internal static class SpanOutline
{
    /// <summary>The keys of the attributes that assembling looks at, of spans and of their links.</summary>
    public static readonly FrozenSet<string> Keys =
        RemoteService.Keys.Concat(SamplingSigns.Keys).Append(OtelKeys.ReferenceType).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The outline of a span.</summary>
    public static Span Of(Span span) => span with
    {
        StatusMessage = "",
        Scope = null,
        Events = [],
        Attributes = Outlined(span.Attributes),
        Links = span.Links.Count == 0 ? [] : [.. span.Links.Select(link => link with { TraceState = "", Attributes = Outlined(link.Attributes) })],
    };

    private static IReadOnlyList<SpanAttribute> Outlined(IReadOnlyList<SpanAttribute> attributes) =>
        attributes.Count == 0 ? [] : [.. attributes.Where(attribute => Keys.Contains(attribute.Key))];
}
