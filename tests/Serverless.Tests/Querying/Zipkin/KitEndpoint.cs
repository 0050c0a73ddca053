namespace Serverless.Tests.Querying.Zipkin;

/// <summary>An endpoint as Zipkin's JSON has it; what is null or 0 is left out.</summary>
internal sealed record KitEndpoint(string? ServiceName, string? Ipv4 = null, string? Ipv6 = null, int Port = 0);
