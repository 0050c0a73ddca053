using System.Diagnostics;
using Serverless.Functions.Assembling;
using Serverless.Functions.Storage;
using Serverless.Local;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Tests.Assembling;

public sealed class SearchMergerTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 30, TimeSpan.Zero);
    private static readonly string[] Services = ["cart", "Checkout", "a/b|c"];

    [Fact]
    public async Task Searches_find_the_same_traces_in_the_same_order_before_during_and_after_merging()
    {
        await using var store = new MergeStore(Noon);
        await FillAsync(store, TimeSpan.FromHours(3), TimeSpan.FromMinutes(1));
        var before = await AnswersAsync(store);
        var rowsBefore = (await store.RowsAsync()).Blocks.Count;

        // The last hour is closed at five.
        await store.MergeNextHourAsync();
        Assert.Equal(before, await AnswersAsync(store));
        await store.MergeNextHourAsync();
        Assert.Equal(before, await AnswersAsync(store));
        await store.MergeNextHourAsync();
        var (blocks, notes) = await store.RowsAsync();

        Assert.Equal(before, await AnswersAsync(store));
        Assert.Empty(notes);
        Assert.True(rowsBefore >= 180, $"{rowsBefore} rows");
        // Three hours, three services, two partitions.
        Assert.Equal(18, blocks.Count);
    }

    [Fact]
    public async Task Sources_are_deleted_by_a_later_run_so_that_a_search_under_way_misses_nothing()
    {
        await using var store = new MergeStore(Noon);
        await FillAsync(store, TimeSpan.FromHours(1), TimeSpan.FromMinutes(1));
        store.Clock.Advance(TimeSpan.FromMinutes(50));
        var query = new TraceQuery { ServiceName = "cart" };
        var all = await store.SearchAsync(query with { Limit = 1_000 });
        Assert.True(all.Length > 10);

        await using var old = await store.OpenAsync(query);
        var seenByOld = await ReadAsync(old, blocks: 3);
        await store.MergeNextHourAsync();
        Assert.NotEmpty((await store.RowsAsync()).Notes);
        seenByOld.UnionWith(await ReadAsync(old));

        await using var young = await store.OpenAsync(query);
        var seenByYoung = await ReadAsync(young, blocks: 3);
        await store.MergeNextHourAsync();
        Assert.Empty((await store.RowsAsync()).Notes);
        seenByYoung.UnionWith(await ReadAsync(young));

        Assert.Equal(all.Order(), seenByOld.Order());
        Assert.Equal(all.Order(), seenByYoung.Order());
    }

    [Fact]
    public async Task A_run_soon_after_another_neither_deletes_nor_merges_again()
    {
        await using var store = new MergeStore(Noon);
        await FillAsync(store, TimeSpan.FromHours(1), TimeSpan.FromMinutes(1));
        store.Clock.Advance(TimeSpan.FromMinutes(50));
        await store.MergeNextHourAsync();
        var first = await store.RowsAsync();

        store.Clock.Advance(TimeSpan.FromMinutes(5));
        await store.Merger.RunAsync(CancellationToken.None);

        var second = await store.RowsAsync();
        Assert.Equal(first.Blocks.Select(row => row.RowKey), second.Blocks.Select(row => row.RowKey));
        Assert.Equal(first.Notes.Select(row => row.RowKey), second.Notes.Select(row => row.RowKey));
    }

    [Fact]
    public async Task Hours_that_are_not_closed_and_few_blocks_are_left_alone()
    {
        await using var store = new MergeStore(Noon);
        for (var i = 0; i < 7; i++)
            await store.StoreAsync("0", Span(store, (ulong)i + 1, "cart"));
        store.Clock.Advance(TimeSpan.FromHours(1));
        for (var i = 0; i < 30; i++)
            await store.StoreAsync("0", Span(store, (ulong)i + 100, "cart"));
        store.Clock.Advance(TimeSpan.FromMinutes(59));
        var before = await store.RowsAsync();

        await store.MergeNextHourAsync();

        Assert.Equal(before.Blocks.Select(row => row.RowKey), (await store.RowsAsync()).Blocks.Select(row => row.RowKey));
    }

    [Theory]
    [InlineData(FaultKind.Fail)]
    [InlineData(FaultKind.LoseAnswer)]
    public async Task Runs_that_fail_anywhere_lose_nothing_and_the_next_ones_finish(FaultKind kind)
    {
        await using var store = new MergeStore(Noon);
        await FillAsync(store, TimeSpan.FromHours(2), TimeSpan.FromSeconds(30));
        var before = await AnswersAsync(store);

        store.Faults.Seed(5);
        store.Faults.Add(new Fault(FaultOperations.TableTransaction, kind, Probability: 0.3));
        store.Faults.Add(new Fault(FaultOperations.TableWrite, kind, Probability: 0.05));
        var struck = 0;
        store.Faults.Struck += (_, _) => struck++;
        for (var run = 0; run < 4; run++)
        {
            await store.MergeNextHourAsync();
            Assert.Equal(before, await AnswersAsync(store));
        }

        Assert.True(struck > 0);
        store.Faults.Clear();
        for (var run = 0; run < 3; run++)
            await store.MergeNextHourAsync();
        // Hours that have left the window of recent ones are merged when the day is over.
        while (store.Clock.GetUtcNow() < Noon.AddHours(16))
            await store.MergeNextHourAsync();

        var (blocks, notes) = await store.RowsAsync();
        Assert.Equal(before, await AnswersAsync(store));
        Assert.Empty(notes);
        Assert.Equal(12, blocks.Count);
    }

    [Fact]
    public async Task A_batch_that_is_replayed_after_merging_is_found_once_and_merged_away()
    {
        await using var store = new MergeStore(Noon);
        var events = new List<BufferedEvent>();
        for (var i = 0; i < 20; i++)
        {
            events.Add(await store.StoreAsync("0", Span(store, (ulong)i + 1, "cart")));
            store.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        var query = new TraceQuery { ServiceName = "cart", Limit = 100 };
        var before = await store.SearchAsync(query);
        store.Clock.Advance(TimeSpan.FromMinutes(95));
        await store.MergeNextHourAsync();
        await store.MergeNextHourAsync();
        Assert.Single((await store.RowsAsync()).Blocks);

        foreach (var buffered in events)
            await store.ReplayAsync("0", buffered);
        Assert.Equal(21, (await store.RowsAsync()).Blocks.Count);
        Assert.Equal(before, await store.SearchAsync(query));
        await store.MergeNextHourAsync();
        Assert.Equal(before, await store.SearchAsync(query));
        await store.MergeNextHourAsync();

        var row = Assert.Single((await store.RowsAsync()).Blocks);
        Assert.Equal(before, await store.SearchAsync(query));
        var merger = new SearchBlockMerger();
        merger.Add(row.Data);
        Assert.Equal(20, merger.Digests);
    }

    [Fact]
    public async Task What_came_late_is_merged_when_its_day_of_arrival_is_over_and_then_the_day_is_left_alone()
    {
        await using var store = new MergeStore(Noon);
        for (var i = 0; i < 20; i++)
            await store.StoreAsync("0", Span(store, (ulong)i + 1, "cart", TimeSpan.FromHours(9)));
        await store.MergeNextHourAsync();
        Assert.Equal(20, (await store.RowsAsync()).Blocks.Count);

        while (store.Clock.GetUtcNow() < Noon.AddHours(15))
            await store.MergeNextHourAsync();
        Assert.Single((await store.RowsAsync()).Blocks);

        var queries = 0;
        store.Faults.Struck += (_, _) => queries++;
        store.Faults.Add(new Fault(FaultOperations.TableQuery, FaultKind.Delay));
        await store.MergeNextHourAsync();
        // Yesterday's: the notes, and the row that says so; today's: the notes, and the first row; for each of two partitions.
        Assert.InRange(queries, 4, 8);
    }

    [Fact]
    public async Task A_damaged_row_is_left_as_it_is_and_the_others_are_merged()
    {
        await using var store = new MergeStore(Noon);
        for (var i = 0; i < 20; i++)
            await store.StoreAsync("0", Span(store, (ulong)i + 1, "cart"));
        var damaged = (await store.RowsAsync()).Blocks[3];
        damaged.Data[^1] ^= 1;
        await store.Storage.WriteAsync(store.Tables.Today(DayTables.Search), RowKeys.Partition("0"), [damaged], CancellationToken.None);
        store.Clock.Advance(TimeSpan.FromHours(2));

        await store.MergeNextHourAsync();
        await store.MergeNextHourAsync();

        var rows = (await store.RowsAsync()).Blocks;
        Assert.Equal(2, rows.Count);
        Assert.Contains(damaged.RowKey, rows.Select(row => row.RowKey));
    }

    [Fact]
    public async Task Rows_are_deleted_whether_they_are_still_there_or_not()
    {
        await using var store = new MergeStore(Noon);
        var rows = Enumerable.Range(0, 250).Select(i => new StoredRow($"row{i:d3}", [1])).ToArray();
        await store.Storage.WriteAsync("search20260301", "00", rows, CancellationToken.None);
        await store.Storage.DeleteAsync("search20260301", "00", "row120", CancellationToken.None);

        var transactions = await store.Storage.DeleteAsync("search20260301", "00", [.. rows.Skip(1).Select(row => row.RowKey)], CancellationToken.None);

        Assert.Equal("row000", Assert.Single((await store.RowsAsync()).Blocks).RowKey);
        // The second of three found one missing, and went on one by one.
        Assert.Equal(103, transactions);
        Assert.Equal(2, await store.Storage.DeleteAsync("search20260301", "00", ["gone"], CancellationToken.None));
    }

    /// <summary>The figures of docs/storage.md: with <c>-explicit only -showLiveOutput</c>.</summary>
    [Fact(Explicit = true)]
    public async Task Measure_a_day_of_a_quiet_system()
    {
        await using var store = new MergeStore(Noon.AddHours(-12));
        var output = TestContext.Current.TestOutputHelper!;
        var collector = new SearchDigestCollector();
        var frames = new Tracing.Frames.FrameReader();
        var table = store.Tables.Today(DayTables.Search);
        var rows = new List<StoredRow>[] { [], [] };
        for (var second = 0; second < 86_400; second++)
        {
            var span = Span(store, (ulong)second + 1, Services[second % 3]);
            frames.Open(Frames.SpanFrames.Of([span]));
            collector.Begin(store.NowNs);
            while (frames.ReadFrame())
                collector.Add(frames);
            var partition = second % 2;
            foreach (var block in collector.Finish())
                rows[partition].Add(new StoredRow(RowKeys.Search(block.ServiceKey, block.NewestStartNs, new BatchId($"{partition}", second, second), 0), block.Bytes.ToArray()));
            store.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await store.StoreAsync("0", Span(store, 77_777, "cart"));
        for (var partition = 0; partition < 2; partition++)
            await store.Storage.WriteAsync(table, RowKeys.Partition($"{partition}"), rows[partition], CancellationToken.None);
        await ReportAsync("before");
        for (var run = 0; run < 3; run++)
        {
            var start = Stopwatch.GetTimestamp();
            await store.MergeNextHourAsync();
            output.WriteLine($"run {run}: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:f0} ms");
        }

        await ReportAsync("after");
        Assert.InRange((await store.RowsAsync()).Blocks.Count, 144, 200);

        async Task ReportAsync(string when)
        {
            var (blocks, notes) = await store.RowsAsync();
            output.WriteLine($"{when}: {blocks.Count} rows, {notes.Count} notes, {blocks.Sum(row => (long)row.Data.Length)} bytes");
            for (var i = 0; i < 5; i++)
            {
                var start = Stopwatch.GetTimestamp();
                var found = await store.SearchAsync(new TraceQuery { ServiceName = "cart", Conditions = [TagCondition.Equal("order", "order-77777")] });
                output.WriteLine($"{when}: {found.Length} found in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:f1} ms");
            }
        }
    }

    /// <summary>A batch for each step, on both partitions in turn; a trace has spans of one to three services in one to three batches.</summary>
    private static async Task FillAsync(MergeStore store, TimeSpan duration, TimeSpan step)
    {
        var steps = (int)(duration / step);
        for (var i = 0; i < steps; i++)
        {
            var trace = (ulong)(i / 3) + 1;
            await store.StoreAsync($"{i % 2}", Span(store, trace, Services[i % 3]), Span(store, trace, Services[i / 4 % 3]));
            store.Clock.Advance(step);
        }
    }

    private static async Task<string> AnswersAsync(MergeStore store)
    {
        var answers = new List<string>();
        foreach (var service in Services.Append(null))
        {
            foreach (var semantics in Enum.GetValues<QuerySemantics>())
            {
                var query = new TraceQuery { Semantics = semantics, ServiceName = service, Limit = 1_000 };
                answers.Add(Text(await store.SearchAsync(query)));
                answers.Add(Text(await store.SearchAsync(query with { Conditions = [TagCondition.Equal("order", "order-17")] })));
                answers.Add(Text(await store.SearchAsync(query with { Conditions = [TagCondition.Equal("half", "1")] })));
                var from = (ulong)(Noon.AddMinutes(20) - DateTimeOffset.UnixEpoch).Ticks * 100;
                answers.Add(Text(await store.SearchAsync(query with { StartMinNs = from, StartMaxNs = from + 1_800_000_000_000 })));
            }
        }

        return string.Join('\n', answers);

        static string Text(ulong[] traces)
        {
            Assert.Equal(traces.Distinct(), traces);
            return string.Join(' ', traces);
        }
    }

    /// <summary>The traces in the next blocks of a search that is under way.</summary>
    private static async Task<HashSet<ulong>> ReadAsync(Serverless.Functions.Querying.SearchBlockStream stream, int blocks = int.MaxValue)
    {
        var hits = new List<SearchHit>();
        for (; blocks > 0 && await stream.PeekAsync(CancellationToken.None) is { } block; blocks--)
        {
            new SearchBlockReader().FindCandidates(block.Bytes, new SearchFilter(new TraceQuery()), hits);
            stream.Take();
        }

        return [.. hits.Select(hit => hit.TraceLow)];
    }

    private static Span Span(MergeStore store, ulong trace, string service, TimeSpan late = default) => new()
    {
        TraceId = new TraceId(0, trace),
        Id = new SpanId(store.NowNs ^ (ulong)service.Length),
        Name = "GET /" + service,
        Kind = SpanKind.Server,
        StartNs = store.NowNs - ((ulong)late.Ticks * 100),
        DurationNs = 3_000_000,
        Resource = new Resource { ServiceName = service, Attributes = [new SpanAttribute("host", AttributeValue.Of("h1"))] },
        Protocol = SpanProtocol.Otlp,
        Attributes =
        [
            new SpanAttribute("http.method", AttributeValue.Of("GET")),
            new SpanAttribute("http.route", AttributeValue.Of("/" + service)),
            new SpanAttribute("half", AttributeValue.Of((long)(trace % 2))),
            new SpanAttribute("order", AttributeValue.Of($"order-{trace}")),
        ],
    };
}
