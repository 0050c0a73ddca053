using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Serverless.Local;

/// <summary>What the runner listens on; empty until the host starts.</summary>
/// <param name="hasSampling">Whether the app can answer on the sampling port.</param>
internal sealed class RunnerAddresses(bool hasSampling)
{
    private ListenSockets? _sockets;

    /// <summary>Whether the app can answer on the sampling port.</summary>
    public bool HasSampling { get; } = hasSampling;

    /// <summary>The addresses, as in <c>http://127.0.0.1:7071</c>; the main port's first.</summary>
    public IReadOnlyList<Uri> All { get; private set; } = [];

    /// <summary>The port on which any request asks for a sampling strategy, or 0.</summary>
    public int SamplingPort => _sockets?.SamplingPort ?? 0;

    /// <summary>The addresses of gRPC; empty where it is off.</summary>
    public IReadOnlyList<IPEndPoint> Grpc { get; private set; } = [];

    /// <summary>The port of gRPC, or -1 where it is off.</summary>
    public int GrpcPort { get; private set; } = -1;

    /// <summary>Takes the bound sockets, before Kestrel is made.</summary>
    public void Set(ListenSockets sockets)
    {
        _sockets = sockets;
        All = [.. sockets.Addresses.Select(a => new Uri($"http://{a}"))];
        Grpc = sockets.GrpcAddresses;
        GrpcPort = Grpc.Count > 0 ? Grpc[0].Port : -1;
    }

    /// <summary>Makes Kestrel listen on the bound sockets.</summary>
    public void Apply(KestrelServerOptions options)
    {
        foreach (var address in _sockets?.Addresses ?? [])
            options.Listen(address);

        // Without TLS there is no negotiation: HTTP/2 has to be known beforehand, and the port cannot have both.
        foreach (var address in Grpc)
            options.Listen(address, listen => listen.Protocols = HttpProtocols.Http2);
    }

    /// <summary>The bound socket of an address.</summary>
    public Socket Take(EndPoint address) => _sockets?.HandOver(address) ?? throw new InvalidOperationException("No ports are bound.");
}
