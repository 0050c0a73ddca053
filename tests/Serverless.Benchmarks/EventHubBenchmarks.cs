using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using BenchmarkDotNet.Attributes;
using Serverless.Local;

namespace Serverless.Benchmarks;

/// <summary>The local hub's log: durable sends, alone and together, and reading back from memory and from the page cache.</summary>
[MemoryDiagnoser]
[InProcess]
public class EventHubBenchmarks
{
    private const int EventBytes = 300_000;
    private const int StoredEvents = 400; // 120 MB in two segments
    private const int Senders = 50;

    private readonly byte[] _body = new byte[EventBytes];
    private readonly byte[] _smallBody = new byte[1_000];
    private readonly SendEventOptions _target = new() { PartitionId = "0" };
    private string _folder = "";
    private LocalPlatform _platform = null!;
    private EventHubProducerClient _producer = null!;
    private EventHubProducerClient _filled = null!;
    private EventHubPartition _stored = null!;

    // Not async: the in-process toolchain does not wait for it.
    [GlobalSetup]
    public void SetUp()
    {
        Random.Shared.NextBytes(_body);
        _folder = Directory.CreateTempSubdirectory("hub-benchmark-").FullName;
        _platform = LocalPlatform.Open(new LocalPlatformOptions { Folder = _folder });
        _producer = new EventHubProducerClient(_platform.ConnectionString, "spans");
        _filled = new EventHubProducerClient(_platform.ConnectionString, "stored");
        for (var i = 0; i < StoredEvents; i++)
            _filled.SendAsync([new EventData(_body)], _target).GetAwaiter().GetResult();
        _stored = EventHubNamespace.Of(_platform).Hub("stored").Partitions[0];
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _platform.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark]
    public Task Send300KB() => _producer.SendAsync([new EventData(_body)], _target);

    [Benchmark]
    public Task Send1KB() => _producer.SendAsync([new EventData(_smallBody)], _target);

    /// <summary>What group commit makes of concurrent senders of one partition; per send.</summary>
    [Benchmark(OperationsPerInvoke = Senders)]
    public Task Send1KBFrom50Senders() =>
        Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => _producer.SendAsync([new EventData(_smallBody)], _target)));

    /// <summary>Per event of 300 kB: 1 GB/s is 300 µs.</summary>
    [Benchmark(OperationsPerInvoke = StoredEvents)]
    public async Task<long> ReadFromFile()
    {
        using var reader = _stored.OpenReader(0);
        long bytes = 0;
        for (var events = 0; events < StoredEvents;)
        {
            foreach (var data in await reader.ReadAsync(100, CancellationToken.None))
            {
                bytes += data.Body.Length;
                events++;
            }
        }

        return bytes;
    }

    [Benchmark]
    public async Task<int> ReadNewestFromMemory()
    {
        using var reader = _stored.OpenReader(StoredEvents - 1);
        return (await reader.ReadAsync(1, CancellationToken.None)).Count;
    }
}
