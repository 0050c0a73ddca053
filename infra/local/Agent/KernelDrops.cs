using System.Globalization;
using System.Net.Sockets;

namespace Serverless.Local;

/// <summary>
/// How many datagrams the kernel threw away because a socket's buffer was full: the last column of <c>/proc/net/udp</c> (and
/// <c>udp6</c>), in the line that has the socket's inode.
/// </summary>
internal sealed class KernelDrops
{
    private const int InodeColumn = 9;
    private const int DropsColumn = 12;
    private const string SocketPrefix = "socket:[";

    private static readonly string[] Files = ["/proc/net/udp", "/proc/net/udp6"];

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _dropsByInode = [];

    /// <summary>Follows a socket; without effect where the system does not tell.</summary>
    public void Follow(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            var link = new FileInfo($"/proc/self/fd/{socket.Handle.ToInt64().ToString(CultureInfo.InvariantCulture)}").LinkTarget;
            if (link is null || !link.StartsWith(SocketPrefix, StringComparison.Ordinal))
                return;
            lock (_gate)
                _dropsByInode[link[SocketPrefix.Length..^1]] = 0;
        }
        catch (IOException)
        {
            // Without /proc nothing can be counted.
        }
    }

    /// <summary>The datagrams thrown away so far; those of a closed socket as they were read last.</summary>
    public long Read()
    {
        lock (_gate)
        {
            if (_dropsByInode.Count == 0)
                return 0;
            foreach (var file in Files)
                Read(file);
            return _dropsByInode.Values.Sum();
        }
    }

    private void Read(string file)
    {
        try
        {
            foreach (var line in File.ReadLines(file))
            {
                var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (columns.Length > DropsColumn && _dropsByInode.ContainsKey(columns[InodeColumn])
                    && long.TryParse(columns[DropsColumn], NumberStyles.None, CultureInfo.InvariantCulture, out var drops))
                    _dropsByInode[columns[InodeColumn]] = drops;
            }
        }
        catch (IOException)
        {
            // The file of a version of IP that this machine does not have.
        }
    }
}
