using Serverless.Functions.Assembling;
using Serverless.Tracing.Ledger;

namespace Serverless.Tests.Ledger;

public sealed class HubLagTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 5, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Events_that_no_receipt_covers_wait_since_they_came()
    {
        await using var store = new LedgerStore(Noon);
        Assert.All(await LagAsync(store), lag => Assert.Equal((0L, 0.0), (lag.Events, lag.Seconds)));
        await SendAsync(store);
        store.Clock.Advance(TimeSpan.FromSeconds(14));
        Assert.Equal((1L, 14.0), await LagOfFirstAsync(store));
        await store.AssembleAsync("0", new BufferedEvent(0, LedgerStore.Event("shop", 3), Noon));
        Assert.Equal((0L, 0.0), await LagOfFirstAsync(store));

        // Long idle, then one: it does not wait since the one before.
        store.Clock.Advance(TimeSpan.FromHours(2));
        await SendAsync(store);
        store.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((1L, 2.0), await LagOfFirstAsync(store));
    }

    [Fact]
    public async Task Of_several_the_oldest_came_after_somebody_looked_and_it_was_not_there()
    {
        await using var store = new LedgerStore(Noon);
        await SendAsync(store);
        await store.AssembleAsync("0", new BufferedEvent(0, LedgerStore.Event("shop", 3), Noon));
        store.Clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(0, (await LagOfFirstAsync(store)).Events);
        store.Clock.Advance(TimeSpan.FromSeconds(10));
        await SendAsync(store);
        await SendAsync(store);
        store.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((2L, 15.0), await LagOfFirstAsync(store));
    }

    [Fact]
    public async Task An_event_that_is_missing_among_others_waits_too()
    {
        await using var store = new LedgerStore(Noon);
        for (var i = 0; i < 3; i++)
            await SendAsync(store);
        await store.AssembleAsync("0", new BufferedEvent(0, LedgerStore.Event("shop", 3), Noon));
        await store.AssembleAsync("0", new BufferedEvent(2, LedgerStore.Event("shop", 3), Noon));
        store.Clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal((1L, 9.0), await LagOfFirstAsync(store));
        await store.AssembleAsync("0", new BufferedEvent(1, LedgerStore.Event("shop", 3), Noon));
        Assert.Equal(0, (await LagOfFirstAsync(store)).Events);
    }

    /// <summary>Events come, are assembled and closed while it is asked: where nothing waits, all that was in the hub before the question is in the answer.</summary>
    [Fact]
    public async Task Where_nothing_waits_all_that_came_before_the_question_is_counted_in_the_answer()
    {
        await using var store = new LedgerStore(Noon);
        const int events = 300;
        var sent = 0L;
        var answers = 0;
        var working = Task.Run(async () =>
        {
            for (var i = 0; i < events; i++)
            {
                await SendAsync(store);
                Interlocked.Increment(ref sent);
                await store.AssembleAsync("0", new BufferedEvent(i, LedgerStore.Event("shop", 3), store.Clock.GetUtcNow()));
                if (i % 10 == 9)
                    store.Clock.Advance(TimeSpan.FromSeconds(30));
                if (i % 30 == 29)
                    await store.Closer.RunAsync(CancellationToken.None);
            }
        }, TestContext.Current.CancellationToken);
        while (!working.IsCompleted || answers == 0)
        {
            var before = Interlocked.Read(ref sent);
            var (window, lags) = await store.Reader.ReadWithLagAsync(DateTimeOffset.UnixEpoch, Noon.AddYears(1), CancellationToken.None);
            if (lags.Any(lag => lag.Events > 0))
                continue;
            answers++;
            Assert.True(window.Counts().Sum(LedgerStage.Accepted) >= before * 3, $"{before} events were there, {window.Counts().Sum(LedgerStage.Accepted)} spans are counted");
        }

        await working;
    }

    private static async Task SendAsync(LedgerStore store) =>
        Assert.True(await store.Hub.TrySendAsync("0", LedgerStore.Event("shop", 3), CancellationToken.None));

    private static Task<IReadOnlyList<Serverless.Functions.Accounting.HubLag>> LagAsync(LedgerStore store) => store.Reader.LagAsync(CancellationToken.None);

    private static async Task<(long Events, double Seconds)> LagOfFirstAsync(LedgerStore store)
    {
        var lag = (await LagAsync(store)).Single(lag => lag.Partition == "0");
        return (lag.Events, lag.Seconds);
    }
}
