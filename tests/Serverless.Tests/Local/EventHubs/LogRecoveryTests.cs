using Azure.Messaging.EventHubs;
using Serverless.Local;

namespace Serverless.Tests.Local.EventHubs;

public sealed class LogRecoveryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hub-test-").FullName;

    private string SegmentPath => Path.Combine(_folder, LogSegment.FileName(0));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_torn_record_takes_the_whole_ones_behind_it_in_its_commit_group_with_it()
    {
        Append(["durable"], ["torn", "whole"]);
        Damage(record: 1);
        using var log = Open();
        Assert.Equal(0, log.LastSequence);
        Assert.Equal(1, new FileInfo(SegmentPath).Length / Record.Length);
    }

    [Fact]
    public void A_torn_record_before_a_later_commit_group_is_damage_and_nothing_is_cut()
    {
        Append(["durable"], ["damaged", "whole"], ["later"]);
        var length = new FileInfo(SegmentPath).Length;
        foreach (var at in new[] { 0, LogRecordHeader.Size - 1 })
        {
            Damage(record: 1, at);
            var failure = Assert.Throws<LocalPlatformException>(() => Open().Dispose());
            Assert.StartsWith($"The event hub log '{SegmentPath}' is damaged at offset {Record.Length}:", failure.Message);
            Assert.Equal(length, new FileInfo(SegmentPath).Length);
            Damage(record: 1, at);
        }

        using var log = Open();
        Assert.Equal(3, log.LastSequence);
    }

    [Fact]
    public void A_write_that_fails_leaves_nothing_that_a_later_one_would_bring_back()
    {
        using (var log = Open())
        {
            log.Append([NewAppend("first")]);
            // The file is larger than the log knows: as after a write that failed half-way.
            using (var file = new FileStream(SegmentPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
                file.Write(File.ReadAllBytes(SegmentPath));
            log.Append([NewAppend("second")]);
        }

        using var again = Open();
        Assert.Equal(1, again.LastSequence);
    }

    [Fact]
    public void An_empty_newest_segment_keeps_the_numbers_and_the_time()
    {
        Append(["a"], ["b"]);
        File.WriteAllBytes(Path.Combine(_folder, LogSegment.FileName(2)), []);
        using var log = Open();
        Assert.Equal(1, log.LastSequence);
        Assert.True(log.LastTicks > 0);
        Assert.Equal(2, log.Append([NewAppend("c")])[0].FirstSequence);
    }

    // All records are of one length, so that their places are known.
    private static byte[] Record => new byte[LogRecordHeader.Size + Encode("x").Payload.Length];

    private static EncodedEvents Encode(string text)
    {
        var events = new EncodedEvents(null);
        Assert.True(events.TryAdd(new EventData(text.PadRight(16)), 1_000));
        return events;
    }

    private static PendingAppend NewAppend(string text)
    {
        var payload = Encode(text).Payload;
        return new PendingAppend(payload, 1, Crc32C.Compute(payload.Span));
    }

    private SegmentedLog Open() =>
        SegmentedLog.Open(_folder, new EventHubStorageOptions(), TimeProvider.System, new EventHubStatistics.Counter());

    private void Append(params string[][] groups)
    {
        using var log = Open();
        foreach (var group in groups)
            log.Append([.. group.Select(NewAppend)]);
    }

    private void Damage(int record, int at = LogRecordHeader.Size)
    {
        var content = File.ReadAllBytes(SegmentPath);
        content[record * Record.Length + at] ^= 1;
        File.WriteAllBytes(SegmentPath, content);
    }
}
