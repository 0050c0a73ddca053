using System.Globalization;

namespace Serverless.Benchmarks.Load;

/// <summary>What a process has used, at one moment: user and system CPU; resident and peak resident memory.</summary>
internal sealed record ProcessUse(TimeSpan Cpu, long ResidentBytes, long PeakResidentBytes);

/// <summary>Another process seen through Linux's /proc (proc_pid_stat(5), proc_pid_status(5)).</summary>
internal sealed class ServerProcess(int pid)
{
    /// <summary>USER_HZ, which is 100 on every architecture that .NET runs on.</summary>
    private const double ClockTicksPerSecond = 100;

    private const int UserTimeField = 14;
    private const string ListenState = "0A";

    /// <summary>The process's id.</summary>
    public int Pid => pid;

    /// <summary>The process that listens on a TCP port, or null when it cannot be seen (another user's, another machine's, not Linux).</summary>
    public static ServerProcess? FindByPort(int port)
    {
        var hexPort = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        var sockets = new[] { "/proc/net/tcp", "/proc/net/tcp6" }
            .Where(File.Exists)
            .SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 9 && fields[1].EndsWith(hexPort, StringComparison.Ordinal) && fields[3] == ListenState)
            .Select(fields => $"socket:[{fields[9]}]")
            .ToHashSet();
        if (sockets.Count == 0)
            return null;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), out var pid) && HasSocket(folder, sockets))
                return new ServerProcess(pid);
        return null;
    }

    /// <summary>Measures the process now; null when it has ended.</summary>
    public ProcessUse? Measure()
    {
        try
        {
            // The name in parentheses may itself hold spaces and parentheses: count fields behind the last one.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var ticks = long.Parse(fields[UserTimeField - 3]) + long.Parse(fields[UserTimeField - 2]);
            var status = File.ReadAllLines($"/proc/{pid}/status");
            return new ProcessUse(TimeSpan.FromSeconds(ticks / ClockTicksPerSecond), Bytes(status, "VmRSS:"), Bytes(status, "VmHWM:"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long Bytes(string[] status, string name)
    {
        var line = Array.Find(status, text => text.StartsWith(name, StringComparison.Ordinal));
        return line is null ? 0 : 1024 * long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim());
    }

    private static bool HasSocket(string folder, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(folder + "/fd").Any(fd => new FileInfo(fd).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
