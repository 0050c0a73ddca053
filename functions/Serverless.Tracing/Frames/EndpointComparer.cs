namespace Serverless.Tracing.Frames;

/// <summary>
/// Hashes endpoints with a secret of the process: addresses and ports are the sender's choice, and the hash of a record, or of a number of
/// more than 32 bits, has none.
/// </summary>
internal sealed class EndpointComparer : IEqualityComparer<EndpointItem>
{
    public static readonly EndpointComparer Instance = new();

    public bool Equals(EndpointItem x, EndpointItem y) => x == y;

    public int GetHashCode(EndpointItem endpoint)
    {
        if (endpoint.Ipv6 is not { } ipv6)
            return HashCode.Combine(endpoint.ServiceName, endpoint.Ipv4, endpoint.Port);
        return HashCode.Combine(
            endpoint.ServiceName, endpoint.Ipv4, endpoint.Port, (uint)ipv6, (uint)(ipv6 >> 32), (uint)(ipv6 >> 64), (uint)(ipv6 >> 96));
    }
}
