using Serverless.Functions;
using Serverless.Functions.Assembling;
using Serverless.Local;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Finalizing;

public sealed class FinalizeCrashTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>An instance ends before each operation of an item, and after it; the next one begins the item anew.</summary>
    [Theory]
    [InlineData(FaultKind.Fail)]
    [InlineData(FaultKind.LoseAnswer)]
    public async Task A_crash_at_any_point_of_an_item_loses_and_doubles_nothing(FaultKind kind)
    {
        for (var point = 1; ; point++)
        {
            await using var store = new FinalizeStore();
            await StoreFirstAsync(store);
            await StoreSecondAsync(store);
            await store.PlanQuietAsync();
            var items = await store.TakeItemsAsync();
            var crashed = false;
            foreach (var (partition, item) in items)
            {
                crashed |= await CrashAsync(store, partition, item, kind, point);
                await store.Finalizer.FinalizeAsync(partition, item, Token);
            }

            await store.AssertAggregatesAsync($"after a crash at operation {point}\n");
            await store.AssertLedgerAsync($"after a crash at operation {point}\n");
            Assert.Equal((2, 3), ((await store.SummaryAsync(1))!.Version, (await store.SummaryAsync(1))!.Traces[0].SpanCount));
            Assert.Equal(
                [("0000000000000001", 2), ("0000000000000002", 2), ("0000000000000003", 2)],
                (await store.LinesAsync()).Where(line => line.Trace.EndsWith('1') && line.Version == 2).Select(line => (line.Span, line.Version)).Distinct().Order());
            if (!crashed)
                break;
            Assert.InRange(point, 1, 100);
        }
    }

    /// <summary>More spans come while an item is begun anew: its second attempt sees other rows than its first.</summary>
    [Theory]
    [InlineData(FaultKind.Fail)]
    [InlineData(FaultKind.LoseAnswer)]
    public async Task An_item_that_is_begun_anew_may_see_more_than_before(FaultKind kind)
    {
        for (var point = 1; ; point++)
        {
            await using var store = new FinalizeStore();
            await StoreFirstAsync(store);
            await StoreSecondAsync(store);
            await store.PlanQuietAsync();
            var crashed = false;
            foreach (var (partition, item) in await store.TakeItemsAsync())
            {
                crashed |= await CrashAsync(store, partition, item, kind, point);
                await store.StoreAsync(store.Span(1, 9, 1, "later"), store.Span(3, 9, 1, "later"));
                await store.Finalizer.FinalizeAsync(partition, item, Token);
            }

            await store.PlanAndFinalizeAsync();
            await store.AssertAggregatesAsync($"after a crash at operation {point}\n");
            await store.AssertLedgerAsync($"after a crash at operation {point}\n");
            if (!crashed)
                break;
            Assert.InRange(point, 1, 100);
        }
    }

    /// <summary>An instance stands still in the middle of an item; another does the item and the next ones; then the first goes on.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task An_instance_that_is_thought_dead_and_goes_on_doubles_nothing(int firstPartition)
    {
        for (var point = 1; ; point++)
        {
            await using var store = new FinalizeStore();
            await StoreFirstAsync(store);
            await StoreSecondAsync(store);
            await store.PlanQuietAsync();
            var overtaken = false;
            // One of each partition.
            var items = (await store.TakeItemsAsync()).OrderBy(item => item.Partition == $"{firstPartition}" ? 0 : 1).ToArray();
            for (var i = 0; i < items.Length; i++)
            {
                var (partition, item) = items[i];
                var undone = items[i..];
                var operation = 0;
                void OnStruck(Fault fault, string name)
                {
                    if (Interlocked.Increment(ref operation) != point)
                        return;
                    store.Faults.Clear();
                    overtaken = true;
                    Task.Run(async () =>
                    {
                        await store.StoreAsync(store.Span(1, 9, 1, "later"));
                        // A partition's items are done in order, so before those that are planned now.
                        foreach (var (of, other) in undone)
                            await store.Finalizer.FinalizeAsync(of, other, Token);
                        await store.PlanAndFinalizeAsync();
                    }).GetAwaiter().GetResult();
                }

                store.Faults.Struck += OnStruck;
                store.Faults.Add(new Fault("*", FaultKind.Delay));
                await store.Finalizer.FinalizeAsync(partition, item, Token);
                store.Faults.Struck -= OnStruck;
                store.Faults.Clear();
            }

            await store.PlanAndFinalizeAsync();
            await store.AssertAggregatesAsync($"when overtaken at operation {point}\n");
            await store.AssertLedgerAsync($"when overtaken at operation {point}\n");
            if (!overtaken)
                break;
            Assert.InRange(point, 1, 200);
        }
    }

    /// <summary>An instance stands still in the middle of an item; another begins it anew and ends somewhere; then the first goes on, and a third takes over.</summary>
    [Fact]
    public async Task An_instance_that_goes_on_after_the_one_that_overtook_it_died_leaves_nothing_wrong()
    {
        for (var point = 1; ; point++)
        {
            var wasReached = false;
            for (var death = 1; ; death++)
            {
                await using var store = new FinalizeStore();
                await store.StoreAsync(store.Span(1, 1, service: "a"), store.Span(1, 2, 1, "b"));
                await store.PlanQuietAsync();
                var (partition, item) = Assert.Single(await store.TakeItemsAsync());
                var operation = 0;
                var died = false;
                void OnStruck(Fault fault, string name)
                {
                    if (Interlocked.Increment(ref operation) != point)
                        return;
                    store.Faults.Clear();
                    wasReached = true;
                    died = Task.Run(() => CrashAsync(store, partition, item, FaultKind.Fail, death)).GetAwaiter().GetResult();
                }

                store.Faults.Struck += OnStruck;
                store.Faults.Add(new Fault("*", FaultKind.Delay));
                await store.Finalizer.FinalizeAsync(partition, item, Token);
                store.Faults.Struck -= OnStruck;
                store.Faults.Clear();
                await store.Finalizer.FinalizeAsync(partition, item, Token);
                await store.AssertAggregatesAsync($"when overtaken at operation {point} by one that died at {death}\n");
                if (!died)
                    break;
                Assert.InRange(death, 1, 100);
            }

            if (!wasReached)
                break;
            Assert.InRange(point, 1, 100);
        }
    }

    /// <summary>Random spans in random batches, with items that crash, come twice or come late: at the end the sums are those of the traces.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(13)]
    [InlineData(30)]
    [InlineData(37)]
    public async Task Whatever_the_order_and_the_crashes_the_sums_are_those_of_the_traces(int seed)
    {
        await using var store = new FinalizeStore(new TracingSettings { FinalizeItemTraces = 3 });
        var random = new Random(seed);
        var replays = new List<BufferedEvent>();
        var begun = new DateTimeOffset[10];
        for (var round = 0; round < 25; round++)
        {
            for (var batch = random.Next(3); batch > 0; batch--)
                replays.Add(await store.StoreAsync([.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => RandomSpan(store, random, begun))]));
            if (replays.Count > 0 && random.Next(4) == 0)
                await store.ReplayAsync([.. replays.TakeLast(random.Next(1, 4))]);
            store.Clock.Now += random.Next(12) == 0 ? TimeSpan.FromHours(random.Next(30)) : TimeSpan.FromSeconds(random.Next(40));
            await store.Planner.RunAsync(Token);
            foreach (var (partition, item) in await store.TakeItemsAsync())
            {
                for (var crashes = random.Next(3); crashes > 0; crashes--)
                    await CrashAsync(store, partition, item, random.Next(2) == 0 ? FaultKind.Fail : FaultKind.LoseAnswer, random.Next(1, 12));
                await store.Finalizer.FinalizeAsync(partition, item, Token);
                if (random.Next(5) == 0)
                    await store.Finalizer.FinalizeAsync(partition, item, Token);
            }
        }

        await store.PlanAndFinalizeAsync();
        await store.AssertAggregatesAsync($"seed {seed}\n");
        await store.AssertLedgerAsync($"seed {seed}\n");
    }

    private static Span RandomSpan(FinalizeStore store, Random random, DateTimeOffset[] begun)
    {
        var id = (ulong)random.Next(1, 8);
        var trace = random.Next(begun.Length);
        // A trace begins once, and what comes of it later began then too.
        if (begun[trace] == default)
            begun[trace] = store.Clock.Now;
        return store.Span(
            (ulong)trace + 1, id, id == 1 ? 0 : (ulong)random.Next(1, 8), $"s{random.Next(3)}", $"op{random.Next(3)}", (SpanKind)random.Next(6),
            (store.Clock.Now - begun[trace]).TotalSeconds + random.Next(100), random.NextDouble(), random.Next(4) == 0, (ulong)random.Next(2));
    }

    private static async Task StoreFirstAsync(FinalizeStore store)
    {
        await store.StoreAsync(
            store.Span(1, 1, service: "a"), store.Span(1, 2, 1, "b"), store.Span(2, 1, service: "a", isError: true), store.Span(3, 2, 1, "c"), store.Span(4, 1));
        await store.PlanAndFinalizeAsync();
    }

    private static async Task StoreSecondAsync(FinalizeStore store) =>
        await store.StoreAsync(store.Span(1, 3, 2, "c"), store.Span(1, 2, 1, "b", "renamed", secondsAgo: 36, isError: true), store.Span(3, 1, service: "a"), store.Span(5, 1));

    /// <summary>Begins an item, and ends at one of its operations: without carrying it out, or right after.</summary>
    /// <returns>False where it was done before it got so far.</returns>
    private static async Task<bool> CrashAsync(FinalizeStore store, string partition, BufferedEvent item, FaultKind kind, int point)
    {
        using var crash = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var operation = 0;
        void OnStruck(Fault fault, string name)
        {
            var number = Interlocked.Increment(ref operation);
            if (fault.Kind == FaultKind.Delay && number == point - 1)
                Arm();
            else if (fault.Kind == kind)
                crash.Cancel();
        }

        void Arm()
        {
            store.Faults.Clear();
            store.Faults.Add(new Fault("*", kind));
        }

        store.Faults.Struck += OnStruck;
        if (point == 1)
            Arm();
        else
            store.Faults.Add(new Fault("*", FaultKind.Delay));
        try
        {
            await store.Finalizer.FinalizeAsync(partition, item, crash.Token);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
        finally
        {
            store.Faults.Struck -= OnStruck;
            store.Faults.Clear();
        }
    }
}
