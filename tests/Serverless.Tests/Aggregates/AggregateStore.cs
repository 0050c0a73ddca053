using Azure.Data.Tables;
using Azure.Messaging.EventHubs.Producer;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Functions.Aggregates;
using Serverless.Functions.Buffering;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;
using Serverless.Local;
using Serverless.Tests.Local.EventHubs;
using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using Serverless.Tracing.Ledger;

namespace Serverless.Tests.Aggregates;

/// <summary>Tables of aggregates in a folder of their own: items are written by hand, merged, and read.</summary>
internal sealed class AggregateStore : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("aggregates-").FullName;
    private readonly LocalPlatform _platform;
    private readonly FinalizeCounters _counters = new();
    private readonly FinalizeHub _hub;
    private readonly FinalizeState _state;
    private readonly Dictionary<string, long> _next = [];

    public AggregateStore()
    {
        _platform = LocalPlatform.Open(new LocalPlatformOptions { Folder = _folder, PartitionCount = 2, Clock = Clock });
        Storage = new TableStorage(new TableServiceClient(_platform.ConnectionString));
        Tables = new DayTables(Storage, Clock);
        _hub = new FinalizeHub(new EventHubProducerClient(_platform.ConnectionString, FinalizeHub.Name));
        _state = new FinalizeState(Storage);
        Reader = new AggregateReader(Storage, Tables, _hub);
        Merger = new AggregateMerger(Storage, Tables, _hub, _state, _counters, Clock, NullLogger<AggregateMerger>.Instance);
    }

    public SettableClock Clock { get; } = new();

    public TableStorage Storage { get; }

    public DayTables Tables { get; }

    public AggregateReader Reader { get; }

    public AggregateMerger Merger { get; }

    public FaultPlan Faults => _platform.Faults;

    /// <summary>What all items that were written and committed counted.</summary>
    public TraceAggregates All { get; } = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public DateOnly Today => DateOnly.FromDateTime(Clock.Now.UtcDateTime);

    /// <summary>A trace that begins now: a call of a service to another.</summary>
    public AssembledTrace Trace(ulong id, int operations = 1) => AssembledTrace.Assemble(
    [
        .. Enumerable.Range(0, operations).SelectMany(i => new[]
        {
            Span(id, (ulong)(i * 2) + 1, i == 0 ? 0UL : 1, "web", $"get {i}", SpanKind.Client), Span(id, (ulong)(i * 2) + 2, (ulong)(i * 2) + 1, $"app {id % 3}", "handle", SpanKind.Server),
        }),
    ]);

    /// <summary>Writes an item as the finalizer does.</summary>
    /// <param name="partition">The partition of hub <c>finalize</c>.</param>
    /// <param name="traces">What it counts.</param>
    /// <param name="isCommitted">False to leave the progress where it is.</param>
    public async Task WriteAsync(string partition, IReadOnlyList<AssembledTrace> traces, bool isCommitted = true)
    {
        var aggregates = new TraceAggregates();
        foreach (var trace in traces)
        {
            aggregates.Add(trace, 1);
            if (isCommitted)
                All.Add(trace, 1);
        }

        var sequence = _next[partition] = _next.GetValueOrDefault(partition, -1) + 1;
        var rows = aggregates.ToBlocks().Select(block => new StoredRow(AggregateKeys.OfItem(block, sequence), block.Bytes)).ToArray();
        await Storage.WriteAsync(DayTables.Name(DayTables.Aggregates, Today), RowKeys.Partition(partition), rows, Token);
        if (isCommitted)
            await _state.AdvanceAsync(partition, await _state.ProgressAsync(partition, Token), sequence, Today, new LedgerCounts(), Token);
    }

    /// <summary>What is read, up to items; all of them by default.</summary>
    public async Task<string> ReadAsync(IReadOnlyDictionary<string, long>? committed = null)
    {
        var (spans, links) = (Spans(), new LinkWindow(0, int.MaxValue));
        await Reader.ReadAsync(spans, committed, Token);
        await Reader.ReadAsync(links, committed, Token);
        return Describe(spans, links);
    }

    public async Task<IReadOnlyDictionary<string, long>> CommittedAsync() =>
        (await _state.ProgressAsync(Token)).ToDictionary(one => one.Key, one => one.Value.Sequence);

    public string Expected()
    {
        var (spans, links) = (Spans(), new LinkWindow(0, int.MaxValue));
        All.WriteTo(spans);
        All.WriteTo(links);
        return Describe(spans, links);
    }

    /// <summary>The keys of the rows of all days.</summary>
    public async Task<List<string>> KeysAsync()
    {
        var keys = new List<string>();
        foreach (var day in await Tables.DaysAsync(DayTables.Aggregates, Token))
        {
            foreach (var partition in new[] { "0", "1" })
            {
                await foreach (var row in Storage.ReadAsync(DayTables.Name(DayTables.Aggregates, day), RowKeys.Partition(partition), "", null, 1000, Token))
                    keys.Add(row.RowKey);
            }
        }

        return keys;
    }

    public async ValueTask DisposeAsync()
    {
        _counters.Dispose();
        await _hub.DisposeAsync();
        await _platform.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static RedWindow Spans() =>
        new(null, Enum.GetValues<SpanKind>()) { FirstMinute = 0, LastMinute = int.MaxValue, IsByOperation = true, HasDurations = true };

    private static string Describe(RedWindow spans, LinkWindow links) => string.Join('\n', spans.ToList()
        .SelectMany(series => series.Minutes.Select(minute =>
            $"{minute} {series.Service} {series.Operation} {series.SumsAt(minute)} {series.DurationsAt(minute)!.Quantile(0.5)} {series.DurationsAt(minute)!.Quantile(1)}"))
        .Concat(links.ToList().Select(link => link.ToString())));

    private Span Span(ulong trace, ulong id, ulong parent, string service, string name, SpanKind kind) => new()
    {
        TraceId = new TraceId(0, trace),
        Id = new SpanId(id),
        ParentId = new SpanId(parent),
        Kind = kind,
        Name = name,
        StartNs = (ulong)(Clock.Now - DateTimeOffset.UnixEpoch).Ticks * 100,
        DurationNs = (long)(trace * 1_000_000),
        Status = trace % 5 == 0 ? SpanStatus.Error : SpanStatus.Unset,
        Resource = new Resource { ServiceName = service },
    };
}
