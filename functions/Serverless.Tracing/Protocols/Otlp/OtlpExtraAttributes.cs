using System.Net;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>A span's attributes, and behind them what it says that OTLP has no field for, under OpenTelemetry's names where there are any.</summary>
internal static class OtlpExtraAttributes
{
    private const string PeerService = "peer.service";
    private const string PeerAddress = "network.peer.address";
    private const string PeerPort = "network.peer.port";
    private const string LocalAddress = "network.local.address";
    private const string LocalPort = "network.local.port";
    private const string Debug = "zipkin.debug";
    private const string Shared = "zipkin.shared";

    /// <summary>All of them; an attribute of the span wins over what would have its key.</summary>
    /// <param name="span">The span.</param>
    /// <param name="warnings">What a person should know about it, or null.</param>
    public static IReadOnlyList<SpanAttribute> Of(Span span, IReadOnlyList<string>? warnings)
    {
        if (span.RemoteEndpoint is null && span.Resource.LocalEndpoint is null && !span.IsDebug && !span.IsShared && warnings is null)
            return span.Attributes;
        var attributes = span.Attributes.ToList();
        if (span.RemoteEndpoint is { } remote)
        {
            if (remote.ServiceName.Length > 0)
                Add(PeerService, AttributeValue.Of(remote.ServiceName));
            AddAddress(remote, PeerAddress, PeerPort);
        }

        if (span.Resource.LocalEndpoint is { } local)
            AddAddress(local, LocalAddress, LocalPort);
        if (span.IsDebug)
            Add(Debug, AttributeValue.Of(true));
        if (span.IsShared)
            Add(Shared, AttributeValue.Of(true));
        if (warnings is not null)
            Add(OtlpJsonWriter.JaegerWarnings, AttributeValue.Of([.. warnings.Select(AttributeValue.Of)]));
        return attributes;

        void AddAddress(Endpoint endpoint, string addressKey, string portKey)
        {
            var addresses = new[] { endpoint.Ipv4, endpoint.Ipv6 }.OfType<IPAddress>().Select(address => AttributeValue.Of(address.ToString())).ToArray();
            if (addresses.Length > 0)
                Add(addressKey, addresses.Length == 1 ? addresses[0] : AttributeValue.Of(addresses));
            if (endpoint.Port != 0)
                Add(portKey, AttributeValue.Of((long)endpoint.Port));
        }

        void Add(string key, AttributeValue value)
        {
            if (!span.Attributes.Any(attribute => attribute.Key == key))
                attributes.Add(new SpanAttribute(key, value));
        }
    }
}
