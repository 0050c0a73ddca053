using System.Runtime.CompilerServices;
using System.Text;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Tracing.Frames;

/// <summary>
/// Texts, resources and scopes that one reader's traces have in common: nearly all but ids and paths repeat from trace to trace. Each has four places, by its hash; a new one takes
/// the place of any of those that are there: bounded, and a sender of ever new names costs little more than without a pool. Used by one reader at a time.
/// </summary>
internal sealed class ModelPool
{
    private const int Ways = 4;
    private const int TextPlaces = 1_024 * Ways;
    private const int OriginPlaces = 256 * Ways;

    // Longer texts are messages and statements; with this bound all together take 1 MB.
    private const int LongestTextBytes = 128;

    private readonly string?[] _texts = new string?[TextPlaces];
    private readonly Resource?[] _resources = new Resource?[OriginPlaces];
    private readonly InstrumentationScope?[] _scopes = new InstrumentationScope?[OriginPlaces];
    private uint _turn;

    /// <summary>A text of its UTF-8 bytes.</summary>
    public string Text(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > LongestTextBytes)
            return Encoding.UTF8.GetString(utf8);
        var places = _texts.AsSpan((int)(StableHash.Of(utf8) % (TextPlaces / Ways)) * Ways, Ways);
        for (var way = 0; way < Ways; way++)
        {
            if (places[way] is { } known && Ascii.Equals(utf8, known))
                return known;
        }

        return places[Victim()] = Encoding.UTF8.GetString(utf8);
    }

    /// <summary>A resource of texts that come from this pool: the one that was made before of the very same, or a new one.</summary>
    public Resource Resource(string service, string schemaUrl, Endpoint? endpoint, uint dropped, ReadOnlySpan<SpanAttribute> attributes)
    {
        var places = _resources.AsSpan(FirstPlace(service, attributes), Ways);
        for (var way = 0; way < Ways; way++)
        {
            if (places[way] is { } known && ReferenceEquals(known.ServiceName, service) && ReferenceEquals(known.SchemaUrl, schemaUrl)
                && known.DroppedAttributes == dropped && Equals(known.LocalEndpoint, endpoint) && AreSame(known.Attributes, attributes))
                return known;
        }

        return places[Victim()] = new Resource
        {
            ServiceName = service,
            SchemaUrl = schemaUrl,
            LocalEndpoint = endpoint,
            DroppedAttributes = dropped,
            Attributes = attributes.ToArray(),
        };
    }

    /// <summary>The same for a scope.</summary>
    public InstrumentationScope Scope(string name, string version, string schemaUrl, uint dropped, ReadOnlySpan<SpanAttribute> attributes)
    {
        var places = _scopes.AsSpan(FirstPlace(name, attributes), Ways);
        for (var way = 0; way < Ways; way++)
        {
            if (places[way] is { } known && ReferenceEquals(known.Name, name) && ReferenceEquals(known.Version, version) && ReferenceEquals(known.SchemaUrl, schemaUrl)
                && known.DroppedAttributes == dropped && AreSame(known.Attributes, attributes))
                return known;
        }

        return places[Victim()] = new InstrumentationScope
        {
            Name = name,
            Version = version,
            SchemaUrl = schemaUrl,
            DroppedAttributes = dropped,
            Attributes = attributes.ToArray(),
        };
    }

    // In turn, over all sets of places: two that meet in one do not push each other out.
    private int Victim() => (int)(_turn++ % Ways);

    private static int FirstPlace(string name, ReadOnlySpan<SpanAttribute> attributes)
    {
        var hash = (uint)RuntimeHelpers.GetHashCode(name);
        foreach (ref readonly var attribute in attributes)
            hash = (hash * 31) + (uint)attribute.Value.IdentityHash;
        return (int)((hash ^ (hash >> 15)) % (OriginPlaces / Ways)) * Ways;
    }

    // What is made of a list, a map or bytes is new each time, and so is a resource that has any.
    private static bool AreSame(IReadOnlyList<SpanAttribute> known, ReadOnlySpan<SpanAttribute> attributes)
    {
        if (known is not SpanAttribute[] array || array.Length != attributes.Length)
            return false;
        for (var i = 0; i < array.Length; i++)
        {
            if (!ReferenceEquals(array[i].Key, attributes[i].Key) || !array[i].Value.IsIdentical(attributes[i].Value))
                return false;
        }

        return true;
    }
}
