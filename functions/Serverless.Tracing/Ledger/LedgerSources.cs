using System.Net;
using System.Text;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Ledger;

/// <summary>
/// Tells the source of spans from their resource: of a decoded request, without making texts of what was seen before, and of
/// a stored span. Both give the same. Keeps what it has seen; used by one at a time.
/// </summary>
public sealed class LedgerSources
{
    private const int MostKnown = 1_024;

    // What is longer is cut in the source anyway, and is rare.
    private const int LongestKey = 2_048;

    private readonly Dictionary<byte[], LedgerSource> _known = new(new ByteKeyComparer());
    private readonly ByteSink _key = new();

    /// <summary>The source of a span that was read from storage.</summary>
    public static LedgerSource Of(Span span) => Of(span.Protocol, span.Resource);

    /// <summary>The source of spans of a resource.</summary>
    public static LedgerSource Of(SpanProtocol protocol, Resource resource)
    {
        var parts = new string?[SenderKeys.Count];
        foreach (var attribute in resource.Attributes)
        {
            var part = SenderKeys.Find(attribute.Key);
            if (part >= 0 && parts[part] is null && AttributeText.Of(attribute.Value) is { Length: > 0 } text)
                parts[part] = text;
        }

        var endpoint = resource.LocalEndpoint;
        return Compose(protocol, resource.ServiceName, parts, endpoint?.Ipv4 ?? endpoint?.Ipv6);
    }

    /// <summary>The source of a request of which only its <c>User-Agent</c> is known.</summary>
    public static LedgerSource Of(SpanProtocol protocol, string userAgent) => new(protocol, "", userAgent, "");

    /// <summary>The source of a resource of a batch.</summary>
    internal LedgerSource Of(SpanBatch batch, in ResourceItem resource)
    {
        Span<int> found = stackalloc int[SenderKeys.Count];
        found.Clear();
        for (var i = resource.Attributes.First; i != 0;)
        {
            ref readonly var attribute = ref batch.Attributes[i - 1];
            var part = SenderKeys.Find(batch.Texts[attribute.Key]);
            if (part >= 0 && found[part] == 0 && HasText(batch, attribute))
                found[part] = i;
            i = attribute.Next;
        }

        WriteKey(batch, resource, found);
        if (_key.Length > LongestKey)
            return Make(batch, resource, found);
        var lookup = _known.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (lookup.TryGetValue(_key.Written, out var known))
            return known;
        if (_known.Count >= MostKnown)
            _known.Clear();
        return _known[_key.Written.ToArray()] = Make(batch, resource, found);
    }

    private void WriteKey(SpanBatch batch, in ResourceItem resource, ReadOnlySpan<int> found)
    {
        _key.Reset();
        _key.Byte((byte)batch.Protocol);
        Append(batch.Texts[resource.ServiceName]);
        for (var part = 0; part < found.Length; part++)
        {
            if (found[part] == 0)
                continue;
            ref readonly var attribute = ref batch.Attributes[found[part] - 1];
            _key.Byte((byte)part);
            _key.Byte((byte)attribute.Type);
            if (attribute.Type >= AttributeType.String && attribute.Type != AttributeType.Int64 && attribute.Type != AttributeType.Double)
                Append(batch.Texts[(int)attribute.Bits]);
            else
                _key.Fixed64((ulong)attribute.Bits);
        }

        if (resource.LocalEndpoint == 0)
            return;
        ref readonly var endpoint = ref batch.Endpoints[resource.LocalEndpoint - 1];
        _key.Byte(0xFF);
        _key.Byte((byte)(endpoint.Ipv4 is null ? endpoint.Ipv6 is null ? 0 : 6 : 4));
        _key.Fixed64(endpoint.Ipv4 ?? (ulong)(endpoint.Ipv6 ?? 0));
        _key.Fixed64((ulong)((endpoint.Ipv6 ?? 0) >> 64));
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        _key.Varint(text.Length);
        _key.Bytes(text[..Math.Min(text.Length, LongestKey + 1)]);
    }

    private static LedgerSource Make(SpanBatch batch, in ResourceItem resource, ReadOnlySpan<int> found)
    {
        var parts = new string?[SenderKeys.Count];
        for (var part = 0; part < found.Length; part++)
        {
            if (found[part] != 0)
                parts[part] = TextOf(batch, batch.Attributes[found[part] - 1]);
        }

        IPAddress? address = null;
        if (resource.LocalEndpoint != 0)
        {
            ref readonly var endpoint = ref batch.Endpoints[resource.LocalEndpoint - 1];
            address = AddressOf(endpoint);
        }

        return Compose(batch.Protocol, Encoding.UTF8.GetString(batch.Texts[resource.ServiceName]), parts, address);
    }

    private static LedgerSource Compose(SpanProtocol protocol, string service, string?[] parts, IPAddress? address)
    {
        var instance = "";
        for (var part = SenderKeys.FirstInstance; part < parts.Length && instance.Length == 0; part++)
            instance = parts[part] ?? "";
        if (instance.Length == 0 && address is not null)
            instance = address.ToString();
        var jaeger = parts[SenderKeys.JaegerVersion];
        var sender = parts[SenderKeys.SdkName] is { } sdk
            ? string.Join('/', sdk, parts[SenderKeys.SdkLanguage] ?? "", parts[SenderKeys.SdkVersion] ?? "").TrimEnd('/')
            : jaeger is null ? "" : $"jaeger/{jaeger}";
        return new LedgerSource(protocol, service, sender, instance);
    }

    private static bool HasText(SpanBatch batch, in AttributeItem attribute) => attribute.Type switch
    {
        AttributeType.Empty => false,
        AttributeType.String or AttributeType.Bytes => attribute.Bits != 0,
        AttributeType.Array => TextOf(batch, attribute).Length > 0,
        _ => true,
    };

    private static string TextOf(SpanBatch batch, in AttributeItem attribute) => AttributeText.Of(attribute.Type switch
    {
        AttributeType.Empty => default,
        AttributeType.True => AttributeValue.Of(true),
        AttributeType.False => AttributeValue.Of(false),
        AttributeType.Int64 => AttributeValue.Of(attribute.Bits),
        AttributeType.Double => AttributeValue.Of(BitConverter.Int64BitsToDouble(attribute.Bits)),
        AttributeType.String => AttributeValue.Of(Encoding.UTF8.GetString(batch.Texts[(int)attribute.Bits])),
        AttributeType.Bytes => AttributeValue.Of(batch.Texts[(int)attribute.Bits].ToArray()),
        _ => NestedValueReader.Read(attribute.Type, batch.Texts[(int)attribute.Bits]),
    });

    private static IPAddress? AddressOf(in EndpointItem endpoint)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (endpoint.Ipv4 is { } ipv4)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, ipv4);
            return new IPAddress(bytes[..4]);
        }

        if (endpoint.Ipv6 is not { } ipv6)
            return null;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, ipv6);
        return new IPAddress(bytes);
    }
}
