using System.Diagnostics;

namespace Serverless.Benchmarks.Load;

/// <summary>What a folder's subfolders take on the disk, as du counts it: blocks, so that reserved space is seen and sparse files do not lie.</summary>
internal static class DiskUse
{
    /// <summary>Bytes by subfolder, with "(all)" for the whole; empty when du cannot say.</summary>
    public static SortedDictionary<string, long> Measure(string folder)
    {
        var use = new SortedDictionary<string, long>(StringComparer.Ordinal);
        using var du = Process.Start(new ProcessStartInfo("du", ["-B1", "--max-depth=1", folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        if (du is null)
            return use;
        du.ErrorDataReceived += (_, _) => { };
        du.BeginErrorReadLine();
        while (du.StandardOutput.ReadLine() is { } line)
        {
            var parts = line.Split('\t', 2);
            var name = Path.GetRelativePath(folder, parts[1]);
            use[name == "." ? "(all)" : name] = long.Parse(parts[0]);
        }

        du.WaitForExit();
        return use;
    }
}
