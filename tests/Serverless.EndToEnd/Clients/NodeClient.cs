using System.Diagnostics;
using System.Text.Json;

namespace Serverless.EndToEnd.Clients;

/// <summary>Runs the clients of tests/clients, and installs them once.</summary>
internal static class NodeClient
{
    private static readonly TimeSpan InstallPatience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan TracePatience = TimeSpan.FromSeconds(40);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly Lazy<Task<string>> Folder = new(InstallAsync);

    /// <summary>Makes a client trace something over two processes, and send it.</summary>
    /// <param name="options">What src/trace.js takes.</param>
    /// <returns>What it made.</returns>
    public static async Task<IReadOnlyList<ClientSpan>> TraceAsync(object options)
    {
        var output = await RunAsync("node", ["src/trace.js", JsonSerializer.Serialize(options, Json)], await Folder.Value, TracePatience);
        return JsonSerializer.Deserialize<Made>(output, Json)!.Spans;
    }

    private static async Task<string> InstallAsync()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Serverless.sln")))
            root = root.Parent ?? throw new DirectoryNotFoundException($"No Serverless.sln above {AppContext.BaseDirectory}.");
        var folder = Path.Combine(root.FullName, "tests", "clients");

        // npm writes this file last: without it the folder is not whole.
        if (!File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json")))
            await RunAsync("npm", ["ci", "--no-progress"], folder, InstallPatience);
        return folder;
    }

    private static async Task<string> RunAsync(string program, string[] arguments, string folder, TimeSpan patience)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start.");
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(patience);
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{await errors}{await output}");
            return await output;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {patience.TotalSeconds} s.", e);
        }
    }

    private sealed record Made(IReadOnlyList<ClientSpan> Spans);
}
