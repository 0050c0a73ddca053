using System.Net;
using System.Net.Sockets;
using Serverless.Local;
using Serverless.Tests.Local.Functions;
using Serverless.Tests.Protocols.Jaeger;
using Serverless.Tests.Querying;
using static Serverless.Tests.Protocols.Thrift.ThriftNode;

namespace Serverless.Tests.Local.Agent;

public sealed class AgentGatewayTests
{
    [Theory]
    [InlineData("every-field.compact.bin")]
    [InlineData("every-field.binary.bin")]
    public async Task A_datagram_in_either_protocol_becomes_a_trace(string file)
    {
        await using var app = await QueryApp.StartAsync("--udp-ports", "0", "--require-keys");
        Send(app, JaegerCorpus.Read(file));
        await Poll.UntilAsync(() => app.Agent.Accepted == 1, () => Describe(app.Agent));
    }

    [Fact]
    public async Task A_burst_is_found_or_counted()
    {
        const int Traces = 20;
        const int DatagramsOfTrace = 250;
        await using var app = await QueryApp.StartAsync("--udp-ports", "0");
        for (var i = 0; i < Traces * DatagramsOfTrace; i++)
        {
            var span = JaegerCorpus.Span().With(1, I64(1000 + (i % Traces))).With(3, I64(i + 1));
            Send(app, Struct((1, JaegerCorpus.Batch(span))).WriteMessage(compact: i % 2 == 0));
        }

        var agent = app.Agent;
        await Poll.UntilAsync(
            () => agent.Received + agent.LostInKernel == Traces * DatagramsOfTrace && agent.Accepted + agent.Dropped == agent.Received,
            () => Describe(agent));
        Assert.Equal(0, agent.Refused);
        Assert.InRange(agent.Accepted, 1, Traces * DatagramsOfTrace);
        await Poll.UntilAsync(
            () => Enumerable.Range(1000, Traces).Sum(trace => CountSpans(app, trace).GetAwaiter().GetResult()) == agent.Accepted,
            () => $"{agent.Accepted} spans");
    }

    [Fact]
    public async Task What_was_received_before_a_stop_is_forwarded_or_counted()
    {
        await using var app = await QueryApp.StartAsync("--udp-ports", "0");
        for (var i = 0; i < 500; i++)
            Send(app, Struct((1, JaegerCorpus.Batch(JaegerCorpus.Span().With(3, I64(i + 1))))).WriteMessage(compact: true));
        await Poll.UntilAsync(() => app.Agent.Received > 0, () => Describe(app.Agent));
        await app.StopAsync();
        var agent = app.Agent;
        Assert.Equal(agent.Received, agent.Accepted);
        Assert.Equal(0, agent.Dropped);
    }

    [Fact]
    public async Task Datagrams_that_are_no_batches_are_refused_and_counted()
    {
        await using var app = await QueryApp.StartAsync("--udp-ports", "0");
        Send(app, [1, 2, 3]);
        Send(app, [0x82]);
        Send(app, []);
        await Poll.UntilAsync(() => app.Agent.Refused == 3, () => Describe(app.Agent));
        Assert.Equal(0, app.Agent.Accepted);
    }

