using Serverless.Functions.Assembling;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Tests.Ledger;

/// <summary>What senders tell of themselves becomes losses once, however often minutes are closed and by whomever they are read.</summary>
public sealed class ClientLedgerTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 5, 12, 0, 0, TimeSpan.Zero);
    private static readonly LedgerSource Collector = new(SpanProtocol.Otlp, "collector", "otelcol", "c-1");
    private static readonly LedgerSource Shop = new(SpanProtocol.Jaeger, "shop", "jaeger/Go-2.30.0", "pod-1");

    private readonly LedgerStore _store = new(Noon.AddSeconds(10));
    private readonly int[] _sequences = new int[2];
    private int _minute;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task A_total_counts_as_much_as_it_grows_whichever_partition_its_points_come_by_and_in_whatever_order()
    {
        long[] values = [3, 5, 5, 4, 9, 20, 11, 20, 26, 26];
        var most = 0L;
        for (var i = 0; i < values.Length; i++)
        {
            await TellAsync(i % 2, section => section.Add(Total(values[i], time: values[i])));
            most = Math.Max(most, values[i]);
            Assert.Equal(most, await DroppedAsync());
            await CloseAsync();
            Assert.Equal(most, await DroppedAsync());
            await _store.Closer.RunAsync(CancellationToken.None);
            await _store.Totals.FoldAsync(CancellationToken.None);
            Assert.Equal(most, await DroppedAsync());
        }

        // In the minutes in which it was told.
        var window = await _store.ReadAsync();
        Assert.Equal(
            [(0, 3), (1, 2), (4, 4), (5, 9), (6, 2), (8, 6)],
            window.Minutes.Where(m => m.Counts.Sum(LedgerStage.ClientDropped) != 0).OrderBy(m => m.Minute)
                .Select(m => ((int)(m.Minute - Noon).TotalMinutes, (int)m.Counts.Sum(LedgerStage.ClientDropped))));
        var part = await _store.Reader.ReadAsync(Noon.AddMinutes(1), Noon.AddMinutes(5), CancellationToken.None);
        Assert.Equal(6, part.Counts().Sum(LedgerStage.ClientDropped));
    }

    [Fact]
    public async Task A_total_that_begins_anew_counts_whole_and_one_whose_start_is_not_known_from_its_first_point_on()
    {
        await TellAsync(0, s => s.Add(Total(10, series: 1, start: 100)), s => s.Add(Total(70, series: 2, start: 0, time: 5)));
        await CloseAsync(5);
        await TellAsync(1, s => s.Add(Total(4, series: 3, start: 200)), s => s.Add(Total(73, series: 2, start: 0, time: 6)));
        Assert.Equal(10 + 4 + 3, await DroppedAsync());
        await CloseAsync(5);
        // Smaller though newer: it began anew and does not say so.
        await TellAsync(1, s => s.Add(Total(2, series: 2, start: 0, time: 7)), s => s.Add(Total(1, series: 2, start: 0, time: 4)));
        Assert.Equal(10 + 4 + 3 + 2, await DroppedAsync());
        await CloseAsync(5);
        Assert.Equal(10 + 4 + 3 + 2, await DroppedAsync());
        Assert.Equal(10 + 4 + 3 + 2, (await _store.Totals.ReadAsync(CancellationToken.None)).Counts.Sum(LedgerStage.ClientDropped));
    }

    [Fact]
    public async Task Sums_stay_when_the_day_is_dropped()
    {
        await TellAsync(0, s => s.Add(Total(10)));
        await CloseAsync(8);
        await _store.DropAsync(Noon);
        Assert.Equal(10, (await _store.Totals.ReadAsync(CancellationToken.None)).Counts.Sum(LedgerStage.ClientDropped));
        _minute += 24 * 60;
        _store.Clock.Advance(TimeSpan.FromDays(1));
        await TellAsync(1, s => s.Add(Total(15, time: 50)));
        Assert.Equal(15, (await _store.Totals.ReadAsync(CancellationToken.None)).Counts.Sum(LedgerStage.ClientDropped));
    }

    [Fact]
    public async Task Missing_numbers_are_lost_batches_and_late_ones_are_taken_off_again()
    {
        await TellAsync(0, Batch(1, 0), Batch(2, 0), Batch(5, 4));
        await TellAsync(1, Batch(4, 0));
        Assert.Equal((1, 4), await LostAsync());
        await CloseAsync(5);
        Assert.Equal((1, 4), await LostAsync());
        await TellAsync(1, Batch(3, 0), Batch(7, 4), Batch(2, 0));
        Assert.Equal((1, 4), await LostAsync());
        await CloseAsync(5);
        await TellAsync(0, Batch(6, 4), Batch(8, 9));
        await CloseAsync(5);
        Assert.Equal((0, 9), await LostAsync());
        Assert.Equal(0, (await _store.Totals.ReadAsync(CancellationToken.None)).Counts.Sum(LedgerStage.ClientBatchesLost));
    }

    [Fact]
    public async Task A_client_that_is_first_seen_later_has_its_base_there_and_a_restart_is_no_loss()
    {
        await TellAsync(0, Batch(500, 40), Batch(501, 41), Batch(503, 41));
        Assert.Equal((1, 1), await LostAsync());
        await CloseAsync(5);
        // The same id, numbered anew; and another.
        await TellAsync(0, Batch(1, 2), Batch(2, 2), Batch(1, 3, "b"), Batch(2, 3, "b"));
        Assert.Equal((1, 1 + 2 + 3), await LostAsync());
        await CloseAsync(5);
        await TellAsync(1, Batch(1_000_000, 5, "b"));
        Assert.Equal((1, 1 + 2 + 3), await LostAsync());
    }

    [Fact]
    public async Task An_event_that_comes_again_says_nothing_new()
    {
        var told = LedgerStore.Event("shop", 1, tell: s =>
        {
            s.Add(Total(10));
            Batch(1, 2)(s);
            Batch(3, 2)(s);
        });
        await _store.AssembleAsync("0", new BufferedEvent(0, told, Noon.AddSeconds(1)));
        await _store.AssembleAsync("0", new BufferedEvent(0, told, Noon.AddSeconds(1)), new BufferedEvent(1, LedgerStore.Event("shop", 1), Noon.AddSeconds(2)));
        Assert.Equal(10 + 2, await DroppedAsync());
        Assert.Equal((1, 10 + 2), await LostAsync());
    }

    [Fact]
    public async Task What_is_told_of_too_many_is_left_out_and_counted()
    {
        for (var part = 0; part < 3; part++)
        {
            await TellAsync(0, s =>
            {
                for (var i = 0; i < 1_000; i++)
                    s.Add(Total(1, series: (part * 1_000) + i));
            });
        }

        var counts = (await _store.ReadAsync()).Counts();
        Assert.Equal((2_000, 1_000), (counts.Sum(LedgerStage.ClientDropped), counts.Sum(LedgerStage.ClientReportsDropped)));
        await CloseAsync(5);
        counts = (await _store.ReadAsync()).Counts();
        Assert.Equal((2_000, 1_000), (counts.Sum(LedgerStage.ClientDropped), counts.Sum(LedgerStage.ClientReportsDropped)));
    }

    private static LedgerSeriesReport Total(long value, long series = 7, ulong start = 1, long time = 1) =>
        new(Collector, (UInt128)series, LedgerReason.SendFailed, start, (ulong)time, value);

    private static Action<LedgerSection> Batch(long number, long dropped, string client = "a") =>
        section => section.Add(new LedgerClientReport(Shop, client, number, new JaegerClientDrops(dropped, 0, 0)));

    private async Task TellAsync(int partition, params Action<LedgerSection>[] tell)
    {
        var body = LedgerStore.Event("shop", 1, tell: section => Array.ForEach(tell, t => t(section)));
        await _store.AssembleAsync($"{partition}", new BufferedEvent(_sequences[partition]++, body, Noon.AddMinutes(_minute).AddSeconds(1)));
    }

    /// <summary>Lets minutes pass, in each of which both partitions have an event, and closes what can be closed.</summary>
    private async Task CloseAsync(int minutes = 1)
    {
        for (var i = 0; i < minutes; i++)
        {
            if (i > 0)
            {
                await TellAsync(0);
                await TellAsync(1);
            }

            _minute++;
            _store.Clock.Advance(TimeSpan.FromMinutes(1));
            await _store.Closer.RunAsync(CancellationToken.None);
            await _store.Totals.FoldAsync(CancellationToken.None);
            await _store.Totals.FoldAsync(CancellationToken.None);
        }
    }

    private async Task<long> DroppedAsync()
    {
        var dropped = (await _store.ReadAsync()).Counts().Sum(LedgerStage.ClientDropped);
        Assert.Equal(dropped, (await _store.Totals.ReadAsync(CancellationToken.None)).Counts.Sum(LedgerStage.ClientDropped));
        return dropped;
    }

    private async Task<(long Missing, long Dropped)> LostAsync()
    {
        var counts = (await _store.ReadAsync()).Counts();
        return (counts.Sum(LedgerStage.ClientBatchesLost), counts.Sum(LedgerStage.ClientDropped));
    }
}
