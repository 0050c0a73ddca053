using Serverless.Functions.Aggregates;
using Serverless.Functions.Storage;
using Serverless.Local;

namespace Serverless.Tests.Aggregates;

public sealed class AggregateMergerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_read_is_the_same_before_between_and_after_merging_and_deleting()
    {
        await using var store = new AggregateStore();
        await FillAsync(store, items: 120, between: TimeSpan.FromMinutes(1));
        Assert.Equal(store.Expected(), await store.ReadAsync());
        var rows = (await store.KeysAsync()).Count;

        await store.Merger.RunAsync(Token);
        Assert.Equal(store.Expected(), await store.ReadAsync());
        Assert.True((await store.KeysAsync()).Count > rows, "the sources are still there");
        store.Clock.Now += TimeSpan.FromMinutes(11);
        await store.Merger.RunAsync(Token);
        Assert.Equal(store.Expected(), await store.ReadAsync());
        store.Clock.Now += TimeSpan.FromHours(3);
        await store.Merger.RunAsync(Token);
        store.Clock.Now += TimeSpan.FromMinutes(11);
        await store.Merger.RunAsync(Token);

        Assert.Equal(store.Expected(), await store.ReadAsync());
        // Two or three hours, two partitions, two kinds.
        Assert.InRange((await store.KeysAsync()).Count, 8, 12);
        Assert.DoesNotContain(await store.KeysAsync(), AggregateKeys.IsNote);
    }

    [Fact]
    public async Task An_hour_that_grows_is_merged_again_and_again()
    {
        await using var store = new AggregateStore();
        for (var round = 0; round < 6; round++)
        {
            await FillAsync(store, items: 40, between: TimeSpan.FromSeconds(5));
            await store.Merger.RunAsync(Token);
            Assert.Equal(store.Expected(), await store.ReadAsync());
            store.Clock.Now += TimeSpan.FromMinutes(4);
        }

        Assert.InRange((await store.KeysAsync()).Count(key => AggregateKeys.IsItem(key, out _)), 1, 240);
    }

    [Fact]
    public async Task What_was_merged_of_later_items_is_left_out_where_only_earlier_ones_are_asked_for()
    {
        await using var store = new AggregateStore();
        await FillAsync(store, items: 40, between: TimeSpan.FromSeconds(5));
        var (committed, expected) = (await store.CommittedAsync(), store.Expected());
        await store.Merger.RunAsync(Token);
        await FillAsync(store, items: 40, between: TimeSpan.FromSeconds(5));

        Assert.Equal(expected, await store.ReadAsync(committed));
        // This merges what was merged, with later items.
        await store.Merger.RunAsync(Token);
        Assert.Equal(expected, await store.ReadAsync(committed));
        Assert.Equal(store.Expected(), await store.ReadAsync());
        Assert.NotEqual(expected, store.Expected());
    }

    [Fact]
    public async Task Items_that_are_not_committed_are_not_merged_for_they_may_change()
    {
        await using var store = new AggregateStore();
        await FillAsync(store, items: 40, between: TimeSpan.FromSeconds(5));
        await store.WriteAsync("0", [store.Trace(999)], isCommitted: false);
        await store.Merger.RunAsync(Token);

        Assert.Equal(store.Expected(), await store.ReadAsync(await store.CommittedAsync()));
        store.Clock.Now += TimeSpan.FromMinutes(11);
        await store.Merger.RunAsync(Token);
        // Of one item, of spans and of links.
        Assert.Equal(2, (await store.KeysAsync()).Count(key => AggregateKeys.IsItem(key, out _)));
    }

    [Fact]
    public async Task Few_rows_of_an_hour_that_is_not_closed_are_left_alone()
    {
        await using var store = new AggregateStore();
        await FillAsync(store, items: 20, between: TimeSpan.FromSeconds(1));
        var before = await store.KeysAsync();
        await store.Merger.RunAsync(Token);

        Assert.Equal(before, await store.KeysAsync());
    }

    [Fact]
    public async Task A_day_that_is_over_is_merged_for_good()
    {
        await using var store = new AggregateStore();
        await FillAsync(store, items: 40, between: TimeSpan.FromMinutes(5));
        store.Clock.Now += TimeSpan.FromDays(1);
        await store.WriteAsync("0", [store.Trace(500)]);
        await store.WriteAsync("1", [store.Trace(501)]);
        for (var run = 0; run < 3; run++)
        {
            await store.Merger.RunAsync(Token);
            store.Clock.Now += TimeSpan.FromMinutes(11);
        }

        Assert.Equal(store.Expected(), await store.ReadAsync());
        Assert.True((await store.KeysAsync()).Count(key => key == RowKeys.MergedForGood) >= 2);
    }

    [Theory]
    [InlineData(FaultKind.Fail)]
    [InlineData(FaultKind.LoseAnswer)]
    public async Task Runs_that_fail_anywhere_lose_and_double_nothing(FaultKind kind)
    {
        await using var store = new AggregateStore();
        await FillAsync(store, items: 100, between: TimeSpan.FromMinutes(2));
        store.Faults.Seed(7);
        store.Faults.Add(new Fault(FaultOperations.TableTransaction, kind, Probability: 0.4));
        store.Faults.Add(new Fault(FaultOperations.TableWrite, kind, Probability: 0.1));
        for (var run = 0; run < 8; run++)
        {
            await store.Merger.RunAsync(Token);
            Assert.Equal(store.Expected(), await store.ReadAsync());
            store.Clock.Now += TimeSpan.FromMinutes(run % 2 == 0 ? 3 : 11);
        }
    }

    private static async Task FillAsync(AggregateStore store, int items, TimeSpan between)
    {
        for (var i = 0; i < items; i++)
        {
            var id = (ulong)Random.Shared.NextInt64(1, 1_000);
            await store.WriteAsync(i % 2 == 0 ? "0" : "1", [store.Trace(id, 2), store.Trace(id + 1)]);
            store.Clock.Now += between;
        }
    }
}
