using Azure.Data.Tables;
using Azure.Messaging.EventHubs.Producer;
using BenchmarkDotNet.Attributes;
using Serverless.Functions.Aggregates;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Local;
using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Benchmarks;

/// <summary>
/// Stored aggregates read as the APIs do, through tables: of 20 services with 10 operations each over seven days, the hours merged but for the
/// last, of which each partition still has a row for every ten seconds. Per answer.
/// </summary>
[MemoryDiagnoser]
public class AggregateReadBenchmarks
{
    private const int Services = 20;
    private const int Operations = 10;
    private const int Hours = 7 * 24;
    private const int Partitions = 4;
    private const int ItemsOfLastHour = 360;

    private readonly Resource[] _resources = [.. Enumerable.Range(0, Services).Select(i => new Resource { ServiceName = "service-" + i })];
    private string _folder = "";
    private LocalPlatform _platform = null!;
    private AggregateReader _reader = null!;
    private long _lastHour;

    [GlobalSetup]
    public async Task OpenAsync()
    {
        _folder = Directory.CreateTempSubdirectory("aggregates-").FullName;
        _platform = LocalPlatform.Open(new LocalPlatformOptions { Folder = _folder, PartitionCount = Partitions });
        var storage = new TableStorage(new TableServiceClient(_platform.ConnectionString));
        _reader = new AggregateReader(
            storage, new DayTables(storage, TimeProvider.System), new FinalizeHub(new EventHubProducerClient(_platform.ConnectionString, FinalizeHub.Name)));
        _lastHour = DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 3_600;
        for (var partition = 0; partition < Partitions; partition++)
        {
            var key = RowKeys.Partition($"{partition}");
            for (var hour = _lastHour - Hours; hour < _lastHour; hour++)
                await WriteAsync(storage, key, hour, [.. Enumerable.Range(0, 60).Select(minute => (long)minute * 60)], block => AggregateKeys.OfMerged(block, "0"));
            for (var item = 0; item < ItemsOfLastHour; item++)
                await WriteAsync(storage, key, _lastHour, [item * 10], block => AggregateKeys.OfItem(block, item));
        }

        await LocalTables.FlushAsync(_platform);
    }

    [GlobalCleanup]
    public async Task CloseAsync()
    {
        await _platform.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A service's latencies of an hour: half of it merged, half not.</summary>
    [Benchmark]
    public async Task<int> ReadHourOfMetricsAsync()
    {
        var window = new RedWindow(["service-3"], [SpanKind.Server]) { FirstMinute = (_lastHour * 60) - 30, LastMinute = (_lastHour * 60) + 30, HasDurations = true };
        await _reader.ReadAsync(window, null, CancellationToken.None);
        return window.ToList().Count;
    }

    /// <summary>All links of seven days.</summary>
    [Benchmark]
    public async Task<int> ReadWeekOfLinksAsync()
    {
        var window = new LinkWindow((_lastHour - Hours) * 60, (_lastHour * 60) + 59);
        await _reader.ReadAsync(window, null, CancellationToken.None);
        return window.ToList().Count;
    }

    private async Task WriteAsync(TableStorage storage, string partition, long hour, long[] seconds, Func<AggregateBlock, string> keyOf)
    {
        var aggregates = new TraceAggregates();
        foreach (var second in seconds)
            aggregates.Add(Trace((hour * 3_600) + second), 1);
        var day = DateOnly.FromDateTime(DateTime.UnixEpoch.AddHours(hour));
        await storage.WriteAsync(
            DayTables.Name(DayTables.Aggregates, day), partition, [.. aggregates.ToBlocks().Select(block => new StoredRow(keyOf(block), block.Bytes))], CancellationToken.None);
    }

    // Each service calls the two behind it, with one of its operations.
    private AssembledTrace Trace(long second) => AssembledTrace.Assemble(
    [
        .. Enumerable.Range(1, Services * 4).Select(i => new Span
        {
            TraceId = new TraceId(7, (ulong)second),
            Id = new SpanId((ulong)i),
            ParentId = new SpanId((ulong)(i / 2)),
            Kind = i % 2 == 0 ? SpanKind.Client : SpanKind.Server,
            Name = $"operation {(i + second) % Operations}",
            StartNs = ((ulong)second * 1_000_000_000) + ((ulong)i * 1_000),
            DurationNs = 1_000_000 + (i * second % 9_000_000),
            Resource = _resources[i / 2 % Services],
        }),
    ]);
}
