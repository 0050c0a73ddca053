using System.IO.Compression;
using System.Text.Json;
using Azure.Data.Tables;
using Azure.Messaging.EventHubs.Producer;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Functions;
using Serverless.Functions.Accounting;
using Serverless.Functions.Assembling;
using Serverless.Functions.Buffering;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Querying;
using Serverless.Functions.Storage;
using Serverless.Local;
using Serverless.Tests.Frames;
using Serverless.Tests.Local.EventHubs;
using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Finalizing;

/// <summary>Tables and hubs in a folder of their own, with what assembles, plans and finalizes, each run by hand, and a clock that stands until it is set.</summary>
internal sealed class FinalizeStore : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("finalize-").FullName;
    private readonly LocalPlatform _platform;
    private readonly BatchAssembler _assembler;
    private readonly SpanHub _spans;
    private readonly SpanCounters _spanCounters = new();
    private readonly FinalizeCounters _counters = new();
    private readonly Dictionary<string, long> _next = [];
    private readonly List<Span> _stored = [];
    private long _sequence;

    public FinalizeStore(TracingSettings? settings = null)
    {
        settings ??= new TracingSettings();
        _platform = LocalPlatform.Open(new LocalPlatformOptions { Folder = _folder, PartitionCount = 2, Clock = Clock });
        Storage = new TableStorage(new TableServiceClient(_platform.ConnectionString));
        Tables = new DayTables(Storage, Clock);
        Reader = new TraceReader(Storage, Tables, new TraceArchive(Storage), settings);
        State = new FinalizeState(Storage);
        _spans = new SpanHub(new EventHubProducerClient(_platform.ConnectionString, SpanHub.Name));
        Hub = new FinalizeHub(new EventHubProducerClient(_platform.ConnectionString, FinalizeHub.Name));
        Analytics = new AnalyticsHub(new EventHubProducerClient(_platform.ConnectionString, AnalyticsHub.Name));
        _assembler = new BatchAssembler(Storage, Tables, settings, _spanCounters, Clock, NullLogger<BatchAssembler>.Instance);
        Planner = new FinalizePlanner(Storage, Tables, _spans, Hub, State, _counters, settings, Clock, NullLogger<FinalizePlanner>.Instance);
        var openers = new PropagationOpeners(Storage, Clock);
        Finalizer = new TraceFinalizer(Storage, Tables, Reader, Analytics, State, openers, _counters, _spanCounters, settings, Clock, NullLogger<TraceFinalizer>.Instance);
        Closer = new MinuteCloser(Storage, Tables, _spans, Clock, NullLogger<MinuteCloser>.Instance);
        Ledger = new LedgerReader(Storage, Tables, _spans, Reader, Clock);
        Breaks = new BreakFinder(Storage, Hub, openers, _counters, Clock, NullLogger<BreakFinder>.Instance);
    }

    public SettableClock Clock { get; } = new();

    public TableStorage Storage { get; }

    public DayTables Tables { get; }

    public TraceReader Reader { get; }

    public FinalizeState State { get; }

    public SpanHub Spans => _spans;

    public FinalizeHub Hub { get; }

    public AnalyticsHub Analytics { get; }

    public FinalizePlanner Planner { get; }

    public TraceFinalizer Finalizer { get; }

    public BreakFinder Breaks { get; }

    public MinuteCloser Closer { get; }

    public LedgerReader Ledger { get; }

    public FaultPlan Faults => _platform.Faults;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A span whose start lies some seconds before now, so that it is not late.</summary>
    public Span Span(
        ulong trace, ulong id, ulong parent = 0, string service = "a", string name = "op", SpanKind kind = SpanKind.Server, double secondsAgo = 5,
        double seconds = 0.1, bool isError = false, ulong high = 7) => new()
        {
            TraceId = new TraceId(high, trace),
            Id = new SpanId(id),
            ParentId = new SpanId(parent),
            Kind = kind,
            Name = name,
            StartNs = (ulong)(Clock.Now.AddSeconds(-secondsAgo) - DateTimeOffset.UnixEpoch).Ticks * 100,
            DurationNs = (long)(seconds * 1e9),
            Status = isError ? SpanStatus.Error : SpanStatus.Unset,
            Resource = new Resource { ServiceName = service },
        };

    /// <summary>Assembles spans as one batch of a partition of the hub <c>spans</c>.</summary>
    public async Task<BufferedEvent> StoreAsync(params Span[] spans)
    {
        var body = new MemoryStream();
        var section = new LedgerSection();
        foreach (var span in spans)
            section.Counts.Add(LedgerSources.Of(SpanProtocol.Otlp, span.Resource), LedgerStage.Accepted, LedgerReason.None, 1);
        EventEnvelope.Write(SpanFrames.Of(spans), new LedgerSectionWriter().Write(section), spans.Length, 1, 0, body);
        var buffered = new BufferedEvent(_sequence++, body.ToArray(), Clock.Now);
        _stored.AddRange(spans);
        await ReplayAsync(buffered);
        return buffered;
    }

    public Task ReplayAsync(params BufferedEvent[] events) => _assembler.AssembleAsync("0", events, Token);

    /// <summary>Lets the quiet time pass, and sends what is due.</summary>
    public Task<int> PlanQuietAsync()
    {
        Clock.Now += TimeSpan.FromSeconds(31);
        return Planner.RunAsync(Token);
    }

    /// <summary>The events of the hub <c>finalize</c> that were not taken yet.</summary>
    public async Task<List<(string Partition, BufferedEvent Event)>> TakeItemsAsync()
    {
        var items = new List<(string, BufferedEvent)>();
        foreach (var partition in await Hub.PartitionIdsAsync(Token))
        {
            var next = _next.GetValueOrDefault(partition);
            items.AddRange((await EventsAsync(FinalizeHub.Name, partition, next)).Select(data => (partition, new BufferedEvent(data.SequenceNumber, data.EventBody.ToMemory()))));
            _next[partition] = await Hub.LastSequenceNumberAsync(partition, Token) + 1;
        }

        return items;
    }

    /// <summary>Finalizes what was sent.</summary>
    public async Task FinalizeAsync()
    {
        foreach (var (partition, data) in await TakeItemsAsync())
            await Finalizer.FinalizeAsync(partition, data, Token);
    }

    public async Task PlanAndFinalizeAsync()
    {
        await PlanQuietAsync();
        await FinalizeAsync();
    }

    public async Task<SummaryRow?> SummaryAsync(ulong trace) => (await Reader.ReadStoredAsync(trace, Token)).Summary;

    /// <summary>All rows of the aggregates, summed up.</summary>
    public async Task<string> StoredAggregatesAsync()
    {
        var sum = new TraceAggregates();
        foreach (var row in await RowsAsync(DayTables.Aggregates))
        {
            if (!row.RowKey.StartsWith("item|", StringComparison.Ordinal) && !row.RowKey.StartsWith("led|", StringComparison.Ordinal))
                sum.Merge(row.Data);
        }

        return Describe(sum);
    }

    /// <summary>The aggregates of all spans that were stored.</summary>
    public TraceAggregates Expected()
    {
        var sum = new TraceAggregates();
        foreach (var trace in _stored.GroupBy(span => span.TraceId.Low))
            sum.Add(AssembledTrace.Assemble([.. trace]), 1);
        return sum;
    }

    /// <summary>The same as text.</summary>
    public string ExpectedAggregates() => Describe(Expected());

    public async Task AssertAggregatesAsync(string because = "") => Assert.Equal(because + ExpectedAggregates(), because + await StoredAggregatesAsync());

    /// <summary>What the ledger says of every minute, when all is quiet and closed.</summary>
    public async Task<(LedgerWindow Window, IReadOnlyList<MinuteBalance> Balances)> SettleAsync()
    {
        await PlanAndFinalizeAsync();
        Clock.Now += TimeSpan.FromMinutes(5);
        await PlanAndFinalizeAsync();
        await Closer.RunAsync(Token);
        // The list of tables that there are is some seconds old.
        Clock.Now += TimeSpan.FromSeconds(10);
        return await BalanceAsync();
    }

    public async Task<(LedgerWindow Window, IReadOnlyList<MinuteBalance> Balances)> BalanceAsync()
    {
        var window = await Ledger.ReadAsync(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200), Token);
        return (window, await Ledger.BalanceAsync(window, Token));
    }

    /// <summary>Spans of batches whose receipts came after their traces were finalized: the sums leave them out.</summary>
    public int LateReceipts { get; set; }

    /// <summary>Every span is finalized once, and every other report of it folded, source by source.</summary>
    public async Task AssertLedgerAsync(string because = "")
    {
        var (window, balances) = await SettleAsync();
        Assert.All(balances, minute => Assert.True(
            minute is { IsClosed: true, IsSettled: true, IsConserved: true },
            $"{because}{minute.Minute:u} closed {minute.IsClosed}, settled {minute.IsSettled}, not stored {minute.NotStored}, not finalized {minute.NotFinalized}: {string.Join(", ", minute.Batches)}"));
        var counts = window.Counts();
        var expected = _stored.GroupBy(span => span.TraceId).Sum(trace => SpanMerger.Merge([.. trace]).Count);
        Assert.Equal((because, _stored.Count), (because, counts.Sum(LedgerStage.Accepted)));
        Assert.Equal((because, expected), (because, counts.Sum(LedgerStage.Finalized)));
        Assert.Equal((because, expected), (because, counts.Sum(LedgerStage.Exported)));
        // What is kept for good is added once, whatever was begun anew.
        var sums = await State.TotalsAsync(Token);
        foreach (var stage in (LedgerStage[])[LedgerStage.Finalized, LedgerStage.Deduped, LedgerStage.Exported])
            Assert.Equal((because, stage, counts.Sum(stage)), (because, stage, sums.Sum(stage) + (stage == LedgerStage.Deduped ? 0 : LateReceipts)));
        Assert.Equal(
            (because, counts.Sum(LedgerStage.Stored) + counts.Sum(LedgerStage.Replayed)),
            (because, counts.Sum(LedgerStage.Finalized) + counts.Sum(LedgerStage.Deduped) + balances.Sum(minute => minute.InFlight)));
    }

    /// <summary>The rows of every day's table of a kind.</summary>
    public async Task<List<StoredRow>> RowsAsync(string kind)
    {
        var rows = new List<StoredRow>();
        foreach (var table in (await Storage.TablesAsync(Token)).Where(name => name.StartsWith(kind, StringComparison.Ordinal)))
        {
            foreach (var partition in await Hub.PartitionIdsAsync(Token))
            {
                await foreach (var row in Storage.ReadAsync(table, RowKeys.Partition(partition), "", null, 1000, Token))
                    rows.Add(row);
            }
        }

        return rows;
    }

    /// <summary>The lines in the hub <c>analytics</c>: trace, version and span.</summary>
    public async Task<List<(string Trace, int Version, string Span)>> LinesAsync()
    {
        var lines = new List<(string, int, string)>();
        foreach (var partition in await Analytics.PartitionIdsAsync(Token))
        {
            foreach (var data in await EventsAsync(AnalyticsHub.Name, partition, 0))
            {
                using var text = new StreamReader(new GZipStream(data.EventBody.ToStream(), CompressionMode.Decompress));
                while (await text.ReadLineAsync(Token) is { } line)
                {
                    using var json = JsonDocument.Parse(line);
                    lines.Add((
                        json.RootElement.GetProperty("TraceId").GetString()!, json.RootElement.GetProperty("Version").GetInt32(),
                        json.RootElement.GetProperty("SpanId").GetString()!));
                }
            }
        }

        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        Finalizer.Dispose();
        _counters.Dispose();
        _spanCounters.Dispose();
        await _spans.DisposeAsync();
        await Hub.DisposeAsync();
        await Analytics.DisposeAsync();
        await _platform.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<List<Azure.Messaging.EventHubs.EventData>> EventsAsync(string hub, string partition, long next)
    {
        var events = new List<Azure.Messaging.EventHubs.EventData>();
        var from = EventHubNamespace.Of(_platform).Hub(hub).Partition(partition);
        using var reader = from.OpenReader(next);
        while (next + events.Count <= from.LastEnqueuedSequenceNumber)
            events.AddRange(await reader.ReadAsync(100, Token));
        return events;
    }

    private static string Describe(TraceAggregates aggregates) => string.Join('\n', aggregates.Red
        .Select(red => $"{red.Minute} {red.Service} {red.Operation} {red.Kind} {red.Sums} {Describe(red.Durations)}")
        .Concat(aggregates.Links.Select(link => $"{link.Minute} {link.Parent}->{link.Child} {link.Sums}"))
        .Order(StringComparer.Ordinal));

    private static string Describe(ExponentialHistogram histogram)
    {
        var counts = new List<string> { $"zeros {histogram.ZeroCount}" };
        for (var i = 0; i < histogram.Buckets.Length; i++)
        {
            if (histogram.Buckets[i] != 0)
                counts.Add($"{histogram.FirstBucket + i}: {histogram.Buckets[i]}");
        }

        return string.Join(", ", counts);
    }
}
