using Serverless.Functions;
using Serverless.Functions.Aggregates;
using Serverless.Tests.Finalizing;
using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Aggregates;

public sealed class InFlightTracesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spans_count_once_from_when_they_are_stored_whatever_the_finalizer_does()
    {
        await using var store = new FinalizeStore();
        using var current = new CurrentStore(store);
        await current.AssertAsync("nothing");
        var random = new Random(1);
        for (var round = 0; round < 12; round++)
        {
            for (var i = 0; i < 5; i++)
            {
                var trace = (ulong)random.Next(1, 20);
                await store.StoreAsync(
                    store.Span(trace, (ulong)random.Next(1, 6), 0, "web", "get", SpanKind.Client, seconds: random.NextDouble()),
                    store.Span(trace, (ulong)random.Next(10, 60), (ulong)random.Next(1, 6), "app", "handle", isError: random.Next(3) == 0),
                    store.Span(trace, (ulong)random.Next(60, 90), 1, "app", "other", high: (ulong)random.Next(2)));
                await current.AssertAsync($"stored {round}.{i}");
            }

            await store.PlanQuietAsync();
            await current.AssertAsync($"planned {round}");
            foreach (var (partition, item) in await store.TakeItemsAsync())
            {
                if (random.Next(3) == 0)
                    await store.StoreAsync(store.Span((ulong)random.Next(1, 20), (ulong)random.Next(1, 90)));
                await store.Finalizer.FinalizeAsync(partition, item, Token);
                await current.AssertAsync($"finalized {round} {partition}");
            }
        }
    }

    [Fact]
    public async Task Days_go_by_and_nothing_is_counted_twice()
    {
        await using var store = new FinalizeStore();
        using var current = new CurrentStore(store);
        for (var day = 0; day < 3; day++)
        {
            await store.StoreAsync(store.Span(1, (ulong)day + 1, (ulong)day), store.Span((ulong)day + 10, 1));
            await current.AssertAsync($"day {day}");
            await store.PlanAndFinalizeAsync();
            await current.AssertAsync($"day {day} finalized");
            store.Clock.Now += TimeSpan.FromHours(20);
        }
    }

    [Fact]
    public async Task More_traces_in_flight_than_are_looked_at_are_left_out_and_it_is_said()
    {
        await using var store = new FinalizeStore();
        using var current = new CurrentStore(store);
        await store.StoreAsync([.. Enumerable.Range(1, InFlightTraces.MaxTraces + 1).Select(i => store.Span((ulong)i, 1))]);
        var (_, isComplete) = await current.Aggregates.LinksAsync(0, ulong.MaxValue, Token);

        Assert.False(isComplete);
    }

    [Fact]
    public async Task A_trace_in_flight_is_in_the_window_by_its_exact_time_and_a_finalized_one_by_its_minute()
    {
        await using var store = new FinalizeStore();
        using var current = new CurrentStore(store);
        var span = store.Span(1, 1, kind: SpanKind.Client);
        await store.StoreAsync(span, store.Span(1, 2, 1, "b"));
        // Two nanoseconds behind its start, still in its minute or at its end.
        var end = span.StartNs / 60_000_000_000 * 60_000_000_000;

        Assert.Equal(1, await current.CallsAsync(span.StartNs, span.StartNs));
        Assert.Equal(0, await current.CallsAsync(span.StartNs + 1, ulong.MaxValue));
        Assert.Equal(0, await current.CallsAsync(0, span.StartNs - 1));
        await store.PlanAndFinalizeAsync();
        Assert.Equal(1, await current.CallsAsync(span.StartNs, span.StartNs));
        Assert.Equal(1, await current.CallsAsync(end + 59_999_999_999, ulong.MaxValue));
        Assert.Equal(0, await current.CallsAsync(end + 60_000_000_000, ulong.MaxValue));
        Assert.Equal(1, await current.CallsAsync(0, end));
        Assert.Equal(0, await current.CallsAsync(0, end - 1));
    }

    /// <summary>Reads the current aggregates of a store.</summary>
    private sealed class CurrentStore : IDisposable
    {
        private readonly FinalizeStore _store;
        private readonly InFlightTraces _inFlight;

        public CurrentStore(FinalizeStore store)
        {
            _store = store;
            _inFlight = new InFlightTraces(store.Storage, store.Tables, store.Spans, store.State, store.Reader, new TracingSettings(), store.Clock);
            Aggregates = new CurrentAggregates(new AggregateReader(store.Storage, store.Tables, store.Hub), _inFlight);
        }

        public CurrentAggregates Aggregates { get; }

        public void Dispose() => _inFlight.Dispose();

        public async Task<long> CallsAsync(ulong fromNs, ulong toNs) => (await Aggregates.LinksAsync(fromNs, toNs, Token)).Links.ToList().Sum(link => link.Calls);

        public async Task AssertAsync(string because)
        {
            var spans = Window();
            Assert.True(await Aggregates.SpansAsync(spans, Token), because);
            var links = await Aggregates.LinksAsync(0, ulong.MaxValue, Token);
            Assert.True(links.IsComplete, because);

            var (expectedSpans, expectedLinks) = (Window(), new LinkWindow(0, int.MaxValue));
            var expected = _store.Expected();
            expected.WriteTo(expectedSpans);
            expected.WriteTo(expectedLinks);
            Assert.Equal($"{because}\n{Describe(expectedSpans, expectedLinks)}", $"{because}\n{Describe(spans, links.Links)}");
        }

        private static RedWindow Window() =>
            new(null, Enum.GetValues<SpanKind>()) { FirstMinute = 0, LastMinute = int.MaxValue, IsByOperation = true, HasDurations = true };

        private static string Describe(RedWindow spans, LinkWindow links) => string.Join('\n', spans.ToList()
            .SelectMany(series => series.Minutes.Where(minute => series.SumsAt(minute) != default).Select(minute =>
                $"{minute} {series.Service} {series.Operation} {series.SumsAt(minute)} {series.DurationsAt(minute)!.Quantile(0.5)}"))
            .Concat(links.ToList().Select(link => link.ToString())));
    }
}
