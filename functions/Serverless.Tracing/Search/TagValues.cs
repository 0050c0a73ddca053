using Serverless.Tracing.Model;

namespace Serverless.Tracing.Search;

/// <summary>
/// The values that a span has of a key, wherever they are: its own attributes, those of its resource, its scope, its events and links. The prefix
/// <c>resource.</c> asks for those of the resource only; the key <c>event</c> has the names of the span's events too.
/// </summary>
internal static class TagValues
{
    /// <summary>True where the span has a value of the key, and one that a comparison holds for if there is one.</summary>
    public static bool Any(Span span, string key, TagComparison? comparison = null)
    {
        if (key.StartsWith(SpecialKeys.ResourcePrefix, StringComparison.Ordinal))
            return Any(span.Resource.Attributes, key[SpecialKeys.ResourcePrefix.Length..], comparison);
        if (Any(span.Attributes, key, comparison) || Any(span.Resource.Attributes, key, comparison)
            || (span.Scope is not null && Any(span.Scope.Attributes, key, comparison)))
            return true;
        foreach (var item in span.Events)
        {
            if (Any(item.Attributes, key, comparison)
                || (key == SpecialKeys.EventName && comparison?.HoldsFor(AttributeValue.Of(item.Name)) != false))
                return true;
        }

        foreach (var link in span.Links)
        {
            if (Any(link.Attributes, key, comparison))
                return true;
        }

        return false;
    }

    private static bool Any(IReadOnlyList<SpanAttribute> attributes, string key, TagComparison? comparison)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.Key == key && comparison?.HoldsFor(attribute.Value) != false)
                return true;
        }

        return false;
    }
}
