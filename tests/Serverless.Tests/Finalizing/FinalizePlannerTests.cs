using Serverless.Functions.Buffering;
using Serverless.Functions.Finalizing;
using Serverless.Local;

namespace Serverless.Tests.Finalizing;

public sealed class FinalizePlannerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_trace_is_sent_once_when_it_has_been_quiet_for_long_enough()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(store.Span(1, 1), store.Span(2, 1));

        store.Clock.Now += TimeSpan.FromSeconds(29);
        Assert.Equal(0, await store.Planner.RunAsync(Token));
        store.Clock.Now += TimeSpan.FromSeconds(1);
        Assert.Equal(2, await store.Planner.RunAsync(Token));
        Assert.Equal([1, 2], Traces(await store.TakeItemsAsync()));
        store.Clock.Now += TimeSpan.FromSeconds(100);
        Assert.Equal(0, await store.Planner.RunAsync(Token));
    }

    [Fact]
    public async Task A_trace_that_a_younger_batch_touches_comes_with_that_one()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(store.Span(1, 1), store.Span(2, 1));
        store.Clock.Now += TimeSpan.FromSeconds(20);
        await store.StoreAsync(store.Span(1, 2, 1));

        store.Clock.Now += TimeSpan.FromSeconds(15);
        await store.Planner.RunAsync(Token);
        Assert.Equal([2], Traces(await store.TakeItemsAsync()));
        store.Clock.Now += TimeSpan.FromSeconds(15);
        await store.Planner.RunAsync(Token);
        Assert.Equal([1], Traces(await store.TakeItemsAsync()));
    }

    [Fact]
    public async Task Each_trace_goes_to_the_partition_of_its_shard_in_events_of_bounded_size()
    {
        await using var store = new FinalizeStore(new Functions.TracingSettings { FinalizeItemTraces = 10 });
        await store.StoreAsync([.. Enumerable.Range(1, 100).Select(trace => store.Span((ulong)trace, 1))]);

        Assert.Equal(100, await store.PlanQuietAsync());
        var items = await store.TakeItemsAsync();
        Assert.All(items, item => Assert.InRange(FinalizeItem.FromBytes(item.Event.Body).Traces.Count, 1, 10));
        Assert.All(items, item => Assert.All(
            FinalizeItem.FromBytes(item.Event.Body).Traces, trace => Assert.Equal(item.Partition, $"{Shards.Of(trace) / (Shards.Count / 2)}")));
        Assert.Equal(Enumerable.Range(1, 100).Select(trace => (ulong)trace), Traces(items));
    }

    [Fact]
    public async Task What_was_sent_without_the_position_moved_is_sent_again()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(store.Span(1, 1));
        store.Faults.Add(new Fault(FaultOperations.TableTransaction, FaultKind.Fail, 1, 1));

        await Assert.ThrowsAsync<Functions.Storage.StorageException>(() => store.PlanQuietAsync());
        Assert.Equal([1], Traces(await store.TakeItemsAsync()));
        Assert.Equal(1, await store.Planner.RunAsync(Token));
        Assert.Equal([1], Traces(await store.TakeItemsAsync()));
    }

    [Fact]
    public async Task What_could_not_be_sent_is_sent_by_the_next_run()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(store.Span(1, 1));
        store.Faults.Add(new Fault(FaultOperations.HubSend, FaultKind.Fail, 1, 1));

        await Assert.ThrowsAsync<HubException>(() => store.PlanQuietAsync());
        Assert.Empty(await store.TakeItemsAsync());
        Assert.Equal(1, await store.Planner.RunAsync(Token));
    }

    [Fact]
    public async Task Receipts_of_the_day_before_are_planned_too()
    {
        await using var store = new FinalizeStore();
        store.Clock.Now = new DateTimeOffset(2026, 3, 1, 23, 59, 50, TimeSpan.Zero);
        await store.StoreAsync(store.Span(1, 1), store.Span(2, 1));
        store.Clock.Now += TimeSpan.FromSeconds(15);
        await store.StoreAsync(store.Span(1, 2, 1));

        await store.PlanQuietAsync();
        var items = (await store.TakeItemsAsync()).Select(item => FinalizeItem.FromBytes(item.Event.Body)).ToArray();
        Assert.Equal(["03/01/2026: 2", "03/02/2026: 1"], items.OrderBy(item => item.Day).Select(item => FormattableString.Invariant($"{item.Day}: {Assert.Single(item.Traces)}")));
    }

    [Fact]
    public async Task What_is_finalized_is_settled_and_the_rest_is_in_flight()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(store.Span(1, 1), store.Span(2, 1));
        Assert.Empty(await store.State.SettledAsync(Token));
        await store.PlanQuietAsync();
        Assert.Empty(await store.State.SettledAsync(Token));
        await store.FinalizeAsync();
        await store.StoreAsync(store.Span(3, 1));
        await store.Planner.RunAsync(Token);
        var settled = await store.State.SettledAsync(Token);
        Assert.Equal("00000000000000000", settled["0"].RowKey);
        await store.PlanAndFinalizeAsync();
        await store.Planner.RunAsync(Token);
        Assert.Equal("00000000000001000", (await store.State.SettledAsync(Token))["0"].RowKey);
    }

    private static ulong[] Traces(IEnumerable<(string Partition, Functions.Assembling.BufferedEvent Event)> items) =>
        [.. items.SelectMany(item => FinalizeItem.FromBytes(item.Event.Body).Traces).Order()];
}
