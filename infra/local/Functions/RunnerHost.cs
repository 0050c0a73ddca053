using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Serverless.Local;

/// <summary>The running app: HTTP, event hub and timer functions on the local platform, which closes with it.</summary>
internal sealed class RunnerHost(WebApplication web, LocalPlatform platform, RunnerOptions options, RunnerSetup setup, RunnerAddresses addresses)
    : IHost, IAsyncDisposable
{
    private readonly CancellationTokenSource _demoStop = new();
    private ListenSockets? _sockets;
    private Task _demo = Task.CompletedTask;

    /// <inheritdoc/>
    public IServiceProvider Services => web.Services;

    /// <summary>The platform that the app runs on.</summary>
    public LocalPlatform Platform => platform;

    /// <summary>The first address of the main port; only after the start.</summary>
    public Uri Address => addresses.All[0];

    /// <summary>What takes datagrams; only after the start.</summary>
    public IReadOnlyList<IPEndPoint> UdpAddresses => web.Services.GetService<AgentGateway>()?.Addresses ?? [];

    /// <summary>Where any request asks for a sampling strategy, or null; only after the start.</summary>
    public Uri? SamplingAddress => addresses.SamplingPort == 0 ? null : addresses.All.First(address => address.Port == addresses.SamplingPort);

    /// <summary>The first address of OTLP over gRPC, or null where it is off; only after the start.</summary>
    public Uri? GrpcAddress => addresses.Grpc.Count > 0 ? new Uri($"http://{addresses.Grpc[0]}") : null;

    /// <summary>Binds the ports, starts everything, and says what is listened on.</summary>
    /// <exception cref="LocalPlatformException">The main port is taken. In a process of its own the process ends instead.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default) => ProgramExit.GuardAsync(() => StartCoreAsync(cancellationToken), setup.ExitsProcess);

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        await _demoStop.CancelAsync();
        await web.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _demoStop.CancelAsync();
        await _demo;
        await web.DisposeAsync();
        _sockets?.Dispose();
        await platform.DisposeAsync();
    }

    private async Task StartCoreAsync(CancellationToken cancellation)
    {
        _sockets = ListenSockets.Bind(options, addresses.HasSampling, setup.Errors);
        addresses.Set(_sockets);
        addresses.Apply(web.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value);
        await web.StartAsync(cancellation);
        foreach (var address in addresses.All)
            setup.Output.WriteLine($"Listening on {address.GetLeftPart(UriPartial.Authority)}");
        foreach (var address in addresses.Grpc)
            setup.Output.WriteLine($"Listening for gRPC on {address}");
        foreach (var address in UdpAddresses)
            setup.Output.WriteLine($"Listening on udp://{address}");
        setup.Output.WriteLine($"Ready in {(long)SinceProcessStart().TotalMilliseconds} ms");
        setup.Output.Flush();
        if (options.Demo)
            _demo = new DemoTraffic(Address, setup.Clock, log: web.Services.GetRequiredService<ILogger<DemoTraffic>>()).RunAsync(_demoStop.Token);
    }

    private static TimeSpan SinceProcessStart()
    {
        using var process = Process.GetCurrentProcess();
        return TimeProvider.System.GetUtcNow() - process.StartTime.ToUniversalTime();
    }
}
