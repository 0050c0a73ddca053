using System.Net;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// The name of the other side of a call as a span gives it. Zipkin's senders have a field for it; for the others it is the first of OpenTelemetry's
/// attributes that names one (its Zipkin transformation, "Remote endpoint"), then the system: of a message the broker's comes before any
/// address, so that both sides name the same broker.
/// </summary>
internal static class RemoteService
{
    private static readonly string[] OfCalls =
    [
        "peer.service", "server.address", "net.peer.name", "server.socket.domain", "net.sock.peer.name", "peer.hostname",
        "db.system.name", "db.system", "db.type", "messaging.system",
    ];

    private static readonly string[] OfMessages =
        ["peer.service", "messaging.system", "message_bus.destination", "server.address", "net.peer.name"];

    private static readonly string[] OfServers = ["peer.service"];

    /// <summary>All attributes that may name it.</summary>
    public static IEnumerable<string> Keys => [.. OfCalls, .. OfMessages, .. OfServers];

    /// <summary>The name, or empty. An address is no name.</summary>
    public static string NameOf(Span span)
    {
        if (span.RemoteEndpoint is { ServiceName.Length: > 0 } remote)
            return remote.ServiceName;
        if (span.Protocol == SpanProtocol.Zipkin || span.Attributes.Count == 0)
            return "";
        var keys = span.Kind switch
        {
            SpanKind.Producer or SpanKind.Consumer => OfMessages,
            SpanKind.Server => OfServers,
            SpanKind.Internal => [],
            _ => OfCalls,
        };
        foreach (var key in keys)
        {
            if (AttributeText.Find(span.Attributes, key) is { Length: > 0 } text && !IsAddress(text))
                return text;
        }

        return "";
    }

    // An address of four numbers begins with a digit, one of IPv6 has a colon.
    private static bool IsAddress(string text) => (char.IsAsciiDigit(text[0]) || text.Contains(':', StringComparison.Ordinal)) && IPAddress.TryParse(text, out _);
}
