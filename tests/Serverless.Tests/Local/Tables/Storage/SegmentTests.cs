using System.Text;
using Serverless.Local;
using Serverless.Local.Tables.Storage;

namespace Serverless.Tests.Local.Tables.Storage;

public sealed class SegmentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly BlockCache _cache = new(1024 * 1024);

    private StoreFiles Files => new(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 10)]
    [InlineData(1000, 10)]
    [InlineData(20_000, 60)]
    [InlineData(300, 40_000)]
    public void Rows_come_back_in_order_and_are_found_by_key(int rows, int valueBytes)
    {
        var segment = Write(rows, valueBytes, row => row % 10 == 3);
        var cursor = segment.NewCursor();

        cursor.Seek([]);
        for (var row = 0; row < rows; row++, cursor.MoveNext())
        {
            Assert.Equal(Key(row), cursor.Key);
            Assert.Equal((1000 + row, row % 10 == 3), (cursor.Version, cursor.IsTombstone));
            Assert.Equal(Value(row, valueBytes), cursor.Value);
        }

        Assert.False(cursor.IsValid);
        for (var row = 0; row < rows; row += 1 + (rows / 50))
        {
            cursor.Seek(Key(row));
            Assert.Equal(1000 + row, cursor.Version);
            cursor.Seek([.. Key(row), 1]);
            Assert.Equal(row + 1 < rows ? 1001 + row : -1, cursor.IsValid ? cursor.Version : -1);
        }

        Assert.Equal((rows, 1000, 999 + rows), (segment.Summary.Rows, segment.Summary.MinVersion, segment.Summary.MaxVersion));
        segment.Release();
    }

    [Fact]
    public void The_filter_knows_every_key_and_few_others()
    {
        var segment = Write(5000, 10, _ => false);

        Assert.All(Enumerable.Range(0, 5000), row => Assert.True(segment.MayHave(BloomFilter.Hash(KeyCodec.FilteredPart(Key(row))))));
        var wrong = Enumerable.Range(5000, 20_000).Count(row => segment.MayHave(BloomFilter.Hash(KeyCodec.FilteredPart(Key(row)))));
        Assert.InRange(wrong, 0, 400);
        segment.Release();
    }

    [Fact]
    public void A_damaged_block_is_an_error_that_names_file_and_offset()
    {
        Write(1000, 100, _ => false).Release();
        var bytes = File.ReadAllBytes(Files.Segment(7));
        bytes[100] ^= 1;
        File.WriteAllBytes(Files.Segment(7), bytes);
        var segment = Segment.Open(Files, 7, _cache);

        var failure = Assert.Throws<LocalPlatformException>(() => segment.NewCursor().Seek([]));
        Assert.Contains($"'{Files.Segment(7)}' is damaged at offset 0: its checksum does not match", failure.Message, StringComparison.Ordinal);
        segment.Release();
    }

    [Fact]
    public void A_cut_file_is_an_error()
    {
        Write(1000, 100, _ => false).Release();
        File.WriteAllBytes(Files.Segment(7), File.ReadAllBytes(Files.Segment(7))[..^1]);

        var failure = Assert.Throws<LocalPlatformException>(() => Segment.Open(Files, 7, _cache));
        Assert.Contains("its footer is not one", failure.Message, StringComparison.Ordinal);
        File.Delete(Files.Segment(7));
        Assert.Contains("cannot be opened", Assert.Throws<LocalPlatformException>(() => Segment.Open(Files, 7, _cache)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_cache_stays_within_its_bound_and_keeps_what_is_used()
    {
        var cache = new BlockCache(100_000);
        cache.Add(1, 0, new Block(new byte[1000], 1000));
        for (var i = 1; i < 1000; i++)
        {
            cache.Add(1, i, new Block(new byte[1000], 1000));
            Assert.True(cache.TryGet(1, 0, out _));
            Assert.InRange(cache.Bytes, 0, 100_000);
        }

        Assert.False(cache.TryGet(1, 1, out _));
        Assert.True(cache.TryGet(1, 999, out _));
    }

    [Fact]
    public void A_seek_in_a_block_finds_the_newest_version_however_many_there_are()
    {
        using var builder = new BlockBuilder(0);
        var random = new Random(5);
        var firsts = new List<(byte[] Key, long Version)>();
        for (var row = 0; row < 300; row++)
        {
            var key = KeyCodec.Encode("p", $"{row * 3:x6}{new string('k', row % 40)}");
            var versions = random.Next(10) == 0 ? 40 : 1 + random.Next(3);
            firsts.Add((key, versions));
            for (long version = versions; version > 0; version--)
                builder.Add(key, version, isTombstone: false, key);
        }

        var block = new Block(builder.Content.ToArray(), builder.Length);
        var cursor = new BlockCursor(0);
        cursor.Open(block with { Points = SeekPoints.Of(block) });
        for (var row = 0; row < firsts.Count; row++)
        {
            cursor.Seek(firsts[row].Key);
            Assert.Equal(firsts[row].Key, cursor.Key);
            Assert.Equal(firsts[row].Version, cursor.Version);
            Assert.Equal(firsts[row].Key, cursor.Value);
            cursor.Seek([.. firsts[row].Key, 1]);
            Assert.Equal(row + 1 < firsts.Count ? firsts[row + 1].Version : -1, cursor.IsValid ? cursor.Version : -1);
        }

        cursor.Seek([]);
        Assert.Equal(firsts[0].Key, cursor.Key);
    }

    private static byte[] Key(int row) => KeyCodec.Encode("p", $"{row:D8}");

    private static byte[] Value(int row, int bytes) => Encoding.ASCII.GetBytes($"{row}".PadRight(bytes, (char)('a' + (row % 7))));

    private Segment Write(int rows, int valueBytes, Func<int, bool> isTombstone)
    {
        using (var writer = new SegmentWriter(Files.Segment(7), rows, 1000))
        {
            for (var row = 0; row < rows; row++)
                writer.Add(Key(row), 1000 + row, isTombstone(row), Value(row, valueBytes));
            writer.Finish();
        }

        return Segment.Open(Files, 7, _cache);
    }
}
