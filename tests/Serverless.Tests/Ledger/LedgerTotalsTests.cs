using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Assembling;
using Serverless.Tracing.Ledger;

namespace Serverless.Tests.Ledger;

public sealed class LedgerTotalsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 5, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Sums_are_the_same_however_often_they_are_kept_and_when_the_day_is_dropped()
    {
        await using var store = new LedgerStore(Noon.AddSeconds(10));
        for (var minute = 0; minute < 8; minute++)
        {
            await store.AssembleAsync("0", new BufferedEvent(minute, LedgerStore.Event("shop", 10 + minute), Noon.AddMinutes(minute).AddSeconds(1)));
            Assert.Equal(Expected(minute), await StoredAsync(store));
            store.Clock.Advance(TimeSpan.FromMinutes(1));
            await store.Closer.RunAsync(CancellationToken.None);
            await store.Totals.FoldAsync(CancellationToken.None);
            await store.Totals.FoldAsync(CancellationToken.None);
            Assert.Equal(Expected(minute), await StoredAsync(store));
        }

        var before = await store.Totals.ReadAsync(CancellationToken.None);
        Assert.Equal((8L, Expected(7)), (before.Events, before.Counts.Sum(LedgerStage.Accepted)));
        store.Clock.Advance(TimeSpan.FromMinutes(5));
        await store.Closer.RunAsync(CancellationToken.None);
        await store.Totals.FoldAsync(CancellationToken.None);
        store.Clock.Advance(TimeSpan.FromDays(9));
        // The last minutes, of which batches may still come late, were not kept yet.
        await store.Retention.RunAsync(new TimerInfo(), CancellationToken.None);
        Assert.Equal(Expected(7), await StoredAsync(store));
        Assert.DoesNotContain((await store.Storage.TablesAsync(CancellationToken.None)), table => table.StartsWith("ledger", StringComparison.Ordinal));
    }

    private static long Expected(int last) => Enumerable.Range(0, last + 1).Sum(minute => 10L + minute);

    private static async Task<long> StoredAsync(LedgerStore store) => (await store.Totals.ReadAsync(CancellationToken.None)).Counts.Sum(LedgerStage.Stored);
}
