using Azure.Data.Tables;
using Azure.Messaging.EventHubs.Producer;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Functions;
using Serverless.Functions.Accounting;
using Serverless.Functions.Assembling;
using Serverless.Functions.Buffering;
using Serverless.Functions.Querying;
using Serverless.Functions.Querying.Api;
using Serverless.Functions.Storage;
using Serverless.Local;
using Serverless.Tests.Frames;
using Serverless.Tests.Local.Functions;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Tests.Assembling;

/// <summary>Tables in a folder of their own, what writes, merges and searches them, and a clock that stands until it is moved.</summary>
internal sealed class MergeStore : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("merge-").FullName;
    private readonly LocalPlatform _platform;
    private readonly BatchAssembler _assembler;
    private readonly SearchBlockStreams _streams;
    private readonly TraceSearch _search;
    private readonly SpanHub _hub;
    private readonly SpanCounters _counters = new();
    private long _sequence;

    public MergeStore(DateTimeOffset start)
    {
        Clock = new ManualClock(start);
        _platform = LocalPlatform.Open(new LocalPlatformOptions { Folder = _folder, PartitionCount = 2 });
        Storage = new TableStorage(new TableServiceClient(_platform.ConnectionString));
        Tables = new DayTables(Storage, Clock);
        _hub = new SpanHub(new EventHubProducerClient(_platform.ConnectionString, SpanHub.Name));
        _assembler = new BatchAssembler(Storage, Tables, new TracingSettings(), _counters, Clock, NullLogger<BatchAssembler>.Instance);
        _streams = new SearchBlockStreams(Storage, Tables, _hub, new NameReader(Storage, Tables));
        var settings = new TracingSettings();
        Traces = new TraceReader(Storage, Tables, new TraceArchive(Storage), settings);
        _search = new TraceSearch(_streams, Traces, settings, Clock);
        Pages = new TracePageSearch(_streams, Traces, null, settings, Clock);
        Merger = new SearchMerger(Storage, Tables, _hub, _counters, settings, Clock, NullLogger<SearchMerger>.Instance);
    }

    public ManualClock Clock { get; }

    public TableStorage Storage { get; }

    public DayTables Tables { get; }

    public SearchMerger Merger { get; }

    public TraceReader Traces { get; }

    public TracePageSearch Pages { get; }

    public FaultPlan Faults => _platform.Faults;

    public ulong NowNs => (ulong)(Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>Assembles spans as one batch of a partition.</summary>
    /// <returns>What was assembled, for a replay.</returns>
    public async Task<BufferedEvent> StoreAsync(string partition, params Span[] spans)
    {
        var body = new MemoryStream();
        byte[] frames = [.. spans.GroupBy(span => span.Protocol).SelectMany(some => SpanFrames.Of(some, some.Key))];
        EventEnvelope.Write(frames, spans.Length, 1, body);
        var buffered = new BufferedEvent(_sequence++, body.ToArray());
        await ReplayAsync(partition, buffered);
        return buffered;
    }

    public Task ReplayAsync(string partition, BufferedEvent buffered) => _assembler.AssembleAsync(partition, [buffered], CancellationToken.None);

    /// <summary>Merges at ten past the next hour.</summary>
    public Task MergeNextHourAsync()
    {
        var now = Clock.GetUtcNow();
        Clock.Advance(NextRun(now) - now);
        return Merger.RunAsync(CancellationToken.None);
    }

    /// <summary>The low ids of what a search finds, in its order.</summary>
    public async Task<ulong[]> SearchAsync(TraceQuery query)
    {
        var result = await _search.FindAsync(query, CancellationToken.None);
        Assert.True(result.IsComplete);
        return [.. result.Traces.Select(trace => trace.Id.Low)];
    }

    /// <summary>The blocks as a search reads them.</summary>
    public Task<SearchBlockStream> OpenAsync(TraceQuery query) => _streams.OpenAsync(new SearchFilter(query), CancellationToken.None);

    /// <summary>The rows of all search tables, and apart from them the notes on merging.</summary>
    public async Task<(List<StoredRow> Blocks, List<StoredRow> Notes)> RowsAsync()
    {
        var rows = new List<StoredRow>();
        foreach (var table in (await Storage.TablesAsync(CancellationToken.None)).Where(name => name.StartsWith(DayTables.Search, StringComparison.Ordinal)))
        {
            foreach (var partition in await _hub.PartitionIdsAsync(CancellationToken.None))
            {
                await foreach (var row in Storage.ReadAsync(table, RowKeys.Partition(partition), "", null, 1000, CancellationToken.None))
                    rows.Add(row);
            }
        }

        var merged = rows.Where(row => row.RowKey.StartsWith("~~merged|", StringComparison.Ordinal)).ToList();
        return ([.. rows.Where(row => !RowKeys.IsNote(row.RowKey))], merged);
    }

    public async ValueTask DisposeAsync()
    {
        _counters.Dispose();
        await _hub.DisposeAsync();
        await _platform.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static DateTimeOffset NextRun(DateTimeOffset now)
    {
        var run = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 10, 0, TimeSpan.Zero);
        return run > now ? run : run.AddHours(1);
    }
}
