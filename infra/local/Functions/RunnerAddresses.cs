using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Serverless.Local;

/// <summary>What the runner listens on; empty until the host starts.</summary>
internal sealed class RunnerAddresses
{
    private ListenSockets? _sockets;

    /// <summary>The addresses, as in <c>http://127.0.0.1:7071</c>; the main port's first.</summary>
    public IReadOnlyList<Uri> All { get; private set; } = [];

    /// <summary>Takes the bound sockets, before Kestrel is made.</summary>
    public void Set(ListenSockets sockets)
    {
        _sockets = sockets;
        All = [.. sockets.Addresses.Select(a => new Uri($"http://{a}"))];
    }

    /// <summary>Makes Kestrel listen on the bound sockets.</summary>
    public void Apply(KestrelServerOptions options)
    {
        foreach (var address in _sockets?.Addresses ?? [])
            options.Listen(address);
    }

    /// <summary>The bound socket of an address.</summary>
    public Socket Take(EndPoint address) => _sockets?.HandOver(address) ?? throw new InvalidOperationException("No ports are bound.");
}
