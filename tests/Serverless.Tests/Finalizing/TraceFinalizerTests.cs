using Serverless.Functions;
using Serverless.Functions.Assembling;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Finalizing;

public sealed class TraceFinalizerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_quiet_trace_leaves_summary_aggregates_and_lines()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(store.Span(1, 1, service: "shop", name: "order"), store.Span(1, 2, 1, "stock", "reserve", isError: true));
        await store.PlanAndFinalizeAsync();

        var summary = (await store.SummaryAsync(1))!;
        var trace = Assert.Single(summary.Traces);
        Assert.Equal((1, new TraceId(7, 1), "shop", "order", 2, 1, 0), (summary.Version, trace.TraceId, trace.RootService, trace.RootOperation, trace.SpanCount, trace.ErrorCount, trace.OrphanCount));
        Assert.Equal([VerdictKind.Complete], trace.Verdicts);
        Assert.Equal([new ServiceCount("shop", 1, 0), new ServiceCount("stock", 1, 1)], trace.Services);
        Assert.Equal(new BatchId("0", 0, 0), Assert.Single(summary.Added).Batch);
        Assert.Empty(summary.Before);
        await store.AssertAggregatesAsync();
        Assert.Equal(
            [("00000000000000070000000000000001", 1, "0000000000000001"), ("00000000000000070000000000000001", 1, "0000000000000002")], await store.LinesAsync());
        Assert.Empty(await store.RowsAsync(DayTables.Verdicts));
    }

    [Fact]
    public async Task Readers_of_the_trace_do_not_see_the_summary_as_spans()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(store.Span(1, 1), store.Span(1, 2, 1));
        await store.PlanAndFinalizeAsync();

        Assert.Equal(2, (await store.Reader.ReadAllAsync(1, strict: true, Token)).Single(trace => trace.Spans[0].TraceId == new TraceId(7, 1)).Spans.Count);
        Assert.Equal(2, Assert.Single(await store.Reader.ReadAllAsync(1, strict: false, Token)).Spans.Count);
        var stored = await store.Reader.ReadStoredAsync(1, Token);
        var row = Assert.Single(stored.Rows);
        Assert.Equal(new IncludedBatch(new DateOnly(2026, 3, 1), new BatchId("0", 0, 0)), row.Row);
        Assert.Equal(store.Clock.Now - TimeSpan.FromSeconds(31), row.WrittenAt, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task The_same_item_and_the_same_trace_again_change_nothing()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(store.Span(1, 1));
        await store.PlanQuietAsync();
        var (partition, item) = Assert.Single(await store.TakeItemsAsync());
        await store.Finalizer.FinalizeAsync(partition, item, Token);
        var first = (await store.SummaryAsync(1))!;

        await store.Finalizer.FinalizeAsync(partition, item, Token);
        await store.Finalizer.FinalizeAsync(partition, new BufferedEvent(item.SequenceNumber + 1, item.Body), Token);
        Assert.Equal(first.ETag, (await store.SummaryAsync(1))!.ETag);
        Assert.Equal(item.SequenceNumber + 1, (await store.State.ProgressAsync(partition, Token)).Sequence);
        await store.AssertAggregatesAsync();
        Assert.Single(await store.LinesAsync());
    }

    [Fact]
    public async Task Late_spans_repair_summary_verdict_and_aggregates()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(store.Span(1, 2, 1, "b", seconds: 1), store.Span(1, 3, 2, "c"));
        await store.PlanAndFinalizeAsync();
        var first = Assert.Single((await store.SummaryAsync(1))!.Traces);
        Assert.Equal([VerdictKind.RootMissing, VerdictKind.ParentMissing], first.Verdicts);

        // The root, and a second part of a span that is known already.
        await store.StoreAsync(store.Span(1, 1, 0, "a", "root", seconds: 2, secondsAgo: 5), store.Span(1, 2, 1, "b", seconds: 3, secondsAgo: 36));
        await store.PlanAndFinalizeAsync();
        var summary = (await store.SummaryAsync(1))!;
        Assert.Equal((2, 1, 1), (summary.Version, summary.Before.Count, summary.Added.Count));
        Assert.Equal("root", Assert.Single(summary.Traces).RootOperation);
        Assert.Contains(VerdictKind.Complete, summary.Traces[0].Verdicts);
        await store.AssertAggregatesAsync();
        Assert.Equal([(1, 2), (2, 3)], (await store.LinesAsync()).CountBy(line => line.Version).Select(version => (version.Key, version.Value)));
        var verdicts = (await store.RowsAsync(DayTables.Verdicts)).Select(VerdictRow.FromRow).ToArray();
        Assert.Equal(
            [VerdictKind.RootMissing, VerdictKind.ParentMissing],
            verdicts.Select(row => row.Verdict).Where(verdict => verdict is VerdictKind.RootMissing or VerdictKind.ParentMissing).Distinct().Order());
    }

    [Fact]
    public async Task A_span_that_came_after_its_trace_was_finalized_is_late()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(store.Span(1, 1), store.Span(2, 1), store.Span(2, 2, 1, secondsAgo: 40));
        await store.PlanAndFinalizeAsync();
        await store.StoreAsync(store.Span(1, 2, 1, secondsAgo: 40));
        await store.PlanAndFinalizeAsync();

        Assert.Contains(VerdictKind.Late, Assert.Single((await store.SummaryAsync(1))!.Traces).Verdicts);
        Assert.DoesNotContain(VerdictKind.Late, Assert.Single((await store.SummaryAsync(2))!.Traces).Verdicts);
    }

    [Fact]
    public async Task Ids_that_share_their_low_half_have_entries_of_their_own_and_count_once()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(store.Span(1, 1, high: 7), store.Span(1, 2, 1, high: 7), store.Span(1, 5, high: 0));
        await store.PlanAndFinalizeAsync();

        var summary = (await store.SummaryAsync(1))!;
        Assert.Equal([(new TraceId(0, 1), 1), (new TraceId(7, 1), 2)], summary.Traces.Select(trace => (trace.TraceId, trace.SpanCount)));
        Assert.All(summary.Traces, trace => Assert.Contains(VerdictKind.IdWidthMismatch, trace.Verdicts));
        await store.AssertAggregatesAsync();
    }

    [Fact]
    public async Task Lenient_ids_make_one_trace()
    {
        await using var store = new FinalizeStore(new TracingSettings { StrictTraceId = false });
        await store.StoreAsync(store.Span(1, 1, high: 7), store.Span(1, 2, 1, high: 0));
        await store.PlanAndFinalizeAsync();

        Assert.Equal((new TraceId(7, 1), 2), (Assert.Single((await store.SummaryAsync(1))!.Traces).TraceId, (await store.SummaryAsync(1))!.Traces[0].SpanCount));
    }

    [Fact]
    public async Task A_trace_over_midnight_and_one_that_goes_on_days_later_are_whole()
    {
        await using var store = new FinalizeStore();
        store.Clock.Now = new DateTimeOffset(2026, 3, 1, 23, 59, 50, TimeSpan.Zero);
        await store.StoreAsync(store.Span(1, 1), store.Span(2, 1));
        store.Clock.Now += TimeSpan.FromSeconds(15);
        await store.StoreAsync(store.Span(1, 2, 1, secondsAgo: 1));
        await store.PlanAndFinalizeAsync();
        Assert.Equal((2, 2), ((await store.SummaryAsync(1))!.Version, (await store.SummaryAsync(1))!.Traces[0].SpanCount));

        store.Clock.Now += TimeSpan.FromDays(2);
        await store.StoreAsync(store.Span(1, 3, 2), store.Span(2, 1, secondsAgo: TimeSpan.FromDays(2).TotalSeconds));
        await store.PlanAndFinalizeAsync();
        Assert.Equal((3, 3), ((await store.SummaryAsync(1))!.Version, (await store.SummaryAsync(1))!.Traces[0].SpanCount));
        Assert.Equal(2, (await store.SummaryAsync(2))!.Version);
        await store.AssertAggregatesAsync();
    }

    [Fact]
    public async Task A_damaged_trace_is_left_out_and_the_others_are_finalized()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(store.Span(1, 1));
        var shard = RowKeys.Shard(Functions.Buffering.Shards.Of(2));
        await store.StoreAsync(store.Span(2, 1));
        await store.Storage.WriteAsync(
            store.Tables.Today(DayTables.Spans), shard, [new StoredRow(RowKeys.Trace(2, new BatchId("0", 1, 1), 0), [1, 2, 3])], Token);
        await store.PlanAndFinalizeAsync();

        Assert.NotNull(await store.SummaryAsync(1));
        foreach (var partition in await store.Hub.PartitionIdsAsync(Token))
            Assert.True((await store.State.ProgressAsync(partition, Token)).Sequence <= await store.Hub.LastSequenceNumberAsync(partition, Token));
        Assert.Single(await store.LinesAsync());
    }

    [Fact]
    public async Task An_event_that_is_none_goes_to_quarantine()
    {
        await using var store = new FinalizeStore();
        await store.Finalizer.FinalizeAsync("0", new BufferedEvent(3, new byte[] { 9, 9 }), Token);

        var rows = new List<string>();
        await foreach (var row in store.Storage.ReadAsync(store.Tables.Today(DayTables.Quarantine), "finalize-0", "", null, 10, Token))
            rows.Add(System.Text.Encoding.UTF8.GetString(row.Data));
        Assert.Contains("That is no list of traces to finalize of version 1.", rows[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retention_drops_what_was_finalized_but_not_how_far_it_got()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(store.Span(1, 1));
        await store.PlanAndFinalizeAsync();
        store.Clock.Now += TimeSpan.FromDays(8);
        var dropped = await store.Tables.DropBeforeAsync(DateOnly.FromDateTime(store.Clock.Now.UtcDateTime).AddDays(-7), Token);

        Assert.Contains("aggregates20260301", dropped);
        Assert.Equal(["state"], await store.Storage.TablesAsync(Token));
        Assert.Equal(0, await store.Planner.RunAsync(Token));
    }

    [Fact]
    public async Task Nothing_is_sent_for_analytics_where_that_is_off()
    {
        await using var store = new FinalizeStore(new TracingSettings { ExportsAnalytics = false });
        await store.StoreAsync(store.Span(1, 1));
        await store.PlanAndFinalizeAsync();

        Assert.NotNull(await store.SummaryAsync(1));
        Assert.Empty(await store.LinesAsync());
    }

    [Fact]
    public async Task A_service_that_does_not_forward_headers_is_found_and_both_traces_say_so()
    {
        await using var store = new FinalizeStore();
        await store.StoreAsync(
            store.Span(1, 1, service: "gateway"), store.Span(1, 2, 1, "orders", "POST /orders", secondsAgo: 4.9, seconds: 1),
            store.Span(2, 1, service: "orders", name: "GET /stock", kind: SpanKind.Client, secondsAgo: 4.7, seconds: 0.1), store.Span(2, 2, 1, "stock", secondsAgo: 4.7));
        await store.PlanAndFinalizeAsync();
        await store.AssertAggregatesAsync();

        Assert.Equal(1, await store.Breaks.RunAsync(Token));
        await store.FinalizeAsync();
        foreach (var trace in new ulong[] { 1, 2 })
        {
            var summary = (await store.SummaryAsync(trace))!;
            Assert.Contains(VerdictKind.PropagationBroken, Assert.Single(summary.Traces).Verdicts);
            Assert.Equal(("orders", "POST /orders", "GET /stock"), (summary.Breaks[0].Service, summary.Breaks[0].Received.Operation, summary.Breaks[0].Opened.Operation));
            Assert.Equal(2, summary.Version);
            var stored = await store.Reader.ReadStoredAsync(trace, Token);
            var judged = Assert.Single(stored.Assemble(strict: true, TimeSpan.FromSeconds(30)));
            Assert.Contains(judged.Verdicts, verdict => verdict.Kind == VerdictKind.PropagationBroken);
        }

        Assert.Contains(await store.RowsAsync(DayTables.Verdicts), row => VerdictRow.FromRow(row).Verdict == VerdictKind.PropagationBroken);
        await store.AssertAggregatesAsync();

        // What is found again is known.
        Assert.Equal(1, await store.Breaks.RunAsync(Token));
        await store.FinalizeAsync();
        Assert.Equal(2, (await store.SummaryAsync(1))!.Version);
    }
}
