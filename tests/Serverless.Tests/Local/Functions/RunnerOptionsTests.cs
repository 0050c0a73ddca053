using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Serverless.Local;

namespace Serverless.Tests.Local.Functions;

public sealed class RunnerOptionsTests : IDisposable
{
    private readonly string _folder = TestRunner.NewFolder();
    private readonly StringWriter _output = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_defaults_are_the_ports_that_clients_know()
    {
        var options = Read();
        Assert.Equal(7071, options.Port);
        Assert.Equal([4318, 9411, 14268, 16686], options.AlsoPorts);
        Assert.Equal(4317, options.GrpcPort);
        Assert.Equal([6831, 6832], options.UdpPorts);
        Assert.Equal(5778, options.SamplingPort);
        Assert.Null(options.Listen);
        Assert.Equal(".data", options.Data);
        Assert.Equal(2, options.Partitions);
        Assert.False(options.RequireKeys);
        Assert.False(options.Demo);
    }

    [Fact]
    public void Every_option_can_be_given_in_each_form()
    {
        var options = Read("--port=8080", "--also-ports", "1,2", "--grpc-port", "3", "--listen", "any", "--data", "d", "--partitions", "8", "--require-keys", "--demo");
        Assert.Equal(8080, options.Port);
        Assert.Equal([1, 2], options.AlsoPorts);
        Assert.Equal(3, options.GrpcPort);
        Assert.True(options.Listen!.Equals(IPAddress.IPv6Any) || options.Listen.Equals(IPAddress.Any));
        Assert.Equal("d", options.Data);
        Assert.Equal(8, options.Partitions);
        Assert.True(options.RequireKeys);
        Assert.True(options.Demo);
        Assert.Empty(Read("--also-ports", "").AlsoPorts);
        Assert.Null(Read("--grpc-port", "").GrpcPort);
        Assert.Equal([3, 4], Read("--udp-ports", "3,4").UdpPorts);
        Assert.Empty(Read("--udp-ports", "").UdpPorts);
        Assert.Equal(5, Read("--sampling-port", "5").SamplingPort);
        Assert.Null(Read("--sampling-port", "").SamplingPort);
    }

    [Theory]
    [InlineData("--port (SERVERLESS_PORT) must be a port from 0 to 65535, not '70000'.", "--port", "70000")]
    [InlineData("--grpc-port (SERVERLESS_GRPC_PORT) must be a port from 0 to 65535, not 'off'.", "--grpc-port", "off")]
    [InlineData("--udp-ports (SERVERLESS_UDP_PORTS) must be a port from 0 to 65535, not 'x'.", "--udp-ports", "1,x")]
    [InlineData("--sampling-port (SERVERLESS_SAMPLING_PORT) must be a port from 0 to 65535, not 'x'.", "--sampling-port", "x")]
    [InlineData("--partitions (SERVERLESS_PARTITIONS) must be a number from 1 to 32, not '33'.", "--partitions", "33")]
    [InlineData("--listen (SERVERLESS_LISTEN) must be loopback, any or an IP address, not 'here'.", "--listen", "here")]
    [InlineData("--require-keys (SERVERLESS_REQUIRE_KEYS) must be true or false, not 'yes'.", "--require-keys=yes")]
    [InlineData("--data needs a value: --data DIR, folder of all data (.data).", "--data", "--demo")]
    public void A_malformed_option_is_named(string error, params string[] arguments) =>
        Assert.Equal(error, Assert.Throws<LocalPlatformException>(() => Read(arguments)).Message);

    [Theory]
    [InlineData("--unknown")]
    [InlineData("--unknown", "--demo")]
    [InlineData("word")]
    public void What_is_no_option_is_refused_with_the_list(params string[] arguments)
    {
        var e = Assert.Throws<LocalPlatformException>(() => Read(arguments));
        Assert.StartsWith($"'{arguments[0]}' is no option.\n", e.Message);
        Assert.All(["--port N", "--also-ports A,B", "--grpc-port N", "--udp-ports A,B", "--sampling-port N", "--listen ADDRESS", "--data DIR", "--partitions N", "--require-keys", "--faults LIST", "--demo", "--help"],
            option => Assert.Contains($"  {option} ", e.Message));
    }

    [Fact]
    public async Task Other_arguments_are_settings_and_the_command_line_wins()
    {
        var builder = Builder("--Retention:Days=3", "--Colour", "red", "--SpansHub=mine");
        Assert.Equal("3", builder.Configuration["Retention:Days"]);
        Assert.Equal("red", builder.Configuration["Colour"]);
        Assert.Equal("mine", builder.Configuration["SpansHub"]);
        Assert.Equal(builder.Platform.ConnectionString, builder.Configuration["TablesConnection"]);
        await builder.Platform.DisposeAsync();
    }

