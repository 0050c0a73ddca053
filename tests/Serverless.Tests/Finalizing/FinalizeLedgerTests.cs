using Serverless.Functions.Assembling;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Tracing.Ledger;

namespace Serverless.Tests.Finalizing;

public sealed class FinalizeLedgerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_report_of_a_span_is_finalized_and_others_are_folded_each_in_the_minute_it_came()
    {
        await using var store = new FinalizeStore();
        var first = Receipt.MinuteOf(store.Clock.Now);
        await store.StoreAsync(store.Span(1, 1), store.Span(1, 2, 1, "b"), store.Span(1, 2, 1, "b"));
        await store.PlanAndFinalizeAsync();
        store.Clock.Now += TimeSpan.FromMinutes(2);
        var second = Receipt.MinuteOf(store.Clock.Now);
        await store.StoreAsync(store.Span(1, 2, 1, "b", secondsAgo: 156), store.Span(1, 3, 1, "c"));
        await store.AssertLedgerAsync();

        var (window, balances) = await store.BalanceAsync();
        Assert.Equal([first, second], balances.Select(minute => minute.Minute));
        Assert.Equal([(2L, 1L), (1L, 1L)], balances.Select(minute => (minute.Counts.Sum(LedgerStage.Finalized), minute.Counts.Sum(LedgerStage.Deduped))));
        Assert.Equal(
            [("a", 1L), ("b", 1L), ("c", 1L)],
            window.Counts().Where(count => count.Key.Stage == LedgerStage.Finalized).Select(count => (count.Key.Source.Service, count.Value)).Order());
    }

    [Fact]
    public async Task What_is_stored_and_not_finalized_yet_is_in_flight()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(store.Span(1, 1), store.Span(2, 1));
        var (_, balances) = await store.BalanceAsync();
        Assert.Equal((2L, true, false), (Assert.Single(balances).InFlight, balances[0].IsConserved, balances[0].IsSettled));
        (_, balances) = await store.SettleAsync();
        Assert.Equal((0L, true, true), (Assert.Single(balances).InFlight, balances[0].IsConserved, balances[0].IsSettled));
    }

    [Fact]
    public async Task A_replay_that_is_cut_differently_is_folded_whenever_it_comes()
    {
        await using var store = new FinalizeStore();
        var one = await store.StoreAsync(store.Span(1, 1), store.Span(2, 1));
        var two = await store.StoreAsync(store.Span(1, 2, 1));
        await store.ReplayAsync(one, two);
        await store.PlanAndFinalizeAsync();
        await store.AssertLedgerAsync();
        Assert.Equal(3, (await store.BalanceAsync()).Window.Counts().Sum(LedgerStage.Deduped));

        // Now the planner is beyond it: what it brought waits until its traces get more.
        var three = await store.StoreAsync(store.Span(3, 1));
        await store.AssertLedgerAsync();
        await store.ReplayAsync(two, three);
        await store.AssertLedgerAsync();
        store.Clock.Now += TimeSpan.FromHours(3);
        foreach (var minutes in Enumerable.Range(1, 5))
        {
            await store.StoreAsync(store.Span(4, (ulong)minutes));
            await store.AssertLedgerAsync();
        }

        await store.ReplayAsync(one, two, three);
        await store.StoreAsync(store.Span(1, 9, 1), store.Span(2, 9, 1), store.Span(3, 9, 1));
        await store.AssertLedgerAsync("long after\n");
        Assert.Equal(0, (await store.BalanceAsync()).Balances.Sum(minute => minute.InFlight));
    }

    /// <summary>An assembler ends between a batch's rows and its receipt; the events then come in other batches.</summary>
    [Fact]
    public async Task A_batch_that_never_got_its_receipt_counts_nowhere()
    {
        await using var store = new FinalizeStore();
        var one = await store.StoreAsync(store.Span(1, 1));
        var two = await store.StoreAsync(store.Span(1, 2, 1));
        await store.ReplayAsync(one, two);
        await DeleteReceiptAsync(store, new BatchId("0", 0, 0));
        await DeleteReceiptAsync(store, new BatchId("0", 1, 1));
        await store.AssertLedgerAsync();
        Assert.Equal(0, (await store.BalanceAsync()).Window.Counts().Sum(LedgerStage.Deduped));
    }

    [Fact]
    public async Task A_batch_whose_receipt_comes_after_its_traces_were_finalized_counts_from_then_on()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(store.Span(1, 1));
        var two = await store.StoreAsync(store.Span(1, 2, 1));
        await DeleteReceiptAsync(store, new BatchId("0", 1, 1));
        await store.PlanAndFinalizeAsync();
        Assert.Equal(1, (await store.BalanceAsync()).Window.Counts().Sum(LedgerStage.Finalized));
        store.LateReceipts = 1;
        await store.ReplayAsync(two);
        await store.AssertLedgerAsync();
    }

    [Fact]
    public async Task A_trace_that_goes_on_is_in_flight_and_not_amiss()
    {
        await using var store = new FinalizeStore();
        for (var i = 1; i <= 20; i++)
        {
            await store.StoreAsync(store.Span(1, (ulong)i), store.Span(1, (ulong)i), store.Span((ulong)i + 10, 1));
            store.Clock.Now += TimeSpan.FromSeconds(20);
            await store.Planner.RunAsync(Token);
            await store.FinalizeAsync();
            await store.Closer.RunAsync(Token);
        }

        var (_, balances) = await store.BalanceAsync();
        Assert.True(balances[0].IsSettled);
        Assert.Equal((true, balances[0].Counts.Sum(LedgerStage.Stored) / 3 * 2), (balances[0].IsConserved, balances[0].InFlight));
        await store.AssertLedgerAsync();
        Assert.Equal(0, (await store.BalanceAsync()).Balances.Sum(minute => minute.InFlight));
    }

    [Fact]
    public async Task A_stored_span_that_is_lost_is_named_by_minute_source_and_batch()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(store.Span(1, 1, service: "kept"));
        await store.StoreAsync(store.Span(1, 2, 1, "kept"), store.Span(2, 1, service: "lost"), store.Span(2, 2, service: "lost"));
        var table = DayTables.Name(DayTables.Spans, DateOnly.FromDateTime(store.Clock.Now.UtcDateTime));
        await store.Storage.DeleteAsync(table, RowKeys.Shard(Shards.Of(2)), RowKeys.Trace(2, new BatchId("0", 1, 1), 0), Token);

        var minute = Assert.Single((await store.SettleAsync()).Balances);
        Assert.Equal((false, 0L, 2L, 0L), (minute.IsConserved, minute.NotStored, minute.NotFinalized, minute.InFlight));
        Assert.Equal(("lost", 2L), (Assert.Single(minute.Sources).Source.Service, minute.Sources[0].Reports));
        var batch = Assert.Single(minute.Batches);
        Assert.Equal((new BatchId("0", 1, 1), 3L, 1L), (batch.Batch, batch.Stored, batch.Finalized));
    }

    private static Task DeleteReceiptAsync(FinalizeStore store, BatchId batch) => store.Storage.DeleteAsync(
        DayTables.Name(DayTables.Receipts, DateOnly.FromDateTime(store.Clock.Now.UtcDateTime)), RowKeys.Partition(batch.Partition),
        [batch.ToString(), RowKeys.LedgerOf(batch)], Token);
}
