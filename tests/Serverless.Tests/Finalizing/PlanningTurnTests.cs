using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Functions;
using Serverless.Functions.Finalizing;
using Serverless.Tests.Local.Functions;

namespace Serverless.Tests.Finalizing;

public sealed class PlanningTurnTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_instance_plans_at_a_time_and_not_more_often_than_every_ten_seconds()
    {
        await using var store = new FinalizeStore();
        var (one, other) = (Turn(store), Turn(store));
        Assert.True(await one.TryRunAsync(Token));
        Assert.False(await other.TryRunAsync(Token));
        Assert.False(await one.TryRunAsync(Token));
        store.Clock.Now += TimeSpan.FromSeconds(10);
        Assert.True(await other.TryRunAsync(Token));
        Assert.False(await one.TryRunAsync(Token));
    }

    [Fact]
    public async Task The_turn_of_an_instance_that_was_killed_is_over_within_a_minute()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(store.Span(1, 1));
        store.Clock.Now += TimeSpan.FromSeconds(40);
        await store.State.WritePlanningAsync(store.Clock.Now.AddSeconds(55), null, Token);
        store.Clock.Now += TimeSpan.FromSeconds(50);
        Assert.False(await Turn(store).TryRunAsync(Token));
        Assert.Empty(await store.TakeItemsAsync());
        store.Clock.Now += TimeSpan.FromSeconds(6);
        Assert.True(await Turn(store).TryRunAsync(Token));
        Assert.Single(await store.TakeItemsAsync());
    }

    [Fact]
    public async Task A_turn_that_a_wrong_clock_took_for_long_is_nobodys()
    {
        await using var store = new FinalizeStore();
        await store.State.WritePlanningAsync(store.Clock.Now.AddDays(1), null, Token);
        Assert.True(await Turn(store).TryRunAsync(Token));
    }

    [Fact]
    public async Task What_a_process_assembled_is_planned_when_it_is_quiet_and_then_no_timer_is_left()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(store.Span(1, 1));
        var clock = new ManualClock(store.Clock.Now);
        using var planner = Prompt(store, clock);

        planner.Assembled();
        await clock.WaitForTimerAsync(TimeSpan.FromSeconds(31));
        Assert.Empty(await store.TakeItemsAsync());
        store.Clock.Now += TimeSpan.FromSeconds(31);
        var before = clock.Created;
        clock.Advance(TimeSpan.FromSeconds(31));
        await Poll.UntilAsync(() => !planner.IsPlanning, "the planning to end");
        Assert.Single(await store.TakeItemsAsync());
        Assert.Equal(before, clock.Created);

        planner.Assembled();
        await clock.WaitForTimerAsync(TimeSpan.FromSeconds(31));
        await planner.StopAsync(Token);
    }

    [Fact]
    public async Task While_more_comes_it_is_planned_every_ten_seconds()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(store.Span(1, 1));
        var clock = new ManualClock(store.Clock.Now);
        using var planner = Prompt(store, clock);

        planner.Assembled();
        await clock.WaitForTimerAsync(TimeSpan.FromSeconds(31));
        Pass(store, clock, 20);
        await store.StoreAsync(store.Span(2, 1));
        planner.Assembled();
        Pass(store, clock, 11);
        await clock.WaitForTimerAsync(TimeSpan.FromSeconds(10));
        Assert.Single(await store.TakeItemsAsync());
        Pass(store, clock, 10);
        await clock.WaitForTimerAsync(TimeSpan.FromSeconds(10));
        Assert.Empty(await store.TakeItemsAsync());
        Pass(store, clock, 10);
        await Poll.UntilAsync(() => !planner.IsPlanning, "the planning to end");
        Assert.Single(await store.TakeItemsAsync());
    }

    [Fact]
    public async Task What_instances_that_are_gone_have_left_is_planned_after_the_start()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(store.Span(1, 1));
        store.Clock.Now += TimeSpan.FromMinutes(1);
        var clock = new ManualClock(store.Clock.Now);
        using var planner = Prompt(store, clock);
        await planner.StartAsync(Token);
        await clock.WaitForTimerAsync(TimeSpan.FromSeconds(2));
        Pass(store, clock, 2);
        await Poll.UntilAsync(() => !planner.IsPlanning, "the planning to end");
        Assert.Single(await store.TakeItemsAsync());
        await planner.StopAsync(Token);
    }

    private static PlanningTurn Turn(FinalizeStore store) => new(store.Planner, store.State, store.Clock);

    private static PromptPlanner Prompt(FinalizeStore store, ManualClock clock) =>
        new(new PlanningTurn(store.Planner, store.State, clock), new TracingSettings(), clock, NullLogger<PromptPlanner>.Instance);

    // The store's clock is one that stands; who waits, waits for the other.
    private static void Pass(FinalizeStore store, ManualClock clock, int seconds)
    {
        store.Clock.Now += TimeSpan.FromSeconds(seconds);
        clock.Advance(TimeSpan.FromSeconds(seconds));
    }
}
