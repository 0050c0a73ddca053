using System.Runtime.InteropServices;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols;

/// <summary>Equality by content of what spans have in common: equal resources are different objects where spans came in different requests.</summary>
internal static class ContentComparer
{
    /// <summary>Resources with all that they say.</summary>
    public static IEqualityComparer<Resource> OfResources { get; } = new ResourceComparer();

    /// <summary>Scopes with all that they say.</summary>
    public static IEqualityComparer<InstrumentationScope> OfScopes { get; } = new ScopeComparer();

    private static bool Same(IReadOnlyList<SpanAttribute> x, IReadOnlyList<SpanAttribute> y)
    {
        if (x.Count != y.Count)
            return false;
        for (var i = 0; i < x.Count; i++)
        {
            if (x[i].Key != y[i].Key || !Same(x[i].Value, y[i].Value))
                return false;
        }

        return true;
    }

    private static bool Same(AttributeValue x, AttributeValue y)
    {
        if (x.Type != y.Type)
            return false;
        return x.Type switch
        {
            AttributeType.String => x.Text == y.Text,
            AttributeType.Int64 or AttributeType.Double => x.Int64 == y.Int64,
            AttributeType.Bytes => x.Bytes.AsSpan().SequenceEqual(y.Bytes),
            // Nested values are rare in resources; their texts tell them apart.
            AttributeType.Array or AttributeType.Map => x.ToString() == y.ToString(),
            _ => true,
        };
    }

    // All that tells them apart: else a trace of many that differ in a number would take quadratic time.
    private static void AddTo(ref HashCode hash, IReadOnlyList<SpanAttribute> attributes)
    {
        for (var i = 0; i < attributes.Count; i++)
        {
            hash.Add(attributes[i].Key);
            AddTo(ref hash, attributes[i].Value);
        }
    }

    private static void AddTo(ref HashCode hash, AttributeValue value)
    {
        hash.Add(value.Type);
        switch (value.Type)
        {
            case AttributeType.String:
                hash.Add(value.Text);
                break;
            case AttributeType.Int64 or AttributeType.Double:
                var bits = value.Int64;
                hash.AddBytes(MemoryMarshal.AsBytes(new ReadOnlySpan<long>(ref bits)));
                break;
            case AttributeType.Bytes:
                hash.AddBytes(value.Bytes);
                break;
            case AttributeType.Array or AttributeType.Map:
                hash.Add(value.ToString());
                break;
        }
    }

    private sealed class ResourceComparer : IEqualityComparer<Resource>
    {
        public bool Equals(Resource? x, Resource? y) =>
            ReferenceEquals(x, y) || (x is not null && y is not null
                && x.ServiceName == y.ServiceName && x.LocalEndpoint == y.LocalEndpoint && x.DroppedAttributes == y.DroppedAttributes
                && x.SchemaUrl == y.SchemaUrl && Same(x.Attributes, y.Attributes));

        public int GetHashCode(Resource resource)
        {
            var hash = default(HashCode);
            hash.Add(resource.ServiceName);
            hash.Add(resource.LocalEndpoint);
            hash.Add(resource.DroppedAttributes);
            AddTo(ref hash, resource.Attributes);
            return hash.ToHashCode();
        }
    }

    private sealed class ScopeComparer : IEqualityComparer<InstrumentationScope>
    {
        public bool Equals(InstrumentationScope? x, InstrumentationScope? y) =>
            ReferenceEquals(x, y) || (x is not null && y is not null
                && x.Name == y.Name && x.Version == y.Version && x.SchemaUrl == y.SchemaUrl && x.DroppedAttributes == y.DroppedAttributes
                && Same(x.Attributes, y.Attributes));

        public int GetHashCode(InstrumentationScope scope)
        {
            var hash = default(HashCode);
            hash.Add(scope.Name);
            hash.Add(scope.Version);
            AddTo(ref hash, scope.Attributes);
            return hash.ToHashCode();
        }
    }
}
