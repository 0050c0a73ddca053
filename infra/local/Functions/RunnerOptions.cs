using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;

namespace Serverless.Local;

/// <summary>
/// What the local functions runner is started with. Every option can be given on the command line, or as a setting
/// (environment variable, appsettings.json); the command line wins. A port of 0 is any free port.
/// <list type="table">
/// <listheader><term>Option, setting</term><description>Meaning; default</description></listheader>
/// <item><term><c>--port N</c>, SERVERLESS_PORT</term><description>The main port; 7071.</description></item>
/// <item><term><c>--also-ports A,B</c>, SERVERLESS_ALSO_PORTS</term><description>Ports with the same routes, '' for none; 4318,9411,14268,16686.</description></item>
/// <item><term><c>--grpc-port N</c>, SERVERLESS_GRPC_PORT</term><description>The port of OTLP over gRPC, '' for none; 4317.</description></item>
/// <item><term><c>--udp-ports A,B</c>, SERVERLESS_UDP_PORTS</term><description>UDP ports of a Jaeger agent, '' for none; 6831,6832.</description></item>
/// <item><term><c>--sampling-port N</c>, SERVERLESS_SAMPLING_PORT</term><description>The port on which any request asks for a sampling strategy, '' for none; 5778.</description></item>
/// <item><term><c>--listen ADDRESS</c>, SERVERLESS_LISTEN</term><description>loopback, any, 0.0.0.0 or one address of this machine; loopback.</description></item>
/// <item><term><c>--data DIR</c>, SERVERLESS_DATA</term><description>The folder of all data; .data below the current directory.</description></item>
/// <item><term><c>--partitions N</c>, SERVERLESS_PARTITIONS</term><description>Partitions of an event hub when it is first used; 2.</description></item>
/// <item><term><c>--require-keys</c>, SERVERLESS_REQUIRE_KEYS</term><description>Whether function keys are asked for; false.</description></item>
/// <item><term><c>--faults LIST</c>, SERVERLESS_FAULTS</term><description>Faults as <see cref="FaultPlan.AddAll"/> reads them; none.</description></item>
/// <item><term><c>--demo</c>, SERVERLESS_DEMO</term><description>Whether example traffic is generated; false.</description></item>
/// </list>
/// </summary>
public sealed class RunnerOptions
{
    internal const string PortKey = "SERVERLESS_PORT";
    internal const string AlsoPortsKey = "SERVERLESS_ALSO_PORTS";
    internal const string GrpcPortKey = "SERVERLESS_GRPC_PORT";
    internal const string UdpPortsKey = "SERVERLESS_UDP_PORTS";
    internal const string SamplingPortKey = "SERVERLESS_SAMPLING_PORT";
    internal const string ListenKey = "SERVERLESS_LISTEN";
    internal const string DataKey = "SERVERLESS_DATA";
    internal const string PartitionsKey = "SERVERLESS_PARTITIONS";
    internal const string RequireKeysKey = "SERVERLESS_REQUIRE_KEYS";
    internal const string FaultsKey = "SERVERLESS_FAULTS";
    internal const string DemoKey = "SERVERLESS_DEMO";

    private const int MaxPartitions = 32; // per hub, Standard tier

    /// <summary>The main port.</summary>
    public int Port { get; private init; } = 7071;

    /// <summary>Further ports with the same routes: those that OTLP, Zipkin and Jaeger clients and the Jaeger page use by default.</summary>
    public IReadOnlyList<int> AlsoPorts { get; private init; } = [4318, 9411, 14268, 16686];

    /// <summary>The port of OTLP over gRPC, which has HTTP/2 without TLS and nothing else; null for none.</summary>
    public int? GrpcPort { get; private init; } = 4317;

    /// <summary>UDP ports that take what Jaeger clients send to an agent, in thrift's compact or binary protocol.</summary>
    public IReadOnlyList<int> UdpPorts { get; private init; } = [6831, 6832];

    /// <summary>The port on which a request with any path and method asks for a sampling strategy, as of a Jaeger agent; null for none.</summary>
    public int? SamplingPort { get; private init; } = 5778;

    /// <summary>The addresses that are listened on: null for loopback, of both IP versions where there are.</summary>
    public IPAddress? Listen { get; private init; }

    /// <summary>The folder of all data.</summary>
    public string Data { get; private init; } = ".data";

    /// <summary>Partitions of an event hub when it is first used.</summary>
    public int Partitions { get; private init; } = 2;

    /// <summary>Whether function keys are asked for.</summary>
    public bool RequireKeys { get; private init; }

    /// <summary>Faults to inject, as <see cref="FaultPlan.AddAll"/> reads them.</summary>
    public string Faults { get; private init; } = "";

    /// <summary>Whether example traffic is generated.</summary>
    public bool Demo { get; private init; }

    /// <summary>Reads the options from settings.</summary>
    /// <exception cref="LocalPlatformException">One is malformed; the message names it.</exception>
    internal static RunnerOptions Read(IConfiguration settings)
    {
        var defaults = new RunnerOptions();
        return new RunnerOptions
        {
            Port = settings[PortKey] is { } port ? ParsePort(PortKey, port) : defaults.Port,
            AlsoPorts = settings[AlsoPortsKey] is { } ports ? ParsePorts(AlsoPortsKey, ports) : defaults.AlsoPorts,
            GrpcPort = ParseOptionalPort(GrpcPortKey, settings[GrpcPortKey], defaults.GrpcPort),
            UdpPorts = settings[UdpPortsKey] is { } udpPorts ? ParsePorts(UdpPortsKey, udpPorts) : defaults.UdpPorts,
            SamplingPort = ParseOptionalPort(SamplingPortKey, settings[SamplingPortKey], defaults.SamplingPort),
            Listen = ParseAddress(settings[ListenKey]),
            Data = settings[DataKey] is { Length: > 0 } data ? data : defaults.Data,
            Partitions = settings[PartitionsKey] is { } partitions ? ParsePartitions(partitions) : defaults.Partitions,
            RequireKeys = ParseSwitch(RequireKeysKey, settings[RequireKeysKey]),
            Faults = settings[FaultsKey] ?? defaults.Faults,
            Demo = ParseSwitch(DemoKey, settings[DemoKey]),
        };
    }

    private static int[] ParsePorts(string key, string text) =>
        [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(port => ParsePort(key, port))];

    private static int? ParseOptionalPort(string key, string? text, int? fallback) => text switch
    {
        null => fallback,
        "" => null,
        _ => ParsePort(key, text),
    };

    private static int ParsePort(string key, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort
            ? port
            : throw Malformed(key, text, "a port from 0 to 65535");

    private static int ParsePartitions(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= MaxPartitions
            ? count
            : throw Malformed(PartitionsKey, text, $"a number from 1 to {MaxPartitions}");

    private static bool ParseSwitch(string key, string? text) => text?.ToLowerInvariant() switch
    {
        null or "" or "false" or "0" => false,
        "true" or "1" => true,
        _ => throw Malformed(key, text, "true or false"),
    };

    private static IPAddress? ParseAddress(string? text) => text switch
    {
        null or "" or "loopback" or "localhost" => null,
        "any" or "*" or "0.0.0.0" => System.Net.Sockets.Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any,
        _ => IPAddress.TryParse(text, out var address) ? address : throw Malformed(ListenKey, text, "loopback, any or an IP address"),
    };

    private static LocalPlatformException Malformed(string key, string text, string expected) =>
        new($"{RunnerArguments.OptionOf(key)} ({key}) must be {expected}, not '{text}'.");
}
