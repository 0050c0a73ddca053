using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Serverless.EndToEnd.Harness;

/// <summary>The built app as a process of its own, on a free port and a data folder, as a user starts it.</summary>
internal sealed class SystemProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private const int MaxOutputChars = 200_000;
    private const string Listening = "Listening on ";
    private const string ListeningForGrpc = "Listening for gRPC on ";
    private const string ListeningForDatagrams = "Listening on udp://";

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(60);
    private static readonly ConcurrentDictionary<SystemProcess, bool> Running = new();

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<bool> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Uri? _address;
    private Uri? _grpcAddress;
    private Uri? _udpAddress;

    // A test run that is ended from outside must not leave its systems behind.
    static SystemProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var system in Running.Keys)
            system.Kill();
    };

    private SystemProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, e) => Take(e.Data);
        _process.ErrorDataReceived += (_, e) => Take(e.Data);
        _process.Exited += (_, _) => _ready.TrySetResult(false);
    }

    /// <summary>Where it listens; only once it is ready.</summary>
    public Uri Address => _address ?? throw new InvalidOperationException("The system is not ready.\n" + Output);

    /// <summary>Where it listens for gRPC; only once it is ready, and where it has a port for it (<c>--grpc-port</c>).</summary>
    public Uri GrpcAddress => _grpcAddress ?? throw new InvalidOperationException("The system does not listen for gRPC.\n" + Output);

    /// <summary>Where it takes datagrams; only once it is ready, and where it has a port for them (<c>--udp-ports</c>).</summary>
    public Uri UdpAddress => _udpAddress ?? throw new InvalidOperationException("The system does not take datagrams.\n" + Output);

    /// <summary>What it has written so far, or the beginning of it.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Starts it and returns when it is ready.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="arguments">Further arguments.</param>
    /// <param name="environment">Settings as environment variables.</param>
    public static async Task<SystemProcess> StartAsync(
        string folder, IReadOnlyList<string>? arguments = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var system = Launch(folder, arguments, environment);
        try
        {
            if (await system._ready.Task.WaitAsync(StartPatience))
                return system;
            throw new InvalidOperationException("The system ended before it was ready:\n" + await system.WholeOutputAsync());
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it and returns at once, for those who end it before it is ready, or expect that it ends itself.</summary>
    public static SystemProcess Launch(
        string folder, IReadOnlyList<string>? arguments = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in (string[])[AppFile(), "--port", "0", "--also-ports", "", "--grpc-port", "", "--udp-ports", "", "--sampling-port", "", "--data", folder, .. arguments ?? []])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        var system = new SystemProcess(start);
        system._process.Start();
        Running[system] = true;
        system._process.BeginOutputReadLine();
        system._process.BeginErrorReadLine();
        return system;
    }

    /// <summary>Ends it with SIGKILL, and returns when it is gone.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill();
            _process.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    /// <summary>Ends it with SIGTERM, as hosts and people do.</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> StopAsync()
    {
        _ = SendSignal(_process.Id, SigTerm);
        return ExitAsync();
    }

    /// <summary>Waits until it ends.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> ExitAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(StopPatience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The system did not end within {StopPatience.TotalSeconds} s.\n{Output}");
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync();
        Running.TryRemove(this, out _);
        _process.Dispose();
    }

    private async Task<string> WholeOutputAsync()
    {
        await _process.WaitForExitAsync();
        return Output;
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        lock (_output)
        {
            if (_output.Length < MaxOutputChars)
                _output.AppendLine(line);
        }

        if (line.StartsWith(ListeningForDatagrams, StringComparison.Ordinal))
            _udpAddress ??= new Uri(line[Listening.Length..]);
        else if (line.StartsWith(Listening, StringComparison.Ordinal))
            _address ??= new Uri(line[Listening.Length..]);
        else if (line.StartsWith(ListeningForGrpc, StringComparison.Ordinal))
            _grpcAddress ??= new Uri($"http://{line[ListeningForGrpc.Length..]}");
        else if (line.StartsWith("Ready in ", StringComparison.Ordinal))
            _ready.TrySetResult(true);
    }

    /// <summary>The app as it was built with these tests: the same configuration, its own output folder.</summary>
    private static string AppFile()
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        var root = framework;
        while (!File.Exists(Path.Combine(root.FullName, "Serverless.sln")))
            root = root.Parent ?? throw new DirectoryNotFoundException($"No Serverless.sln above {AppContext.BaseDirectory}.");
        var file = Path.Combine(
            root.FullName, "functions", "Serverless.Functions", "bin", framework.Parent!.Name, framework.Name, "Serverless.Functions.dll");
        return File.Exists(file) ? file : throw new FileNotFoundException("Build functions/Serverless.Functions first.", file);
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int processId, int signal);
}
