using System.Collections.Concurrent;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Local;

namespace Serverless.Tests.Local.Functions;

/// <summary>A real runner on free ports of this process, over a folder that is deleted with it.</summary>
internal sealed class TestRunner : IAsyncDisposable
{
    private readonly RunnerHost _host;
    private readonly string? _ownFolder;

    private TestRunner(RunnerHost host, TestProbe probe, LogLines log, StringWriter output, string? ownFolder)
    {
        _host = host;
        _ownFolder = ownFolder;
        Probe = probe;
        Log = log;
        Output = output;
        Client = new HttpClient { BaseAddress = host.Address };
    }

    public TestProbe Probe { get; }

    public Uri? GrpcAddress => _host.GrpcAddress;

    public LogLines Log { get; }

    public StringWriter Output { get; }

    public HttpClient Client { get; }

    public LocalPlatform Platform => _host.Platform;

    public IServiceProvider Services => _host.Services;

    public static async Task<TestRunner> StartAsync(
        Type[] types,
        string? folder = null,
        string hostJson = "{}",
        TimeProvider? clock = null,
        TestProbe? probe = null,
        TimeSpan? grace = null,
        string[]? args = null,
        Action<FunctionsApplicationBuilder>? configure = null)
    {
        var ownFolder = folder is null ? NewFolder() : null;
        var output = new StringWriter();
        var log = new LogLines();
        probe ??= new TestProbe();
        var setup = new RunnerSetup
        {
            Types = types,
            HostJson = hostJson,
            Clock = clock ?? TimeProvider.System,
            Output = output,
            Errors = output,
            TriggerGrace = grace ?? TimeSpan.FromSeconds(10),
        };
        string[] ports = ["--port", "0", "--also-ports", "", "--grpc-port", "", "--udp-ports", "", "--sampling-port", "", "--data", folder ?? ownFolder!];
        var builder = new FunctionsApplicationBuilder([.. ports, .. args ?? []], setup);
        builder.ConfigureFunctionsWebApplication();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSingleton(probe);
        configure?.Invoke(builder);
        var host = (RunnerHost)builder.Build();
        try
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }

        return new TestRunner(host, probe, log, output, ownFolder);
    }

    public static string NewFolder() => Directory.CreateTempSubdirectory("runner-").FullName;

    public Task StopAsync() => _host.StopAsync(TestContext.Current.CancellationToken);

    public void RequestStop() => Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

    /// <summary>Sends events to one partition of hub <c>spans</c>, in one batch.</summary>
    public async Task SendAsync(string partition, params string[] bodies)
    {
        await using var producer = new EventHubProducerClient(Platform.ConnectionString, "spans");
        await producer.SendAsync(
            bodies.Select(b => new EventData(b)), new SendEventOptions { PartitionId = partition }, TestContext.Current.CancellationToken);
    }

    public long? Checkpoint(string partition, string group = "assembler") =>
        EventHubNamespace.Of(Platform).Checkpoints.Get("spans", group, partition);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _host.StopAsync(CancellationToken.None);
        await _host.DisposeAsync();
        if (_ownFolder is not null)
            Directory.Delete(_ownFolder, recursive: true);
    }
}

/// <summary>What the functions of a test leave for it, and what it gives them.</summary>
public sealed class TestProbe
{
    public ConcurrentQueue<string> Notes { get; } = new();

    public Func<string, CancellationToken, Task> OnNote { get; set; } = (_, _) => Task.CompletedTask;

    public Task NoteAsync(string note, CancellationToken cancellation = default)
    {
        Notes.Enqueue(note);
        return OnNote(note, cancellation);
    }

    internal Task UntilAsync(int count) => Poll.UntilAsync(() => Notes.Count >= count, () => $"{count} notes; there are: {string.Join(" | ", Notes)}");
}

internal sealed class LogLines : ILoggerProvider
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, Lines);

    public void Dispose()
    {
    }

    private sealed class Logger(string category, ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel} {category}: {formatter(state, exception)} {exception?.GetType().Name} {exception?.Message}".TrimEnd());
    }
}