    [Fact]
    public async Task Faults_are_injected_and_a_malformed_one_is_named()
    {
        var e = Assert.Throws<LocalPlatformException>(() => Builder("--faults", "hub.send:explode"));
        Assert.Equal("--faults: 'explode' is no kind of fault; there are Fail, Throttle, Delay, LoseAnswer, Redeliver.", e.Message);
        var builder = Builder("--faults", "hub.send:fail;table.get:throttle");
        Assert.Equal(FaultKind.Fail, builder.Platform.Faults.Draw(FaultOperations.HubSend)?.Kind);
        Assert.Equal(FaultKind.Throttle, builder.Platform.Faults.Draw(FaultOperations.TableGet)?.Kind);
        await builder.Platform.DisposeAsync();

        e = Assert.Throws<LocalPlatformException>(() => Builder("--faults", "hub.send@:fail"));
        Assert.Equal("--faults: Behind 'hub.send@' the name of a hub or table is missing.", e.Message);
        builder = Builder("--faults", "hub.send@analytics:fail;table.*@spans*:throttle");
        Assert.Null(builder.Platform.Faults.Draw(FaultOperations.HubSend, "spans"));
        Assert.Equal(FaultKind.Fail, builder.Platform.Faults.Draw(FaultOperations.HubSend, "analytics")?.Kind);
        Assert.Null(builder.Platform.Faults.Draw(FaultOperations.TableQuery, "receipts20260301"));
        Assert.Equal(FaultKind.Throttle, builder.Platform.Faults.Draw(FaultOperations.TableQuery, "spans20260301")?.Kind);
        await builder.Platform.DisposeAsync();
    }

    [Fact]
    public async Task A_folder_in_use_is_refused()
    {
        var first = Builder();
        Assert.Contains("is in use by another process", Assert.Throws<LocalPlatformException>(() => Builder()).Message);
        await first.Platform.DisposeAsync();
    }

    [Fact]
    public async Task The_addresses_and_the_time_are_told()
    {
        await using var host = Build("--port", "0", "--also-ports", "0", "--grpc-port", "0");
        await host.StartAsync(Cancellation);
        var lines = _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal($"Listening on {host.Address.GetLeftPart(UriPartial.Authority)}", lines[0]);
        Assert.Matches("^Ready in [0-9]+ ms$", lines[^1]);
        Assert.Equal($"Listening for gRPC on {host.GrpcAddress!.Authority}", lines.First(l => l.StartsWith("Listening for")));
        var http = lines[..^1].Where(l => l.StartsWith("Listening on ")).ToArray();
        Assert.True(http.Length >= 2);
        using var client = new HttpClient();
        foreach (var line in http)
            Assert.Equal("here", await client.GetStringAsync($"{line["Listening on ".Length..]}/api/here", Cancellation));
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_main_port_that_is_taken_stops_the_start()
    {
        using var other = Listener(out var port);
        await using var host = Build("--port", $"{port}", "--also-ports", "", "--grpc-port", "");
        var e = await Assert.ThrowsAsync<LocalPlatformException>(() => host.StartAsync(Cancellation));
        Assert.Equal($"Port {port} is taken by another program. Stop it, or choose another with --port.", e.Message);
    }

    [Theory]
    [InlineData("--also-ports")]
    [InlineData("--grpc-port")]
    public async Task Another_port_that_is_taken_is_left_out_with_a_warning(string option)
    {
        using var other = Listener(out var port);
        await using var host = Build("--port", "0", "--also-ports", "", "--grpc-port", "", option, $"{port}");
        await host.StartAsync(Cancellation);
        Assert.Contains($"Port {port} is taken; clients of that port will not reach this system.\n", _output.ToString());
        Assert.DoesNotContain($":{port}\n", _output.ToString());
        Assert.Null(host.GrpcAddress);
        await host.StopAsync(Cancellation);
    }

    private static Socket Listener(out int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        return socket;
    }

    private static RunnerOptions Read(params string[] arguments) =>
        RunnerOptions.Read(new ConfigurationBuilder().AddInMemoryCollection(RunnerArguments.Parse(arguments).Settings).Build());

    private FunctionsApplicationBuilder Builder(params string[] arguments) => new(
        ["--data", _folder, .. arguments],
        new RunnerSetup { Types = [typeof(Here)], HostJson = "{}", Output = _output, Errors = _output });

    private RunnerHost Build(params string[] arguments) => (RunnerHost)Builder(arguments).ConfigureFunctionsWebApplication().Build();

    public sealed class Here
    {
        [Function("here")]
        public IResult Get([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) => Results.Text("here");
    }
}
