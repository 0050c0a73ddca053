using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Benchmarks;

/// <summary>
/// What search costs for each span on the way in (read, collect and encode) and for each digest when a block is asked. The batch is that of an
/// assembler: requests of many services, traces of a dozen spans, eight attributes of which three are unique.
/// </summary>
[MemoryDiagnoser]
public class SearchBenchmarks
{
    /// <summary>The spans of the batch.</summary>
    public const int Spans = 9_600;

    private const int SpansPerTrace = 12;
    private const int Services = 10;
    private const int SpansPerRequest = 400;

    private readonly SearchDigestCollector _collector = new();
    private readonly FrameReader _frames = new();
    private readonly SearchBlockReader _reader = new();
    private readonly List<SearchHit> _hits = [];
    private readonly SearchFilter _filter = new(new TraceQuery
    {
        ServiceName = "service-3",
        SpanName = "GET /item/3",
        MinDurationNs = 1_000_000,
        Conditions = [TagCondition.Equal("user.id", "u-000777"), TagCondition.Equal("http.method", "GET")],
    });

    private byte[] _batch = [];
    private IReadOnlyList<SearchBlock> _blocks = [];

    /// <summary>How many digests the batch makes.</summary>
    public int Digests => _blocks.Sum(block => block.Digests);

    /// <summary>How many bytes they take.</summary>
    public int Bytes => _blocks.Sum(block => block.Bytes.Length);

    /// <summary>How many blocks they lie in.</summary>
    public int Blocks => _blocks.Count;

    /// <summary>Makes the batch.</summary>
    [GlobalSetup]
    public void MakeBatch()
    {
        var buffer = new FrameBuffer();
        var batch = new SpanBatch();
        var writer = new FrameWriter();
        var random = new Random(1);
        for (var service = 0; service < Services; service++)
        {
            for (var first = 0; first < Spans / Services; first += SpansPerRequest)
            {
                batch.Reset(SpanProtocol.Otlp);
                Fill(batch, service, first, Math.Min(SpansPerRequest, (Spans / Services) - first), random);
                writer.Write(batch, buffer);
            }
        }

        _batch = buffer.Written.ToArray();
        _blocks = CollectAndEncode();
    }

    /// <summary>Reading alone, to be taken off the next.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public ulong ReadFrames()
    {
        var sum = 0UL;
        _frames.Open(_batch);
        while (_frames.ReadFrame())
        {
            while (_frames.ReadSpan(out var span))
                sum += span.Id;
        }

        return sum;
    }

    /// <summary>Reading, collecting and encoding.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public IReadOnlyList<SearchBlock> CollectAndEncode()
    {
        _collector.Begin(1_753_600_000_000_000_000);
        _frames.Open(_batch);
        while (_frames.ReadFrame())
            _collector.Add(_frames);
        return _collector.Finish();
    }

    /// <summary>Asking all blocks of the batch.</summary>
    [Benchmark]
    public int FindInAllBlocks()
    {
        _hits.Clear();
        var digests = 0;
        foreach (var block in _blocks)
            digests += _reader.FindCandidates(block.Bytes, _filter, _hits);
        return digests;
    }

    /// <summary>A service's spans: two of each trace that it takes part in.</summary>
    private static void Fill(SpanBatch batch, int service, int first, int count, Random random)
    {
        var resource = batch.AddResource();
        var attributes = default(ItemList);
        var name = "service-" + service.ToString(CultureInfo.InvariantCulture);
        Add(batch, ref attributes, "service.name", name);
        Add(batch, ref attributes, "host.name", "node-7.example.net");
        Add(batch, ref attributes, "telemetry.sdk.language", "go");
        Add(batch, ref attributes, "service.version", "1.14.2");
        batch.SetResource(resource, Text(batch, name), attributes);
        for (var i = first; i < first + count; i++)
        {
            // Ten services share the traces: each has two spans of six out of ten.
            var trace = (i / 2 * Services * 2 / SpansPerTrace) + (service % 2);
            ref var span = ref batch.AddSpan();
            span.TraceHigh = 0x1234567890ABCDEF * (ulong)(trace + 1);
            span.TraceLow = 0x9E3779B97F4A7C15 * (ulong)(trace + 1);
            span.Id = (ulong)random.NextInt64(1, long.MaxValue);
            span.ParentId = (ulong)random.NextInt64(1, long.MaxValue);
            span.Kind = i % 2 == 0 ? SpanKind.Server : SpanKind.Client;
            span.Name = Text(batch, "GET /item/" + ((i + service) % 7).ToString(CultureInfo.InvariantCulture));
            span.StartNs = 1_753_600_000_000_000_000UL + ((ulong)trace * 1_250_000) + (ulong)random.NextInt64(900_000);
            span.DurationNs = random.NextInt64(100_000, 80_000_000);
            span.Resource = resource;
            Add(batch, ref span.Attributes, "http.method", "GET");
            Add(batch, ref span.Attributes, "http.route", "/item/{id}");
            batch.AddInt64(ref span.Attributes, Text(batch, "http.status_code"), random.Next(20) == 0 ? 500 : 200);
            Add(batch, ref span.Attributes, "net.peer.name", "service-" + random.Next(Services).ToString(CultureInfo.InvariantCulture));
            Add(batch, ref span.Attributes, "http.flavor", "1.1");
            Add(batch, ref span.Attributes, "user.id", "u-" + random.Next(1_000_000).ToString("d6", CultureInfo.InvariantCulture));
            Add(batch, ref span.Attributes, "http.url", "https://shop.example.net/item/" + random.Next().ToString(CultureInfo.InvariantCulture));
            batch.AddInt64(ref span.Attributes, Text(batch, "http.response_content_length"), random.Next(1_000_000));
        }
    }

    private static void Add(SpanBatch batch, ref ItemList list, string key, string value) =>
        batch.AddString(ref list, Text(batch, key), Text(batch, value));

    private static int Text(SpanBatch batch, string text) => batch.Intern(Encoding.UTF8.GetBytes(text));
}
