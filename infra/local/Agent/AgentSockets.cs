using System.Net;
using System.Net.Sockets;

namespace Serverless.Local;

/// <summary>The UDP sockets of the agent ports, with receive buffers as large as the system gives.</summary>
internal sealed class AgentSockets : IDisposable
{
    private const int ReceiveBufferBytes = 4 << 20;

    // Linux: SO_RCVBUFFORCE goes over net.core.rmem_max, for those who may.
    private const int SolSocket = 1;
    private const int ReceiveBufferForce = 33;

    private readonly List<Socket> _sockets = [];

    /// <summary>The sockets.</summary>
    public IReadOnlyList<Socket> All => _sockets;

    /// <summary>Binds the ports that can be had; says of the others that they are left out.</summary>
    public static AgentSockets Bind(RunnerOptions options, TextWriter errors)
    {
        var sockets = new AgentSockets();
        foreach (var port in options.UdpPorts.Distinct())
        {
            if (sockets.TryBind(options.Listen, port) is not { } reason)
                continue;
            errors.WriteLine(
                $"UDP port {port} {(reason == SocketError.AddressAlreadyInUse ? "is taken" : $"cannot be had ({reason})")}; "
                + "Jaeger clients that send to an agent there will not reach this system.");
        }

        return sockets;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
    }

    private SocketError? TryBind(IPAddress? listen, int port)
    {
        if (listen is not null)
            return TryBind(new IPEndPoint(listen, port), out _);
        if (TryBind(new IPEndPoint(IPAddress.Loopback, port), out var bound) is { } failure)
            return failure;

        // Without IPv6 on this machine, or where the port is taken there, IPv4 has to do: it is what clients send by.
        if (Socket.OSSupportsIPv6)
            TryBind(new IPEndPoint(IPAddress.IPv6Loopback, bound), out _);
        return null;
    }

    private SocketError? TryBind(IPEndPoint address, out int port)
    {
        port = 0;
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            Enlarge(socket);
            socket.Bind(address);
            port = ((IPEndPoint)socket.LocalEndPoint!).Port;
            _sockets.Add(socket);
            return null;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            return e.SocketErrorCode;
        }
    }

    private static void Enlarge(Socket socket)
    {
        socket.ReceiveBufferSize = ReceiveBufferBytes;
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            socket.SetRawSocketOption(SolSocket, ReceiveBufferForce, BitConverter.GetBytes(ReceiveBufferBytes));
        }
        catch (SocketException)
        {
            // Not allowed: the buffer is what the system gives everybody.
        }
    }
}
