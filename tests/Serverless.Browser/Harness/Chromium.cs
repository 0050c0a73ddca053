using System.Diagnostics;

namespace Serverless.Browser.Harness;

/// <summary>A headless Chromium with a profile of its own, driven through the DevTools protocol.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private const string Listening = "DevTools listening on ";

    private static readonly string[] Arguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-port=0", "about:blank",
    ];

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly DirectoryInfo _profile;

    private Chromium(Process process, DirectoryInfo profile, DevTools tools)
    {
        _process = process;
        _profile = profile;
        Tools = tools;
    }

    /// <summary>The connection to it.</summary>
    public DevTools Tools { get; }

    /// <summary>Where it is installed, or null. The environment variable CHROMIUM names another one.</summary>
    public static string? Installed()
    {
        if (Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } named)
            return named;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return new[] { "chromium", "chromium-browser", "google-chrome" }
            .SelectMany(name => folders.Select(folder => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Starts it and returns when it can be driven.</summary>
    public static async Task<Chromium> StartAsync(string path)
    {
        var profile = Directory.CreateTempSubdirectory("serverless-chromium-");
        var start = new ProcessStartInfo(path) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in (string[])["--user-data-dir=" + profile.FullName, .. Arguments])
            start.ArgumentList.Add(argument);
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new Queue<string>();
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.Exited += (_, _) => address.TrySetException(new InvalidOperationException("Chromium ended:\n" + string.Join('\n', output)));
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, e) =>
        {
            if (e.Data is null)
                return;
            if (output.Count < 50)
                output.Enqueue(e.Data);
            if (e.Data.StartsWith(Listening, StringComparison.Ordinal))
                address.TrySetResult(e.Data[Listening.Length..]);
        };
        process.Start();
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        try
        {
            return new Chromium(process, profile, await DevTools.ConnectAsync(new Uri(await address.Task.WaitAsync(StartPatience))));
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Tools.DisposeAsync();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        try
        {
            _profile.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A child of the browser still writes to its profile; the system clears its temporary folder.
        }
    }
}
