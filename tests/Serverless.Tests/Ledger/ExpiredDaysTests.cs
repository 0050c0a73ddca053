using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Accounting;
using Serverless.Functions.Assembling;
using Serverless.Functions.Storage;
using Serverless.Local;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Ledger;

public sealed class ExpiredDaysTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 5, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_goes_with_a_day_is_counted_by_service_and_protocol_once()
    {
        await using var store = await StoredAsync();
        await RetainAsync(store);
        Assert.Empty(await store.Expired.ReadAsync(CancellationToken.None));
        store.Clock.Advance(TimeSpan.FromDays(8));
        for (var round = 0; round < 3; round++)
        {
            await RetainAsync(store);
            var day = Assert.Single(await store.Expired.ReadAsync(CancellationToken.None));
            Assert.Equal(
                [("cart", SpanProtocol.Otlp, 5L), ("shop", SpanProtocol.Otlp, 20L)],
                day.Counts.Select(count => (count.Key.Source.Service, count.Key.Source.Protocol, count.Value)).Order());
            Assert.True(day.Bytes["spans"] > 0);
            var window = await store.Reader.ReadAsync(store.Clock.GetUtcNow().AddDays(-1), store.Clock.GetUtcNow().AddDays(1), CancellationToken.None);
            Assert.Equal(25, window.Counts().Sum(LedgerStage.Expired));
            var totals = await store.Totals.ReadAsync(CancellationToken.None);
            Assert.Equal((25, 25), (totals.Counts.Sum(LedgerStage.Stored), totals.Counts.Sum(LedgerStage.Expired)));
            store.Clock.Advance(TimeSpan.FromHours(1));
        }

        await RetainAsync(store);
        Assert.DoesNotContain(await store.Storage.TablesAsync(CancellationToken.None), table => table.EndsWith("20260305", StringComparison.Ordinal));
    }

    /// <summary>A storage that fails at any operation, or whose answer is lost, as when the instance ends there.</summary>
    [Theory]
    [InlineData(FaultKind.Fail)]
    [InlineData(FaultKind.LoseAnswer)]
    public async Task However_often_it_is_broken_off_it_is_counted_once(FaultKind kind)
    {
        for (var point = 1; ; point++)
        {
            await using var store = await StoredAsync();
            store.Clock.Advance(TimeSpan.FromDays(9));
            var isBroken = await BreakAsync(store, kind, point);
            for (var round = 0; round < 2; round++)
            {
                store.Clock.Advance(TimeSpan.FromHours(1));
                await RetainAsync(store);
            }

            var days = await store.Expired.ReadAsync(CancellationToken.None);
            Assert.Equal((point, 25L), (point, days.Sum(day => day.Counts.Sum(LedgerStage.Expired))));
            var totals = await store.Totals.ReadAsync(CancellationToken.None);
            Assert.Equal((point, 25L, 25L), (point, totals.Counts.Sum(LedgerStage.Stored), totals.Counts.Sum(LedgerStage.Expired)));
            if (!isBroken)
                break;
            Assert.InRange(point, 1, 200);
        }
    }

    [Fact]
    public async Task Days_of_long_ago_are_added_up_and_nothing_is_lost_by_it()
    {
        await using var store = new LedgerStore(Noon);
        for (var day = 0; day < 60; day += 5)
        {
            await store.AssembleAsync("0", new BufferedEvent(day, LedgerStore.Event("shop", 10), store.Clock.GetUtcNow()));
            store.Clock.Advance(TimeSpan.FromMinutes(5));
            await store.Closer.RunAsync(CancellationToken.None);
            await RetainAsync(store);
            store.Clock.Advance(TimeSpan.FromDays(5));
        }

        var before = await store.Expired.ReadAsync(CancellationToken.None);
        store.Clock.Advance(TimeSpan.FromDays(100));
        await RetainAsync(store);
        await RetainAsync(store);
        var after = await store.Expired.ReadAsync(CancellationToken.None);
        Assert.True(after.Count < before.Count, $"{before.Count} became {after.Count}");
        Assert.Equal(12 * 10, after.Sum(day => day.Counts.Sum(LedgerStage.Expired)));
    }

    [Fact]
    public async Task Stored_bytes_fall_by_what_goes()
    {
        await using var store = await StoredAsync();
        store.Clock.Advance(TimeSpan.FromMinutes(2));
        await store.WorkLedger.FlushAsync(CancellationToken.None);
        var written = (await store.WorkTotals.ReadAsync(CancellationToken.None)).Of(WorkCounts.StoredBytes).Single(count => count.Label == DayTables.Spans).Count;
        Assert.True(written > 0);
        store.Clock.Advance(TimeSpan.FromDays(9));
        await RetainAsync(store);
        // What was worked is kept although its rows are gone.
        Assert.Equal(written, (await store.WorkTotals.ReadAsync(CancellationToken.None)).Of(WorkCounts.StoredBytes).Single(count => count.Label == DayTables.Spans).Count);
        Assert.Equal(written, (await store.Totals.ReadAsync(CancellationToken.None)).ExpiredBytes[DayTables.Spans]);
    }

    /// <summary>25 spans of two services in closed minutes of a day.</summary>
    private static async Task<LedgerStore> StoredAsync()
    {
        var store = new LedgerStore(Noon.AddSeconds(10));
        await store.AssembleAsync("0", new BufferedEvent(0, LedgerStore.Event("shop", 20), Noon.AddSeconds(3)), new BufferedEvent(1, LedgerStore.Event("cart", 5), Noon.AddSeconds(70)));
        store.Clock.Advance(TimeSpan.FromMinutes(6));
        await store.Closer.RunAsync(CancellationToken.None);
        await store.WorkLedger.FlushAsync(CancellationToken.None);
        return store;
    }

    private static async Task RetainAsync(LedgerStore store)
    {
        // The list of tables is some seconds old.
        store.Clock.Advance(TimeSpan.FromSeconds(10));
        await store.Retention.RunAsync(new TimerInfo(), CancellationToken.None);
    }

    private static async Task<bool> BreakAsync(LedgerStore store, FaultKind kind, int point)
    {
        // Operations up to that one work.
        store.Faults.Add(new Fault("*", FaultKind.Delay, 1, point - 1));
        store.Faults.Add(new Fault("*", kind));
        try
        {
            await RetainAsync(store);
            return false;
        }
        catch (StorageException)
        {
            return true;
        }
        finally
        {
            store.Faults.Clear();
        }
    }
}
