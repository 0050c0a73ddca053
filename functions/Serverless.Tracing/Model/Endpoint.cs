using System.Net;

namespace Serverless.Tracing.Model;

/// <summary>One side of a call, as Zipkin describes it.</summary>
/// <param name="ServiceName">The service's name, or empty.</param>
/// <param name="Ipv4">The IPv4 address, or null.</param>
/// <param name="Ipv6">The IPv6 address, or null.</param>
/// <param name="Port">The port, or 0.</param>
public sealed record Endpoint(string ServiceName, IPAddress? Ipv4, IPAddress? Ipv6, int Port);
