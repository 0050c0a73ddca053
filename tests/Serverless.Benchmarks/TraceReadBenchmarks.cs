using Azure.Data.Tables;
using BenchmarkDotNet.Attributes;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Local;

namespace Serverless.Benchmarks;

/// <summary>A trace's rows read by its id, as the finalizer does once for each trace: through the storage's own class. Per trace.</summary>
[MemoryDiagnoser]
public class TraceReadBenchmarks
{
    private const int Traces = 20_000;
    private const int RowBytes = 700;
    private const string Table = "spans20260101";

    private string _folder = "";
    private LocalPlatform _platform = null!;
    private TableStorage _storage = null!;
    private ulong _next;

    /// <summary>The traces are still in memory, or in the files that they were flushed to.</summary>
    [Params(false, true)]
    public bool IsFlushed { get; set; }

    [GlobalSetup]
    public async Task OpenAsync()
    {
        _folder = Directory.CreateTempSubdirectory("traces-").FullName;
        _platform = LocalPlatform.Open(new LocalPlatformOptions { Folder = _folder });
        _storage = new TableStorage(new TableServiceClient(_platform.ConnectionString));
        var random = new Random(1);
        var rows = new List<(ulong Low, StoredRow Row)>();
        for (var i = 0; i < Traces; i++)
        {
            var data = new byte[RowBytes];
            random.NextBytes(data);
            rows.Add((Low((ulong)i), new StoredRow(RowKeys.Trace(Low((ulong)i), new BatchId("0", i / 100, i / 100), 0), data)));
        }

        foreach (var shard in rows.GroupBy(row => Shards.Of(row.Low)))
            await _storage.WriteAsync(Table, RowKeys.Shard(shard.Key), [.. shard.Select(row => row.Row)], CancellationToken.None);
        if (IsFlushed)
            await LocalTables.FlushAsync(_platform);
    }

    [GlobalCleanup]
    public async Task CloseAsync()
    {
        await _platform.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>One range read.</summary>
    [Benchmark]
    public async Task<int> ReadTraceAsync()
    {
        var low = Low(_next++ % Traces);
        var (from, to) = RowKeys.TraceRange(low);
        var bytes = 0;
        await foreach (var row in _storage.ReadAsync(Table, RowKeys.Shard(Shards.Of(low)), from, to, 1_000, CancellationToken.None))
            bytes += row.Data.Length;
        return bytes;
    }

    // Spread like real ids, and the same for the same trace.
    private static ulong Low(ulong trace) => (trace + 1) * 0x9E3779B97F4A7C15;
}
