using System.Globalization;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// Puts IPv4 addresses into words that old Jaeger clients sent as numbers, in the attributes <c>ip</c> and <c>peer.ipv4</c> (Jaeger's
/// <c>NormalizeIPAttributes</c>).
/// </summary>
internal sealed class IpAttributes
{
    private readonly Dictionary<Resource, Resource> _resources = new(ReferenceEqualityComparer.Instance);

    /// <summary>The span with its addresses in words: the same object where there is nothing to do.</summary>
    public Span Normalize(Span span)
    {
        if (!_resources.TryGetValue(span.Resource, out var resource))
            _resources.Add(span.Resource, resource = Normalize(span.Resource));
        var attributes = Normalize(span.Attributes);
        return ReferenceEquals(attributes, span.Attributes) && ReferenceEquals(resource, span.Resource)
            ? span
            : span with { Attributes = attributes, Resource = resource };
    }

    private static Resource Normalize(Resource resource)
    {
        var attributes = Normalize(resource.Attributes);
        return ReferenceEquals(attributes, resource.Attributes)
            ? resource
            : new Resource
            {
                ServiceName = resource.ServiceName,
                Attributes = attributes,
                DroppedAttributes = resource.DroppedAttributes,
                SchemaUrl = resource.SchemaUrl,
                LocalEndpoint = resource.LocalEndpoint,
            };
    }

    private static IReadOnlyList<SpanAttribute> Normalize(IReadOnlyList<SpanAttribute> attributes)
    {
        for (var i = 0; i < attributes.Count; i++)
        {
            if (IsNumber(attributes[i]))
                return [.. attributes.Select(attribute => IsNumber(attribute) ? new SpanAttribute(attribute.Key, InWords(attribute.Value)) : attribute)];
        }

        return attributes;
    }

    private static bool IsNumber(SpanAttribute attribute) =>
        attribute is { Key: "ip" or "peer.ipv4", Value.Type: AttributeType.Int64 or AttributeType.Double };

    private static AttributeValue InWords(AttributeValue value)
    {
        // The number may have been a signed one.
        var bits = unchecked((uint)(value.Type == AttributeType.Int64 ? value.Int64 : (long)value.Double));
        return AttributeValue.Of(string.Create(
            CultureInfo.InvariantCulture, $"{bits >> 24}.{(bits >> 16) & 0xFF}.{(bits >> 8) & 0xFF}.{bits & 0xFF}"));
    }
}
