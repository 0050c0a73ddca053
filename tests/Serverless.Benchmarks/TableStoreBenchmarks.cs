using Azure.Data.Tables;
using BenchmarkDotNet.Attributes;
using Serverless.Local;

namespace Serverless.Benchmarks;

/// <summary>The local tables as the assembler and the query use them: trace rows of 1.5 KB, written by 100 and read by prefix.</summary>
[MemoryDiagnoser]
public class TableStoreBenchmarks
{
    private const int RowBytes = 1450;
    private const int RowsPerTransaction = 100;
    private const int Rows = 100_000;
    private const int Shards = 256;

    private readonly List<TableTransactionAction> _actions = [];
    private readonly Random _random = new(1);
    private string _folder = "";
    private LocalPlatform _platform = null!;
    private TableClient _table = null!;
    private long _next;

    [GlobalSetup]
    public async Task OpenAsync()
    {
        _folder = Directory.CreateTempSubdirectory("tables-").FullName;
        _platform = LocalPlatform.Open(new LocalPlatformOptions { Folder = _folder });
        _table = new TableServiceClient(_platform.ConnectionString).GetTableClient("spans");
        await _table.CreateAsync();
        while (_next < Rows)
            await WriteTransactionAsync();
        await LocalTables.FlushAsync(_platform);
    }

    [GlobalCleanup]
    public async Task CloseAsync()
    {
        await _platform.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>One durable transaction of 100 rows, their making included.</summary>
    [Benchmark(OperationsPerInvoke = RowsPerTransaction)]
    public async Task WriteTransactionAsync()
    {
        _actions.Clear();
        var shard = Shard(_next);
        for (var i = 0; i < RowsPerTransaction; i++)
        {
            var frames = new byte[RowBytes];
            _random.NextBytes(frames);
            _actions.Add(new TableTransactionAction(
                TableTransactionActionType.UpsertReplace, new TableEntity(shard, $"{TraceId(_next++)}00000001") { ["F"] = frames }));
        }

        await _table.SubmitTransactionAsync(_actions);
    }

    /// <summary>A trace's rows, found by the id that their keys begin with.</summary>
    [Benchmark]
    public async Task<int> ReadPrefixAsync()
    {
        var row = _random.NextInt64(Rows);
        var id = TraceId(row);
        var bytes = 0;
        await foreach (var entity in _table.QueryAsync<TableEntity>(
            $"PartitionKey eq '{Shard(row)}' and RowKey ge '{id}' and RowKey lt '{id}~'"))
        {
            bytes += entity.GetBinary("F")!.Length;
        }

        return bytes;
    }

    private static string Shard(long row) => $"{row / RowsPerTransaction % Shards:x2}";

    // Spread like real ids, and the same for the same row.
    private static string TraceId(long row) => $"{(ulong)row * 0x9E3779B97F4A7C15UL:x16}";
}
