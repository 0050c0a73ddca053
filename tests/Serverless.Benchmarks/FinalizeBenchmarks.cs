using Azure.Data.Tables;
using Azure.Messaging.EventHubs.Producer;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Benchmarks.Load;
using Serverless.Functions;
using Serverless.Functions.Accounting;
using Serverless.Functions.Assembling;
using Serverless.Functions.Buffering;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Querying;
using Serverless.Functions.Storage;
using Serverless.Local;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Benchmarks;

/// <summary>An item of the finalizer: 1,000 traces of 10 spans like the load's, stored and not finalized yet, each time others. Per span.</summary>
[MemoryDiagnoser]
public class FinalizeBenchmarks
{
    private const int SpansPerEvent = 200;
    private const int SpansPerTrace = 10;
    private const int Traces = 1_000;
    private const int TemplateVariants = 4;
    private const string Partition = "0";

    private readonly SpanCounters _spanCounters = new();
    private readonly FinalizeCounters _counters = new();
    private string _folder = "";
    private LocalPlatform _platform = null!;
    private AnalyticsHub _analytics = null!;
    private BatchAssembler _assembler = null!;
    private TraceFinalizer _finalizer = null!;
    private BufferedEvent _item;
    private ulong _seed;
    private long _sequence;

    /// <summary>Opens tables and hubs in a folder.</summary>
    [GlobalSetup]
    public void Open()
    {
        _folder = Directory.CreateTempSubdirectory("finalize-").FullName;
        _platform = LocalPlatform.Open(new LocalPlatformOptions { Folder = _folder });
        var settings = new TracingSettings();
        var clock = TimeProvider.System;
        var storage = new TableStorage(new TableServiceClient(_platform.ConnectionString));
        var tables = new DayTables(storage, clock);
        _analytics = new AnalyticsHub(new EventHubProducerClient(_platform.ConnectionString, AnalyticsHub.Name));
        _assembler = new BatchAssembler(storage, tables, settings, _spanCounters, clock, NullLogger<BatchAssembler>.Instance);
        _finalizer = new TraceFinalizer(
            storage, tables, new TraceReader(storage, tables, new TraceArchive(storage), settings), _analytics, new FinalizeState(storage),
            new PropagationOpeners(storage, clock), _counters, _spanCounters, settings, clock, NullLogger<TraceFinalizer>.Instance);
    }

    /// <summary>Closes them, and deletes what is in them.</summary>
    [GlobalCleanup]
    public async Task CloseAsync()
    {
        _finalizer.Dispose();
        _counters.Dispose();
        _spanCounters.Dispose();
        await _analytics.DisposeAsync();
        await _platform.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Stores traces, in batches as the trigger gathers them.</summary>
    [IterationSetup]
    public void Store() => StoreAsync(Traces).GetAwaiter().GetResult();

    /// <summary>Reads, judges, sums up, exports.</summary>
    [Benchmark(OperationsPerInvoke = Traces * SpansPerTrace)]
    public Task FinalizeItemAsync() => _finalizer.FinalizeAsync(Partition, _item, CancellationToken.None);

    internal async Task StoreAsync(int count)
    {
        var now = DateTimeOffset.UtcNow;
        var startNs = (now - DateTimeOffset.UnixEpoch).Ticks * 100;
        var templates = Enumerable.Range(0, TemplateVariants).Select(SpanRequestTemplate.Create).ToArray();
        var body = new byte[templates[0].Length];
        var decoder = new OtlpProtobufDecoder();
        var batch = new SpanBatch();
        var traces = new List<ulong>();
        var events = new List<BufferedEvent>();
        while (traces.Count < count)
        {
            var ids = new RequestIds(++_seed << 32);
            templates[_seed % TemplateVariants].Write(body, ids, startNs);
            batch.Reset(SpanProtocol.Otlp);
            decoder.Decode(body, batch, DecodeLimits.Default);
            var frames = new FrameBuffer();
            new FrameWriter().Write(batch, frames);
            var section = new LedgerSection();
            section.Counts.Add(LedgerSources.Of(SpanProtocol.Otlp, Resource.Unknown), LedgerStage.Accepted, LedgerReason.None, SpansPerEvent);
            var envelope = new MemoryStream();
            EventEnvelope.Write(frames.Written, new LedgerSectionWriter().Write(section), SpansPerEvent, frames.Frames.Count, 0, envelope);
            events.Add(new BufferedEvent(_sequence++, envelope.ToArray(), now));
            for (var trace = 0; trace < SpanRequestTemplate.TracesPerRequest; trace++)
                traces.Add(ids.TraceLow(trace));
        }

        await _assembler.AssembleAsync(Partition, events, CancellationToken.None);
        traces.Sort(static (x, y) => (Shards.Of(x), x).CompareTo((Shards.Of(y), y)));
        _item = new BufferedEvent(_sequence, new FinalizeItem(DateOnly.FromDateTime(now.UtcDateTime), traces, []).ToBytes());
    }
}