    [Fact]
    public async Task A_hub_that_takes_nothing_costs_a_datagram_only_after_several_attempts()
    {
        await using var app = await QueryApp.StartAsync("--udp-ports", "0", "--faults", "hub.send:fail", "--Tracing:SendSeconds=0.1");
        Send(app, JaegerCorpus.Read("every-field.compact.bin"));
        await Poll.UntilAsync(() => app.Agent.Received == 1, () => Describe(app.Agent));
        Assert.Equal(0, app.Agent.Refused);
        await Poll.UntilAsync(() => app.Agent.Refused == 1, () => Describe(app.Agent));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_left_out_with_a_warning()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)other.LocalEndPoint!).Port;
        await using var app = await QueryApp.StartAsync("--udp-ports", $"{port},0");
        Assert.DoesNotContain(port, app.UdpAddresses.Select(address => address.Port));
        Assert.NotEmpty(app.UdpAddresses);
        Assert.Equal(
            $"UDP port {port} is taken; Jaeger clients that send to an agent there will not reach this system.\n", app.Errors.ToString());
    }

    [Fact]
    public async Task An_app_that_takes_no_batches_has_no_ports()
    {
        await using var runner = await TestRunner.StartAsync([], args: ["--udp-ports", "0", "--sampling-port", "0"]);
        Assert.DoesNotContain("udp", runner.Output.ToString());
        Assert.Equal(1, runner.Output.ToString().Split("Listening").Length - 1 - (Socket.OSSupportsIPv6 ? 1 : 0));
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("POST", "/sampling")]
    [InlineData("OPTIONS", "/any/path")]
    public async Task On_the_sampling_port_any_path_and_method_asks_for_a_strategy(string method, string path)
    {
        await using var app = await QueryApp.StartAsync("--sampling-port", "0");
        using var client = new HttpClient { BaseAddress = app.SamplingAddress };
        using var request = new HttpRequestMessage(new HttpMethod(method), path + "?service=shop");
        using var answer = await client.SendAsync(request, CancellationToken.None);
        Assert.Equal(
            """{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":1}}""",
            await answer.Content.ReadAsStringAsync(CancellationToken.None));
        using var without = await client.GetAsync("/x", CancellationToken.None);
        Assert.Equal(HttpStatusCode.BadRequest, without.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.GetAsync("/any/path")).Status);
    }

    [Fact]
    public void What_a_full_buffer_loses_is_what_the_kernel_counts()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells what its buffers lose.");
        const int Sent = 500;
        using var receiver = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4096, Blocking = false };
        receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var drops = new KernelDrops();
        drops.Follow(receiver);
        Assert.Equal(0, drops.Read());
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        for (var i = 0; i < Sent; i++)
            sender.SendTo(new byte[1000], receiver.LocalEndPoint!);
        var received = 0;
        while (receiver.Poll(TimeSpan.Zero, SelectMode.SelectRead))
            received += receiver.Receive(new byte[2000]) / 1000;
        Assert.InRange(received, 1, Sent - 1);
        Assert.Equal(Sent - received, drops.Read());
        receiver.Dispose();
        Assert.Equal(Sent - received, drops.Read());
    }

    [Fact]
    public void Losses_are_logged_once()
    {
        var statistics = new AgentStatistics();
        using var lines = new LogLines();
        var report = new LossReport(statistics, lines.CreateLogger("Agent")) { LastRefusal = "400 no" };
        Assert.False(report.Log());
        statistics.AddDropped();
        statistics.AddRefused();
        statistics.AddRefused();
        Assert.True(report.Log());
        Assert.False(report.Log());
        Assert.Equal(
            ["Warning Agent: Datagrams of Jaeger clients were lost: 0 found the socket's buffer full (raise net.core.rmem_max), "
                + "1 found too many others waiting, 2 were refused, the last one with: 400 no."],
            lines.Lines);
    }

    [Fact]
    public void The_queue_is_bounded_by_memory_and_takes_again_when_there_is_room()
    {
        var queue = new DatagramQueue();
        var datagram = new byte[60_000];
        var taken = 0;
        while (queue.TryAdd(datagram))
            taken++;
        Assert.Equal((64 << 20) / (64 << 10), taken);
        queue.Release(new byte[1 << 16]);
        Assert.True(queue.TryAdd(datagram));
        Assert.False(queue.TryAdd(datagram));
    }

    private static void Send(QueryApp app, byte[] datagram)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.SendTo(datagram, app.UdpAddresses[0]);
    }

    private static async Task<int> CountSpans(QueryApp app, int trace)
    {
        var answer = await app.GetAsync($"/api/traces/{trace:x}");
        return answer.Status == HttpStatusCode.OK ? answer.Json.GetProperty("data")[0].GetProperty("spans").GetArrayLength() : 0;
    }

    private static string Describe(AgentStatistics agent) =>
        $"received {agent.Received}, accepted {agent.Accepted}, refused {agent.Refused}, dropped {agent.Dropped}, in the kernel {agent.LostInKernel}";
}
