using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Serverless.Local;

/// <summary>
/// Stands in for Jaeger's agent: takes the datagrams of its clients (UDP ports 6831 and 6832) and hands each to the app's own
/// <c>POST /api/traces</c>, which knows what they mean. Datagrams that get lost are counted and logged, never silent.
/// </summary>
/// <remarks>
/// Either port takes either protocol: a call in the compact one begins with its own byte.
/// </remarks>
internal sealed class AgentGateway : IHostedService, IDisposable
{
    /// <summary>The route that takes a datagram as a request.</summary>
    public const string Route = "api/traces";

    private const string CompactType = "application/vnd.apache.thrift.compact; message=emitBatch";
    private const string BinaryType = "application/vnd.apache.thrift.binary; message=emitBatch";
    private const byte CompactProtocol = 0x82;
    private const int LargestDatagram = 65_535;

    // Each waits for the hub most of its time; the app coalesces what it gets at once.
    private const int Workers = 64;
    private const int Attempts = 5;

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);

    private readonly InProcessRequests _app;
    private readonly RunnerOptions _options;
    private readonly RunnerSetup _setup;
    private readonly AgentStatistics _statistics;
    private readonly ILogger _logger;
    private readonly DatagramQueue _queue = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _aborted = new();
    private readonly LossReport _losses;
    private AgentSockets? _sockets;
    private bool _isDisposed;
    private Task _receivers = Task.CompletedTask;
    private Task _workers = Task.CompletedTask;
    private Task _watch = Task.CompletedTask;

    /// <summary>Makes the gateway; nothing is bound before the start.</summary>
    public AgentGateway(InProcessRequests app, RunnerOptions options, RunnerSetup setup, AgentStatistics statistics, ILogger logger)
    {
        (_app, _options, _setup, _statistics, _logger) = (app, options, setup, statistics, logger);
        _losses = new LossReport(statistics, logger);
    }

    /// <summary>What is listened on; empty before the start.</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; private set; } = [];

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _sockets = AgentSockets.Bind(_options, _setup.Errors);
        Addresses = [.. _sockets.All.Select(socket => (IPEndPoint)socket.LocalEndPoint!)];
        foreach (var socket in _sockets.All)
            _statistics.Kernel.Follow(socket);
        if (Addresses.Count == 0)
            return Task.CompletedTask;
        _receivers = Task.WhenAll(_sockets.All.Select(socket => Task.Run(() => ReceiveAsync(socket), CancellationToken.None)));
        _workers = Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(ForwardAsync, CancellationToken.None)));
        _watch = Task.Run(WatchAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Takes nothing more; what was received goes to the app, as long as requests may go on after a stop.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _receivers;
        _queue.Complete();
        _aborted.CancelAfter(_setup.RequestGrace);
        await _workers;
        await _watch;
        while (_queue.TryRemove())
            _statistics.AddDropped();
        _losses.Log();
        _sockets?.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The container has it twice, by itself and as a service of the host.
        if (_isDisposed)
            return;
        _isDisposed = true;
        _stopping.Cancel();
        _aborted.Cancel();
        _sockets?.Dispose();
        _stopping.Dispose();
        _aborted.Dispose();
    }

    private async Task ReceiveAsync(Socket socket)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(LargestDatagram, pinned: true);
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var length = await socket.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, _stopping.Token);
                _statistics.AddReceived();
                if (!_queue.TryAdd(buffer.AsSpan(0, length)))
                    _statistics.AddDropped();
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                // Nothing that a sender does can cause this; the pause keeps a lasting failure from filling the log.
                _logger.LogWarning(e, "Receiving datagrams failed on {Address}; trying again.", socket.LocalEndPoint);
                await Task.Delay(BetweenAttempts, _setup.Clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ForwardAsync()
    {
        using var answer = new MemoryStream();
        try
        {
            await foreach (var datagram in _queue.ReadAllAsync(_aborted.Token))
            {
                try
                {
                    await ForwardAsync(datagram, answer);
                }
                finally
                {
                    _queue.Release(datagram.Buffer);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host has stopped; what still waits is counted there.
        }
    }

    private async Task ForwardAsync(Datagram datagram, MemoryStream answer)
    {
        var type = datagram.Length > 0 && datagram.Buffer[0] == CompactProtocol ? CompactType : BinaryType;
        for (var attempt = 1; ; attempt++)
        {
            var status = await _app.PostAsync("/" + Route, type, datagram.Buffer.AsMemory(0, datagram.Length), answer, _aborted.Token);
            if (status < StatusCodes.Status300MultipleChoices)
            {
                _statistics.AddAccepted();
                return;
            }

            // The sender cannot try again, so this does, as long as others may wait.
            var isPassing = status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status429TooManyRequests;
            if (!isPassing || attempt == Attempts || _stopping.IsCancellationRequested)
            {
                _losses.LastRefusal = $"{status} {Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length).TrimEnd()}";
                _statistics.AddRefused();
                return;
            }

            await Task.Delay(BetweenAttempts, _setup.Clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WatchAsync()
    {
        var logged = DateTimeOffset.MinValue;
        while (!_stopping.IsCancellationRequested)
        {
            await Task.Delay(BetweenLooks, _setup.Clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var now = _setup.Clock.GetUtcNow();
            if (!_stopping.IsCancellationRequested && now - logged >= BetweenWarnings && _losses.Log())
                logged = now;
        }
    }
}
