using Serverless.Functions.Accounting;
using Serverless.Functions.Assembling;
using Serverless.Tracing.Ledger;

namespace Serverless.Tests.Ledger;

public sealed class LedgerTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 5, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Counts_are_there_at_once_and_the_same_when_their_minute_is_closed()
    {
        await using var store = new LedgerStore(Noon.AddSeconds(10));
        await store.AssembleAsync("0", At(0, 3, LedgerStore.Event("shop", 20)), At(1, 70, LedgerStore.Event("cart", 5)));
        for (var round = 0; round < 3; round++)
        {
            var window = await store.ReadAsync();
            Assert.Equal([Noon, Noon.AddMinutes(1)], window.Minutes.Select(minute => minute.Minute).Order());
            Assert.Equal(25, window.Counts().Sum(LedgerStage.Accepted));
            Assert.Equal(25, window.Counts().Sum(LedgerStage.Stored));
            Assert.Equal(20, Assert.Single(window.Counts(), count => count.Key is { Stage: LedgerStage.Stored, Source.Service: "shop" }).Value);
            Assert.Empty(window.Holes());
            store.Clock.Advance(TimeSpan.FromMinutes(round == 0 ? 1 : 5));
            await store.Closer.RunAsync(CancellationToken.None);
        }

        Assert.Equal(Noon.AddMinutes(1), (await store.ReadAsync()).ClosedUntil.Single(partition => partition.Partition == "0").Minute);
    }

    [Fact]
    public async Task Refusals_that_come_without_spans_are_counted()
    {
        await using var store = new LedgerStore(Noon);
        var who = new LedgerSource(Serverless.Tracing.Model.SpanProtocol.Zipkin, "", "curl/8", "");
        await store.AssembleAsync("1", At(0, 0, LedgerStore.Event("", 0, tell: section =>
        {
            section.Counts.Add(who, LedgerStage.RefusedRequests, LedgerReason.Malformed, 3);
            section.Counts.Add(who, LedgerStage.RefusedBytes, LedgerReason.Malformed, 999);
        })));
        var counts = (await store.ReadAsync()).Counts();
        Assert.Equal(3, counts[new LedgerKey(who, LedgerStage.RefusedRequests, LedgerReason.Malformed)]);
        Assert.Equal(0, counts.Sum(LedgerStage.Accepted));
    }

    [Fact]
    public async Task An_event_that_the_hub_has_twice_counts_once_as_accepted()
    {
        await using var store = new LedgerStore(Noon);
        await store.AssembleAsync("0", At(0, 1, LedgerStore.Event("shop", 20, id: 77)));
        await store.AssembleAsync("1", At(0, 2, LedgerStore.Event("shop", 20, id: 77, attempt: 1)), At(1, 2, LedgerStore.Event("shop", 3, id: 78, attempt: 2)));
        var window = await store.ReadAsync();
        Assert.Equal(23, window.Counts().Sum(LedgerStage.Accepted));
        Assert.Equal(20, window.Counts().Sum(LedgerStage.Resent));
        Assert.Equal(43, window.Counts().Sum(LedgerStage.Stored));
        Assert.All(window.Minutes, minute => Assert.Equal(0, minute.Remainder));
    }

    [Fact]
    public async Task An_event_with_fewer_spans_than_it_says_is_a_loss_with_a_name()
    {
        await using var store = new LedgerStore(Noon);
        await store.AssembleAsync("0", At(0, 1, LedgerStore.Event("shop", 18, says: 20)));
        var window = await store.ReadAsync();
        Assert.Equal(20, window.Counts().Sum(LedgerStage.Accepted));
        Assert.Equal(18, window.Counts().Sum(LedgerStage.Stored));
        Assert.Equal(2, Assert.Single(window.Counts(), count => count.Key.Stage == LedgerStage.Discarded && count.Key.Reason == LedgerReason.CountMismatch).Value);
        Assert.All(window.Minutes, minute => Assert.Equal(0, minute.Remainder));
    }

    [Fact]
    public async Task A_batch_of_a_closed_minute_that_comes_again_is_a_replay_and_fills_holes()
    {
        await using var store = new LedgerStore(Noon);
        var events = Enumerable.Range(0, 6).Select(i => At(i, 1, LedgerStore.Event("shop", 10 + i))).ToArray();
        await store.AssembleAsync("0", events[..2]);
        await store.AssembleAsync("0", events[4..]);
        store.Clock.Advance(TimeSpan.FromMinutes(5));
        await store.Closer.RunAsync(CancellationToken.None);
        Assert.Equal([("0", new SequenceRange(2, 3))], (await store.ReadAsync()).Holes());

        await store.AssembleAsync("0", events[1..4]);
        for (var round = 0; round < 3; round++)
        {
            var window = await store.ReadAsync();
            Assert.Empty(window.Holes());
            Assert.Equal(events.Select((_, i) => 10L + i).Sum(), window.Counts().Sum(LedgerStage.Stored));
            Assert.Equal(11, window.Counts().Sum(LedgerStage.Replayed));
            Assert.Equal([new SequenceRange(1, 1)], window.Minutes.SelectMany(minute => minute.Overlaps));
            await store.Closer.RunAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_run_that_ends_between_the_row_and_the_position_changes_nothing()
    {
        await using var store = new LedgerStore(Noon);
        await store.AssembleAsync("0", At(0, 1, LedgerStore.Event("shop", 10)), At(1, 90, LedgerStore.Event("shop", 7)));
        store.Clock.Advance(TimeSpan.FromMinutes(9));
        foreach (var _ in Enumerable.Range(0, 4))
        {
            store.Faults.AddAll("table.transaction:loseanswer:0.5");
            try
            {
                await store.Closer.RunAsync(CancellationToken.None);
            }
            catch (Serverless.Functions.Storage.StorageException)
            {
                // The next run goes on.
            }

            store.Faults.Clear();
            Assert.Equal(17, (await store.ReadAsync()).Counts().Sum(LedgerStage.Accepted));
        }

        await store.Closer.RunAsync(CancellationToken.None);
        var window = await store.ReadAsync();
        Assert.Equal(17, window.Counts().Sum(LedgerStage.Stored));
        Assert.Equal(2, window.Minutes.Count);
    }

    /// <summary>
    /// Events of any kind, delivered in batches that are cut anywhere, begun again anywhere as after a crash, with some dropped for good: what
    /// the ledger says is what happened, however often minutes are closed meanwhile.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task However_events_are_delivered_every_one_is_counted_once_and_every_missing_one_named(int seed)
    {
        var random = new Random(seed);
        await using var store = new LedgerStore(Noon);
        var events = new List<BufferedEvent>();
        var accepted = new Dictionary<string, long>();
        var (stored, quarantined, resent, replayed) = (0L, 0L, 0L, 0L);
        var lost = new HashSet<long>();
        var seconds = 0.0;
        for (var i = 0; i < 60; i++)
        {
            var service = $"s{random.Next(4)}";
            var spans = random.Next(1, 30);
            var body = LedgerStore.Event(service, spans, id: (ulong)i + 1);
            switch (random.Next(12))
            {
                case 0 when i > 0 && i < 59:
                    lost.Add(i);
                    break;
                case 1:
                    body[16] ^= 0x55;
                    quarantined += spans;
                    accepted[""] = accepted.GetValueOrDefault("") + spans;
                    break;
                case 2:
                    // The hub's answer was lost, and it has the event twice.
                    accepted[service] = accepted.GetValueOrDefault(service) + spans;
                    stored += spans;
                    events.Add(At(i, seconds, body));
                    body = LedgerStore.Event(service, spans, id: (ulong)i + 1, attempt: 1);
                    resent += spans;
                    stored += spans;
                    i++;
                    break;
                default:
                    accepted[service] = accepted.GetValueOrDefault(service) + spans;
                    stored += spans;
                    break;
            }

            events.Add(At(i, seconds, body));
            seconds += random.NextDouble() * 10;
        }

        var present = events.Where(e => !lost.Contains(e.SequenceNumber)).ToArray();
        var batches = new HashSet<(long, long)>();
        var delivered = new HashSet<long>();
        for (var next = 0; next < present.Length;)
        {
            // A crash: some events come again, with the batch cut elsewhere.
            var from = Math.Max(0, next - (random.Next(4) == 0 ? random.Next(8) : 0));
            var count = Math.Min(random.Next(1, 9) + next - from, present.Length - from);
            // What comes again cut as before replaces its own rows, and is there once.
            foreach (var batch in present[from..(from + count)].GroupBy(e => Receipt.MinuteOf(e.EnqueuedAt)))
            {
                if (!batches.Add((batch.First().SequenceNumber, batch.Last().SequenceNumber)))
                    continue;
                foreach (var e in batch)
                    replayed += delivered.Add(e.SequenceNumber) ? 0 : SpansOf(e);
            }

            await store.AssembleAsync("0", present[from..(from + count)]);
            next = from + count;
            store.Clock.Advance(TimeSpan.FromSeconds(random.Next(40)));
            if (random.Next(3) == 0)
                await store.Closer.RunAsync(CancellationToken.None);
        }

        for (var round = 0; round < 2; round++)
        {
            var window = await store.ReadAsync();
            var counts = window.Counts();
            foreach (var (service, spans) in accepted)
                Assert.Equal(spans, counts.Where(count => count.Key.Stage == LedgerStage.Accepted && count.Key.Source.Service == service).Sum(count => count.Value));
            Assert.Equal(
                (accepted.Values.Sum(), stored, quarantined, resent, replayed, 0),
                (counts.Sum(LedgerStage.Accepted), counts.Sum(LedgerStage.Stored), counts.Sum(LedgerStage.Quarantined), counts.Sum(LedgerStage.Resent),
                    counts.Sum(LedgerStage.Replayed), counts.Sum(LedgerStage.Discarded)));
            Assert.All(window.Minutes, minute => Assert.Equal(0, minute.Remainder));
            Assert.Equal(lost.Order(), window.Holes().SelectMany(hole => Range(hole.Events)).Order());
            store.Clock.Advance(TimeSpan.FromHours(1));
            await store.Closer.RunAsync(CancellationToken.None);
        }
    }

    private static IEnumerable<long> Range(SequenceRange range) => Enumerable.Range(0, (int)range.Count).Select(i => range.First + i);

    // What is damaged is not stored again by a replay.
    private static long SpansOf(BufferedEvent e)
    {
        var payload = Array.Empty<byte>();
        try
        {
            return Serverless.Tracing.Frames.EventEnvelope.Read(e.Body, ref payload).Spans;
        }
        catch (Serverless.Tracing.Frames.FrameFormatException)
        {
            return 0;
        }
    }

    private static BufferedEvent At(long sequence, double seconds, byte[] body) => new(sequence, body, Noon.AddSeconds(seconds));
}
