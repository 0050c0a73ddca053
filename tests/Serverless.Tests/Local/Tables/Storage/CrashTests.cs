using Serverless.Local;
using Serverless.Local.Tables.Storage;

namespace Serverless.Tests.Local.Tables.Storage;

public sealed class CrashTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_torn_tail_is_cut_at_whatever_byte_and_what_was_before_it_stays()
    {
        var folder = await WriteLogAsync(("a", "first"), ("b", "second"));
        var log = Assert.Single(Directory.GetFiles(folder, "*.log"));
        var whole = File.ReadAllBytes(log);
        var boundary = SecondRecord(whole);

        for (var length = boundary; length <= whole.Length; length++)
        {
            File.WriteAllBytes(log, whole[..length]);
            var found = await ReadAsync(folder);
            Assert.Equal(length < whole.Length ? [("a", "first")] : [("a", "first"), ("b", "second")], found);
            Assert.Equal(length < whole.Length ? boundary : whole.Length, new FileInfo(log).Length);
        }
    }

    [Fact]
    public async Task A_tail_with_any_byte_wrong_is_cut()
    {
        var folder = await WriteLogAsync(("a", "first"), ("b", "second"));
        var log = Assert.Single(Directory.GetFiles(folder, "*.log"));
        var whole = File.ReadAllBytes(log);

        for (var at = SecondRecord(whole); at < whole.Length; at++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 0x40;
            File.WriteAllBytes(log, damaged);
            Assert.Equal([("a", "first")], await ReadAsync(folder));
        }
    }

    [Fact]
    public async Task A_tail_of_zeros_is_cut()
    {
        var folder = await WriteLogAsync(("a", "first"));
        var log = Assert.Single(Directory.GetFiles(folder, "*.log"));
        File.WriteAllBytes(log, [.. File.ReadAllBytes(log), .. new byte[5000]]);

        Assert.Equal([("a", "first")], await ReadAsync(folder));
    }

    [Fact]
    public async Task After_a_cut_the_store_goes_on()
    {
        var folder = await WriteLogAsync(("a", "first"), ("b", "second"));
        var log = Assert.Single(Directory.GetFiles(folder, "*.log"));
        File.WriteAllBytes(log, File.ReadAllBytes(log)[..^3]);

        for (var round = 0; round < 3; round++)
        {
            await using var store = LsmStore.Open(folder, new LsmOptions(), TimeProvider.System);
            await store.WriteAsync(store.Find("t")!, ($"c{round}", "later"));
        }

        Assert.Equal([("a", "first"), ("c0", "later"), ("c1", "later"), ("c2", "later")], await ReadAsync(folder));
    }

    [Fact]
    public async Task Damage_before_what_was_synced_later_is_an_error_that_names_file_and_offset()
    {
        var folder = await WriteLogAsync(("a", "first"), ("b", "second"), ("c", "third"));
        var log = Assert.Single(Directory.GetFiles(folder, "*.log"));
        var damaged = File.ReadAllBytes(log);
        var second = SecondRecord(damaged);
        damaged[second + 20] ^= 1;
        File.WriteAllBytes(log, damaged);

        var failure = await Assert.ThrowsAsync<LocalPlatformException>(() => ReadAsync(folder));
        Assert.StartsWith($"The log '{log}' is damaged at offset {second}, before its end.", failure.Message, StringComparison.Ordinal);
        Assert.Equal(damaged, File.ReadAllBytes(log));
    }

    [Fact]
    public async Task A_torn_log_that_is_not_the_newest_is_an_error()
    {
        var folder = await WriteLogAsync(("a", "first"));
        var log = Assert.Single(Directory.GetFiles(folder, "*.log"));
        await using (var store = LsmStore.Open(folder, new LsmOptions(), TimeProvider.System))
            await store.WriteAsync(store.Find("t")!, ("b", "second"));
        File.WriteAllBytes(log, File.ReadAllBytes(log)[..^1]);

        var failure = await Assert.ThrowsAsync<LocalPlatformException>(() => ReadAsync(folder));
        Assert.Contains($"'{log}' is damaged at offset 0", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_manifest_is_an_error()
    {
        var folder = await WriteLogAsync(("a", "first"));
        var manifest = Path.Combine(folder, "manifest");
        var bytes = File.ReadAllBytes(manifest);
        bytes[^1] ^= 1;
        File.WriteAllBytes(manifest, bytes);

        var failure = await Assert.ThrowsAsync<LocalPlatformException>(() => ReadAsync(folder));
        Assert.Contains($"manifest '{manifest}' is damaged", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(128 * 1024)]
    [InlineData(32 * 1024 * 1024)]
    public async Task A_copy_taken_while_writing_has_every_write_that_was_acknowledged_before(int memtableBytes)
    {
        var options = new LsmOptions { MemtableBytes = memtableBytes, CompactionFanIn = 4 };
        await using var store = LsmStore.Open(_folder.Sub("live"), options, TimeProvider.System);
        var table = store.Create("t")!;
        var acknowledged = 0;
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await store.WriteAsync(table, ($"{i:D6}a", new string('x', 500)), ($"{i:D6}b", "y"));
                Volatile.Write(ref acknowledged, i + 1);
            }
        }, TestContext.Current.CancellationToken);

        for (var image = 1; image <= 10; image++)
        {
            var wanted = Volatile.Read(ref acknowledged) + 100;
            while (Volatile.Read(ref acknowledged) < wanted && !writer.IsCompleted)
                await Task.Yield();
            var before = Volatile.Read(ref acknowledged);
            var copy = _folder.Sub($"image{image}");
            StoreHarness.CopyFolder(store.Folder, copy);

            var keys = (await ReadAsync(copy)).Select(row => row.RowKey).ToList();
            Assert.True(keys.Count >= 2 * before, $"{before} transactions were acknowledged, {keys.Count} rows found.");
            Assert.Equal(0, keys.Count % 2);
            Assert.Equal(Enumerable.Range(0, keys.Count).Select(i => $"{i / 2:D6}{"ab"[i % 2]}"), keys);
        }

        await stop.CancelAsync();
        await writer;
    }

    [Fact]
    public async Task Appends_that_were_not_awaited_are_durable_after_a_clean_close()
    {
        var folder = _folder.Sub("close");
        await using (var store = LsmStore.Open(folder, new LsmOptions(), TimeProvider.System))
        {
            var table = store.Create("t")!;
            for (var i = 0; i < 50; i++)
                _ = store.Append(table, ($"{i:D2}", "x"));
        }

        Assert.Equal(50, (await ReadAsync(folder)).Count);
    }

    private static async Task<List<(string RowKey, string Value)>> ReadAsync(string folder)
    {
        await using var store = LsmStore.Open(folder, new LsmOptions(), TimeProvider.System);
        return store.Scan(store.Find("t")!);
    }

    private static int SecondRecord(byte[] log) => WriteBatch.HeaderBytes + BitConverter.ToInt32(log, 4);

    private async Task<string> WriteLogAsync(params (string RowKey, string? Value)[] rows)
    {
        var folder = _folder.Sub("store");
        await using var store = LsmStore.Open(folder, new LsmOptions(), TimeProvider.System);
        var table = store.Create("t")!;
        foreach (var row in rows)
            await store.WriteAsync(table, row);
        return folder;
    }
}
