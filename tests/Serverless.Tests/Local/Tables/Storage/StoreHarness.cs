using System.Text;
using Serverless.Local.Tables.Storage;

namespace Serverless.Tests.Local.Tables.Storage;

/// <summary>Writes and reads a store by texts.</summary>
internal static class StoreHarness
{
    public static byte[] Key(string rowKey) => KeyCodec.Encode("p", rowKey);

    /// <summary>Commits rows together; a null value deletes. The task ends when they are durable.</summary>
    public static async Task WriteAsync(this LsmStore store, LsmTable table, params (string RowKey, string? Value)[] rows)
    {
        await store.WaitForRoomAsync(default);
        await store.Append(table, rows);
    }

    public static Task Append(this LsmStore store, LsmTable table, params (string RowKey, string? Value)[] rows)
    {
        var batch = new WriteBatch(table.Id);
        foreach (var (rowKey, value) in rows)
        {
            if (value is null)
                batch.Delete(Key(rowKey));
            else
                batch.Put(Key(rowKey), Encoding.UTF8.GetBytes(value));
        }

        lock (table.WriteGate)
            return store.Commit(table, batch, out _) ?? throw new InvalidOperationException("The table is dropped.");
    }

    public static string? Read(this LsmStore store, LsmTable table, string rowKey)
    {
        using var view = table.Acquire()!;
        return view.TryGet(Key(rowKey), store.DurableVersion, out _, out var value) ? Encoding.UTF8.GetString(value) : null;
    }

    public static List<(string RowKey, string Value)> Scan(this LsmStore store, LsmTable table, string from = "")
    {
        var rows = new List<(string, string)>();
        using var view = table.Acquire()!;
        var cursor = view.Range(Key(from), null, null, store.DurableVersion);
        while (cursor.MoveNext())
            rows.Add((KeyCodec.DecodePart(KeyCodec.RowKeyOf(cursor.Key)), Encoding.UTF8.GetString(cursor.Value)));
        return rows;
    }

    public static int Segments(this LsmTable table)
    {
        using var view = table.Acquire()!;
        return view.Segments.Length;
    }

    /// <summary>Copies a store's folder while it is written, as it was at one moment: while one manifest was in force.</summary>
    public static void CopyFolder(string from, string to)
    {
        while (!TryCopyFolder(from, to))
            Directory.Delete(to, recursive: true);
    }

    private static bool TryCopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        var manifest = Path.Combine(from, "manifest");
        var before = File.ReadAllBytes(manifest);
        try
        {
            foreach (var path in Directory.GetFiles(from))
            {
                using var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var target = File.Create(Path.Combine(to, Path.GetFileName(path)));
                source.CopyTo(target);
            }
        }
        catch (FileNotFoundException)
        {
            return false;
        }

        return before.AsSpan().SequenceEqual(File.ReadAllBytes(manifest));
    }
}
