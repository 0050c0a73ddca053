using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>
/// The other side of a call that a span's attributes name, by the ranking of OpenTelemetry's Zipkin transformation ("Remote
/// endpoint"): the first attribute that is present decides.
/// </summary>
internal static class ZipkinRemoteEndpoint
{
    // IPv6 with a dotted tail.
    private const int LongestAddress = 45;

    private static readonly (string Key, string? PortKey)[] Ranking =
    [
        ("peer.service", null),
        ("server.address", null),
        ("net.peer.name", null),
        ("network.peer.address", "network.peer.port"),
        ("server.socket.domain", null),
        ("server.socket.address", "server.socket.port"),
        ("net.sock.peer.name", null),
        ("net.sock.peer.addr", "net.sock.peer.port"),
        ("peer.hostname", null),
        ("peer.address", null),
        ("db.name", null),
    ];

    /// <summary>The endpoint, or null: also for what is no call out, and for Zipkin's own spans, which say it themselves.</summary>
    public static Endpoint? Of(Span span)
    {
        if (span.Protocol == SpanProtocol.Zipkin || span.Kind is not (SpanKind.Client or SpanKind.Producer))
            return null;
        foreach (var (key, portKey) in Ranking)
        {
            var value = Find(span.Attributes, key);
            if (value.Length == 0)
                continue;
            var port = portKey is null ? 0 : PortOf(Find(span.Attributes, portKey));
            return AddressOf(value, port) ?? new Endpoint(value, null, null, port);
        }

        return null;
    }

    private static Endpoint? AddressOf(string text, int port)
    {
        if (text.Length > LongestAddress || !IpText.TryParse(Encoding.UTF8.GetBytes(text), out var ipv4, out var ipv6))
            return null;
        Span<byte> bytes = stackalloc byte[16];
        if (ipv4 is { } narrow)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, narrow);
            return new Endpoint("", new IPAddress(bytes[..4]), null, port);
        }

        BinaryPrimitives.WriteUInt128BigEndian(bytes, ipv6.GetValueOrDefault());
        return new Endpoint("", null, new IPAddress(bytes), port);
    }

    private static int PortOf(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 0;

    private static string Find(IReadOnlyList<SpanAttribute> attributes, string key)
    {
        for (var i = 0; i < attributes.Count; i++)
        {
            if (attributes[i].Key == key)
                return attributes[i].Value.ToString();
        }

        return "";
    }
}
