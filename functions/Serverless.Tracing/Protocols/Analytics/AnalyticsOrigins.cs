using System.Runtime.CompilerServices;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Analytics;

/// <summary>
/// The columns of what made a span, resource and scope. Spans of a frame share the objects, and where a <see cref="Frames.PooledSpanDecoder"/> made them traces do, so that these are
/// written once for all of them.
/// </summary>
internal sealed class AnalyticsOrigins
{
    // What systems refer to is small; a hostile trace is no reason to keep more.
    private const int MostKept = 4_096;
    private const int MostKeptBytes = 1 << 20;

    private readonly int _maxLineBytes;
    private readonly JsonBytes _json = new();
    private readonly AnalyticsValues _values;
    private readonly Dictionary<object, (int Offset, int Length)> _known = new(ReferenceEqualityComparer.Instance);
    private Resource? _lastResource;
    private InstrumentationScope? _lastScope;
    private (int Offset, int Length) _ofLastResource;
    private (int Offset, int Length) _ofLastScope;

    /// <param name="maxLineBytes">Columns that are longer are not written to their end.</param>
    public AnalyticsOrigins(int maxLineBytes)
    {
        _maxLineBytes = maxLineBytes;
        _values = new AnalyticsValues(_json);
    }

    /// <summary>Forgets what was written, and what it was written of.</summary>
    public void Reset()
    {
        _json.Trim(MostKeptBytes);
        _known.Clear();
        _lastResource = null;
        _lastScope = null;
    }

    /// <summary>The columns of a resource, each with a comma behind it.</summary>
    public ReadOnlySpan<byte> Of(Resource resource)
    {
        if (!ReferenceEquals(resource, _lastResource))
        {
            MakeRoom();
            if (!_known.TryGetValue(resource, out var place))
            {
                var offset = _json.Length;
                _values.MostLength = offset + _maxLineBytes;
                Write(_json, _values, resource);
                _known[resource] = place = (offset, _json.Length - offset);
            }

            (_lastResource, _ofLastResource) = (resource, place);
        }

        return _json.Written.Slice(_ofLastResource.Offset, _ofLastResource.Length);
    }

    /// <summary>The columns of a scope, each with a comma behind it.</summary>
    public ReadOnlySpan<byte> Of(InstrumentationScope scope)
    {
        if (!ReferenceEquals(scope, _lastScope))
        {
            MakeRoom();
            if (!_known.TryGetValue(scope, out var place))
            {
                var offset = _json.Length;
                _values.MostLength = offset + _maxLineBytes;
                Write(_json, _values, scope);
                _known[scope] = place = (offset, _json.Length - offset);
            }

            (_lastScope, _ofLastScope) = (scope, place);
        }

        return _json.Written.Slice(_ofLastScope.Offset, _ofLastScope.Length);
    }

    /// <summary>Writes the columns of a resource.</summary>
    public static void Write(JsonBytes json, AnalyticsValues values, Resource resource)
    {
        Text(json, values, "\"Service\":"u8, resource.ServiceName);
        Text(json, values, "\"Instance\":"u8, SpanOrigin.InstanceOf(resource));
        Text(json, values, "\"Host\":"u8, SpanOrigin.HostOf(resource));
        if (resource.LocalEndpoint is { } endpoint)
            Address(json, "\"LocalAddress\":"u8, endpoint);
        Bag(json, values, "\"ResourceAttributes\":"u8, resource.Attributes);
        Text(json, values, "\"ResourceSchemaUrl\":"u8, resource.SchemaUrl);
    }

    /// <summary>Writes the columns of a scope.</summary>
    public static void Write(JsonBytes json, AnalyticsValues values, InstrumentationScope scope)
    {
        Text(json, values, "\"ScopeName\":"u8, scope.Name);
        Text(json, values, "\"ScopeVersion\":"u8, scope.Version);
        Bag(json, values, "\"ScopeAttributes\":"u8, scope.Attributes);
        Text(json, values, "\"ScopeSchemaUrl\":"u8, scope.SchemaUrl);
    }

    /// <summary>A column of text and a comma; nothing where the text is empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Text(JsonBytes json, AnalyticsValues values, ReadOnlySpan<byte> name, string text)
    {
        if (text.Length == 0)
            return;
        json.Raw(name);
        json.Text(values.Cut.Of(text));
        json.Raw((byte)',');
    }

    /// <summary>A column of attributes and a comma; nothing where there is none.</summary>
    public static void Bag(JsonBytes json, AnalyticsValues values, ReadOnlySpan<byte> name, IReadOnlyList<SpanAttribute> attributes)
    {
        if (attributes.Count == 0)
            return;
        json.Raw(name);
        values.Bag(attributes);
        json.Raw((byte)',');
    }

    /// <summary>A column of an address with its port and a comma; nothing where there is none.</summary>
    public static void Address(JsonBytes json, ReadOnlySpan<byte> name, Endpoint endpoint)
    {
        var address = endpoint.Ipv4 ?? endpoint.Ipv6;
        if (address is null && endpoint.Port == 0)
            return;
        json.Raw(name);
        json.Raw((byte)'"');
        var isBracketed = address is not null && address == endpoint.Ipv6 && endpoint.Port != 0;
        if (address is not null)
            json.Raw(System.Text.Encoding.UTF8.GetBytes(isBracketed ? $"[{address}]" : address.ToString()));
        if (endpoint.Port != 0)
        {
            json.Raw((byte)':');
            json.Number(endpoint.Port);
        }

        json.Raw("\","u8);
    }

    private void MakeRoom()
    {
        if (_known.Count >= MostKept || _json.Length > MostKeptBytes)
            Reset();
    }
}
