using System.Net;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// What is known of the service and address that reports come from, which may be sent in parts: reports that contradict it come from elsewhere.
/// </summary>
internal struct OriginTracker
{
    private string? _service;
    private IPAddress? _ipv4;
    private IPAddress? _ipv6;
    private int _port;

    /// <summary>Takes a report's origin in, unless it contradicts.</summary>
    public bool TryAdd(Span span)
    {
        var service = span.ServiceName.Length == 0 ? null : span.ServiceName;
        var endpoint = span.Resource.LocalEndpoint;
        var port = endpoint?.Port ?? 0;
        if (Contradicts(_service, service) || Contradicts(_ipv4, endpoint?.Ipv4) || Contradicts(_ipv6, endpoint?.Ipv6)
            || (_port != 0 && port != 0 && _port != port))
            return false;
        _service ??= service;
        _ipv4 ??= endpoint?.Ipv4;
        _ipv6 ??= endpoint?.Ipv6;
        _port = _port == 0 ? port : _port;
        return true;
    }

    /// <summary>By service, then address; what names none comes first, so that it joins the first that there is.</summary>
    public static int Compare(Span x, Span y)
    {
        var order = string.CompareOrdinal(x.ServiceName, y.ServiceName);
        var (left, right) = (x.Resource.LocalEndpoint, y.Resource.LocalEndpoint);
        if (order == 0)
            order = SpanContentOrder.Compare(left?.Ipv4, right?.Ipv4);
        if (order == 0)
            order = SpanContentOrder.Compare(left?.Ipv6, right?.Ipv6);
        return order != 0 ? order : (left?.Port ?? 0).CompareTo(right?.Port ?? 0);
    }

    private static bool Contradicts<T>(T? known, T? other)
        where T : class => known is not null && other is not null && !known.Equals(other);
}
