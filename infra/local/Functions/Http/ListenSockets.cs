using System.Net;
using System.Net.Sockets;

namespace Serverless.Local;

/// <summary>
/// The sockets that are listened on, bound before Kestrel gets them: so that a port that is taken can be told from other
/// failures, and one of the further ports can be done without.
/// </summary>
internal sealed class ListenSockets : IDisposable
{
    private const int Backlog = 512;

    private static readonly Dictionary<int, string> Purposes = new()
    {
        [4317] = "OTLP exporters for gRPC with default settings will not reach this system",
        [4318] = "OTLP exporters with default settings will not reach this system",
        [9411] = "Zipkin clients with default settings will not reach this system",
        [5778] = "Jaeger clients that ask an agent for their sampling strategy will not reach this system",
        [14268] = "Jaeger clients with default settings will not reach this system",
        [16686] = "the page is not where users of Jaeger look for it",
    };

    private readonly List<Socket> _sockets = [];
    private int _httpSockets;
    private readonly HashSet<Socket> _handedOver = [];

    private ListenSockets()
    {
    }

    /// <summary>What is listened on for HTTP, the main port first.</summary>
    public IReadOnlyList<IPEndPoint> Addresses => [.. _sockets.Take(_httpSockets).Select(AddressOf)];

    /// <summary>What is listened on for gRPC; empty where it is switched off, or its port taken.</summary>
    public IReadOnlyList<IPEndPoint> GrpcAddresses => [.. _sockets.Skip(_httpSockets).Select(AddressOf)];

    /// <summary>The port on which any request asks for a sampling strategy, or 0.</summary>
    public int SamplingPort { get; private set; }

    /// <summary>Binds the ports; says on <paramref name="errors"/> which of the further ports are left out.</summary>
    /// <param name="options">The ports and addresses.</param>
    /// <param name="hasSampling">Whether the app can answer on the sampling port.</param>
    /// <param name="errors">Takes the warnings.</param>
    /// <exception cref="LocalPlatformException">The main port cannot be had.</exception>
    public static ListenSockets Bind(RunnerOptions options, bool hasSampling, TextWriter errors)
    {
        var sockets = new ListenSockets();
        try
        {
            if (sockets.TryBind(options.Listen, options.Port) is { } failure)
            {
                throw new LocalPlatformException(failure == SocketError.AddressAlreadyInUse
                    ? $"Port {options.Port} is taken by another program. Stop it, or choose another with --port."
                    : $"Port {options.Port} cannot be listened on ({Describe(failure)}). Choose another with --port, or another address with --listen.");
            }

            foreach (var port in options.AlsoPorts.Distinct().Where(p => p == 0 || p != options.Port))
                sockets.TryBind(options.Listen, port, errors);
            var others = sockets._sockets.Count;
            if (hasSampling && options.SamplingPort is { } samplingPort && sockets.TryBind(options.Listen, samplingPort, errors))
                sockets.SamplingPort = AddressOf(sockets._sockets[others]).Port;
            sockets._httpSockets = sockets._sockets.Count;
            if (options.GrpcPort is { } grpcPort)
                sockets.TryBind(options.Listen, grpcPort, errors);
            return sockets;
        }
        catch
        {
            sockets.Dispose();
            throw;
        }
    }

    /// <summary>The bound socket of an address; whoever asks owns it from then on.</summary>
    public Socket HandOver(EndPoint address)
    {
        var socket = _sockets.First(s => s.LocalEndPoint!.Equals(address) && !_handedOver.Contains(s));
        _handedOver.Add(socket);
        return socket;
    }

    /// <summary>Closes the sockets that nobody has taken.</summary>
    public void Dispose()
    {
        foreach (var socket in _sockets.Where(s => !_handedOver.Contains(s)))
            socket.Dispose();
    }

    private static IPEndPoint AddressOf(Socket socket) => (IPEndPoint)socket.LocalEndPoint!;

    private bool TryBind(IPAddress? listen, int port, TextWriter errors)
    {
        if (TryBind(listen, port) is not { } reason)
            return true;
        var consequence = Purposes.GetValueOrDefault(port, "clients of that port will not reach this system");
        errors.WriteLine(reason == SocketError.AddressAlreadyInUse
            ? $"Port {port} is taken; {consequence}."
            : $"Port {port} cannot be listened on ({Describe(reason)}); {consequence}.");
        return false;
    }

    private SocketError? TryBind(IPAddress? listen, int port)
    {
        if (listen is not null)
            return TryBind(new IPEndPoint(listen, port), out _);
        if (TryBind(new IPEndPoint(IPAddress.Loopback, port), out var bound) is { } failure)
            return failure;
        if (!Socket.OSSupportsIPv6)
            return null;

        // Without IPv6 on this machine, or where a free port of IPv4 happens to be taken in IPv6, IPv4 has to do.
        var second = TryBind(new IPEndPoint(IPAddress.IPv6Loopback, bound), out _);
        if (second is not SocketError.AddressAlreadyInUse || port == 0)
            return null;
        var last = _sockets[^1];
        _sockets.RemoveAt(_sockets.Count - 1);
        last.Dispose();
        return second;
    }

    private SocketError? TryBind(IPEndPoint address, out int port)
    {
        port = 0;
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(address);

            // Only listening finds out that another program listens: two may bind one port.
            socket.Listen(Backlog);
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

    private static string Describe(SocketError error) => error switch
    {
        SocketError.AccessDenied => "this user may not",
        SocketError.AddressNotAvailable => "this machine has no such address",
        _ => error.ToString(),
    };
}
