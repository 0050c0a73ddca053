using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;

namespace Serverless.Tracing.Assembly;

/// <summary>What a span's links say about its parent, where their type is known (OpenTracing's references).</summary>
internal static class SpanReferences
{
    private const string FollowsFrom = "follows_from";
    private const string ChildOf = "child_of";

    /// <summary>
    /// The span of the same trace that a reference makes the parent of one that names none: the first it is a child of, or else the first it
    /// follows (as Jaeger's model.Span.ParentSpanID); zero if none.
    /// </summary>
    public static (SpanId Parent, bool IsFollowed) Parent(Span span)
    {
        SpanId followed = default;
        for (var i = 0; i < span.Links.Count; i++)
        {
            var link = span.Links[i];
            if (link.TraceId.Low != span.TraceId.Low)
                continue;
            if (Is(link, ChildOf))
                return (link.SpanId, false);
            if (followed.IsZero && Is(link, FollowsFrom))
                followed = link.SpanId;
        }

        return (followed, !followed.IsZero);
    }

    /// <summary>The span names a parent, by itself or by a reference.</summary>
    public static bool NamesParent(Span span) => !span.ParentId.IsZero || !Parent(span).Parent.IsZero;

    /// <summary>The parent is one that did not wait for the span.</summary>
    public static bool FollowsParent(Span span, SpanId parent)
    {
        for (var i = 0; i < span.Links.Count; i++)
        {
            var link = span.Links[i];
            if (link.SpanId == parent && link.TraceId.Low == span.TraceId.Low && Is(link, FollowsFrom))
                return true;
        }

        return false;
    }

    /// <summary>The parent that a reference names in another trace; zero if none does.</summary>
    public static SpanId ParentElsewhere(Span span)
    {
        for (var i = 0; i < span.Links.Count; i++)
        {
            if (span.Links[i].TraceId.Low != span.TraceId.Low && Is(span.Links[i], ChildOf))
                return span.Links[i].SpanId;
        }

        return default;
    }

    private static bool Is(SpanLink link, string type)
    {
        for (var i = 0; i < link.Attributes.Count; i++)
        {
            if (link.Attributes[i].Key == OtelKeys.ReferenceType)
                return link.Attributes[i].Value is { Type: AttributeType.String } value && value.Text == type;
        }

        return false;
    }
}
