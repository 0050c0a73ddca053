using System.Text;
using Serverless.Local.Tables.Storage;

namespace Serverless.Local.Tables;

/// <summary>Spares reading a new string for every name of every row: a small table of the names seen last.</summary>
internal static class PropertyNames
{
    private const int Slots = 512;

    private static readonly Entry?[] Recent = new Entry?[Slots];

    public static string Intern(ReadOnlySpan<byte> utf8)
    {
        ref var slot = ref Recent[BloomFilter.Hash(utf8) % Slots];
        var entry = slot;
        if (entry is null || !utf8.SequenceEqual(entry.Utf8))
            slot = entry = new Entry(utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        return entry.Name;
    }

    private sealed record Entry(byte[] Utf8, string Name);
}
