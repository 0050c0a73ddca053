using Serverless.Local.Tables.Storage;

namespace Serverless.Tests.Local.Tables.Storage;

public sealed class LsmStoreTests : IAsyncDisposable
{
    private static readonly LsmOptions Small = new() { MemtableBytes = 64 * 1024, LogBytes = 128 * 1024, CacheBytes = 256 * 1024, SmallSegmentBytes = 16 * 1024, CompactionFanIn = 4 };

    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();
    private LsmStore _store;

    public LsmStoreTests() => _store = Open(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_writes_read_like_a_sorted_dictionary_through_flushes_merges_and_reopening(int seed)
    {
        var random = new Random(seed);
        var model = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var table = _store.Create("t")!;
        for (var step = 0; step < 3000; step++)
        {
            var rows = Enumerable.Range(0, random.Next(1, 6)).Select(_ => $"{random.Next(400):D4}").Distinct()
                .Select(key => (key, random.Next(4) == 0 ? null : $"{step}".PadRight(random.Next(600), (char)random.Next('a', 'z')))).ToArray();
            await _store.WriteAsync(table, rows);
            foreach (var (key, value) in rows)
            {
                if (value is null)
                    model.Remove(key);
                else
                    model[key] = value;
            }

            if (random.Next(100) == 0)
                await _store.FlushAsync();
            if (random.Next(300) == 0)
                table = await ReopenAsync();
            var probe = $"{random.Next(400):D4}";
            Assert.Equal(model.GetValueOrDefault(probe), _store.Read(table, probe));
            if (step % 100 == 0)
                Assert.Equal(model.Where(row => string.CompareOrdinal(row.Key, probe) >= 0).Select(row => (row.Key, row.Value)), _store.Scan(table, probe));
        }

        await _store.FlushAsync();
        Assert.Equal(model.Select(row => (row.Key, row.Value)), _store.Scan(table));
    }

    [Fact]
    public async Task Merging_keeps_the_newest_and_drops_what_was_deleted()
    {
        var table = _store.Create("t")!;
        for (var round = 0; round < 4; round++)
        {
            await _store.WriteAsync(table, ("kept", $"{round}"), ("gone", round == 3 ? null : $"{round}"), ($"{round}", "own"));
            await _store.FlushAsync();
        }

        using var view = table.Acquire()!;
        var segment = Assert.Single(view.Segments);
        Assert.Equal(5, segment.Summary.Rows);
        Assert.Equal([("0", "own"), ("1", "own"), ("2", "own"), ("3", "own"), ("kept", "3")], _store.Scan(table));
    }

    [Fact]
    public async Task A_delete_keeps_hiding_what_an_older_unmerged_segment_holds()
    {
        var table = _store.Create("t")!;
        var large = Enumerable.Range(0, 200).Select(i => ($"{i:D4}", (string?)Random(i, 2000))).Append(("gone", "old")).ToArray();
        await _store.WriteAsync(table, large);
        await _store.FlushAsync();
        for (var round = 0; round < 4; round++)
        {
            await _store.WriteAsync(table, ("gone", null), ($"x{round}", "own"));
            await _store.FlushAsync();
        }

        Assert.Equal(2, table.Segments());
        Assert.Null(_store.Read(table, "gone"));
    }

    [Fact]
    public async Task A_reader_sees_the_rows_of_its_view_while_they_are_merged_away()
    {
        var table = _store.Create("t")!;
        await _store.WriteAsync(table, ("a", "1"), ("b", "1"));
        await _store.FlushAsync();
        using var view = table.Acquire()!;
        var cursor = view.Range(StoreHarness.Key(""), null, null, _store.DurableVersion);
        Assert.True(cursor.MoveNext());

        for (var round = 0; round < 8; round++)
        {
            await _store.WriteAsync(table, ("a", "2"), ("b", null), ("c", "2"));
            await _store.FlushAsync();
        }

        Assert.True(cursor.MoveNext());
        Assert.Equal("1"u8, cursor.Value);
        Assert.False(cursor.MoveNext());
    }

    [Fact]
    public async Task Dropping_a_table_frees_its_disk_at_once_and_readers_finish()
    {
        var table = _store.Create("t")!;
        await _store.WriteAsync(table, [.. Enumerable.Range(0, 100).Select(i => ($"{i:D4}", (string?)Random(i, 1000)))]);
        await _store.FlushAsync();
        using var view = table.Acquire()!;
        var cursor = view.Range(StoreHarness.Key(""), null, null, _store.DurableVersion);
        Assert.True(cursor.MoveNext());
        Assert.NotEmpty(Directory.GetFiles(_folder.Path, "*.seg"));

        Assert.True(_store.Drop(table));

        Assert.Empty(Directory.GetFiles(_folder.Path, "*.seg"));
        Assert.Null(_store.Find("t"));
        Assert.Null(table.Acquire());
        for (var row = 1; row < 100; row++)
            Assert.True(cursor.MoveNext());
        Assert.False(_store.Drop(table));
    }

    [Fact]
    public async Task Dropping_a_table_while_it_is_written_flushed_and_merged_leaves_nothing()
    {
        for (var round = 0; round < 10; round++)
        {
            var table = _store.Create("t")!;
            var writer = Task.Run(async () =>
            {
                for (var i = 0; !table.IsDropped; i++)
                {
                    try
                    {
                        await _store.WriteAsync(table, ($"{i % 100:D4}", Random(i, 3000)));
                    }
                    catch (InvalidOperationException)
                    {
                        return;
                    }
                }
            }, TestContext.Current.CancellationToken);
            while (table.Segments() < 2)
                await Task.Yield();
            Assert.True(_store.Drop(table));
            await writer;
        }

        await _store.FlushAsync();
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.seg"));
    }

    [Fact]
    public async Task Logs_are_removed_once_their_rows_are_in_segments()
    {
        var table = _store.Create("t")!;
        for (var i = 0; i < 300; i++)
            await _store.WriteAsync(table, ($"{i:D4}", Random(i, 4000)));
        await _store.FlushAsync();

        Assert.InRange(Directory.GetFiles(_folder.Path, "*.log").Sum(path => new FileInfo(path).Length), 0, Small.LogBytes);
        Assert.Equal(300, _store.Scan(table).Count);
    }

    [Fact]
    public async Task Files_that_nothing_names_are_removed_on_opening()
    {
        var table = _store.Create("t")!;
        await _store.WriteAsync(table, ("a", "1"));
        await _store.FlushAsync();

        table = await ReopenAsync(whileClosed: () =>
        {
            File.WriteAllText(Path.Combine(_folder.Path, "0000009999.seg"), "half a segment");
            File.WriteAllText(Path.Combine(_folder.Path, "0000000000.log"), "an old log");
        });

        Assert.Equal([("a", "1")], _store.Scan(table));
        Assert.False(File.Exists(Path.Combine(_folder.Path, "0000009999.seg")));
        Assert.False(File.Exists(Path.Combine(_folder.Path, "0000000000.log")));
        await _store.WriteAsync(table, ("b", "2"));
        await _store.FlushAsync();
        Assert.Equal([("a", "1"), ("b", "2")], _store.Scan(table));
    }

    [Fact]
    public async Task Versions_rise_also_when_the_clock_falls_and_across_reopening()
    {
        var table = _store.Create("t")!;
        await _store.WriteAsync(table, ("a", "1"));
        var before = _store.DurableVersion;
        await _store.FlushAsync();
        _clock.Advance(TimeSpan.FromDays(-1));

        table = await ReopenAsync();
        await _store.WriteAsync(table, ("a", "2"));

        Assert.True(_store.DurableVersion > before);
        Assert.Equal("2", _store.Read(table, "a"));
    }

    [Fact]
    public async Task Readers_and_writers_at_once_never_see_half_of_a_transaction()
    {
        var table = _store.Create("t")!;
        await _store.WriteAsync(table, [.. Enumerable.Range(0, 10).Select(i => ($"{i}", (string?)"0"))]);
        var writers = Task.WhenAll(Enumerable.Range(0, 3).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 300; i++)
                await _store.WriteAsync(table, [.. Enumerable.Range(0, 10).Select(row => ($"{row}", (string?)$"{writer}-{i}-{new string('x', 200)}"))]);
        }, TestContext.Current.CancellationToken)));
        var reads = 0;
        for (; !writers.IsCompleted || reads == 0; reads++)
        {
            var rows = _store.Scan(table);
            Assert.Equal(10, rows.Count);
            Assert.Single(rows.Select(row => row.Value).Distinct());
        }

        await writers;
    }

    [Fact]
    public async Task Writing_while_memtables_are_flushed_and_segments_merged_loses_nothing()
    {
        var table = _store.Create("t")!;
        var all = Enumerable.Range(0, 4).SelectMany(writer => Enumerable.Range(0, 2000).Select(i => $"{(i * 7919 % 2000):D4}{writer}")).ToList();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(
            async () =>
            {
                for (var i = 0; i < 2000; i += 4)
                    await _store.WriteAsync(table, [.. Enumerable.Range(i, 4).Select(row => ($"{row * 7919 % 2000:D4}{writer}", (string?)Random(row, 600)))]);
            },
            TestContext.Current.CancellationToken)));

        Assert.Equal(all.Order(StringComparer.Ordinal), _store.Scan(table).Select(row => row.RowKey));
        table = await ReopenAsync();
        Assert.Equal(all.Order(StringComparer.Ordinal), _store.Scan(table).Select(row => row.RowKey));
        Assert.InRange(table.Segments(), 1, 24);
    }

    [Fact]
    public async Task A_store_that_cannot_write_takes_no_more_writes_says_why_and_can_still_be_read()
    {
        var folder = _folder.Sub("lost");
        await using var store = Open(folder);
        var table = store.Create("t")!;
        await store.WriteAsync(table, ("a", "1"));
        Directory.Delete(folder, recursive: true);

        await Assert.ThrowsAnyAsync<Exception>(store.FlushAsync);
        var failure = await Assert.ThrowsAsync<IOException>(() => store.WriteAsync(table, ("b", "2")));
        Assert.StartsWith($"The tables in '{folder}' take no more writes since one failed: ", failure.Message, StringComparison.Ordinal);
        Assert.Equal([("a", "1")], store.Scan(table));
    }

    [Fact]
    public async Task After_a_quiet_while_what_is_in_memory_becomes_segments_and_the_log_goes()
    {
        var folder = _folder.Sub("idle");
        var clock = new Functions.ManualClock(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var options = new LsmOptions { IdleFlushBytes = 1000 };
        await using var store = LsmStore.Open(folder, options, clock);
        var table = store.Create("t")!;
        await store.WriteAsync(table, ("a", Random(1, 2000)));
        clock.Advance(options.IdleFlushAfter);
        Assert.Empty(Directory.GetFiles(folder, "*.seg"));

        clock.Advance(options.IdleFlushAfter);
        await store.FlushAsync();

        Assert.Single(Directory.GetFiles(folder, "*.seg"));
        Assert.Equal(0, store.ActiveBytes);
        Assert.Equal([("a", Random(1, 2000))], store.Scan(table));
    }

    private static string Random(int seed, int length) =>
        string.Create(length, new Random(seed), static (span, random) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = (char)random.Next(' ', '~');
        });

    private LsmStore Open(string folder) => LsmStore.Open(folder, Small, _clock);

    private async Task<LsmTable> ReopenAsync(Action? whileClosed = null)
    {
        await _store.DisposeAsync();
        whileClosed?.Invoke();
        _store = Open(_folder.Path);
        return _store.Find("t")!;
    }
}
