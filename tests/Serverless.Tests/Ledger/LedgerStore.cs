using Azure.Data.Tables;
using Azure.Messaging.EventHubs.Producer;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Functions;
using Serverless.Functions.Accounting;
using Serverless.Functions.Assembling;
using Serverless.Functions.Buffering;
using Serverless.Functions.Operations;
using Serverless.Functions.Querying;
using Serverless.Functions.Storage;
using Serverless.Local;
using Serverless.Tests.Frames;
using Serverless.Tests.Local.Functions;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Ledger;

/// <summary>Tables in a folder of their own, an assembler and a ledger over them, and a clock that stands until it is moved.</summary>
internal sealed class LedgerStore : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-").FullName;
    private readonly LocalPlatform _platform;
    private readonly SpanCounters _counters = new();
    private readonly SpanHub _hub;
    private readonly TableStorage _storage;
    private readonly BatchAssembler _assembler;

    public LedgerStore(DateTimeOffset start, TracingSettings? settings = null)
    {
        Clock = new ManualClock(start);
        settings ??= new TracingSettings();
        _platform = LocalPlatform.Open(new LocalPlatformOptions { Folder = _folder, PartitionCount = 2, Clock = Clock });
        Work = new WorkCounts { Clock = Clock };
        _storage = new TableStorage(new TableServiceClient(_platform.ConnectionString), Work);
        var tables = new DayTables(_storage, Clock);
        _hub = new SpanHub(new EventHubProducerClient(_platform.ConnectionString, SpanHub.Name));
        _assembler = new BatchAssembler(_storage, tables, new TracingSettings(), _counters, Clock, NullLogger<BatchAssembler>.Instance);
        Closer = new MinuteCloser(_storage, tables, _hub, Clock, NullLogger<MinuteCloser>.Instance);
        Reader = new LedgerReader(
            _storage, tables, _hub, new TraceReader(_storage, tables, new TraceArchive(_storage), new TracingSettings()), Clock);
        Totals = new LedgerTotalsStore(_storage, tables, _hub, Reader, Clock);
        WorkLedger = new WorkLedger(Work, _storage, Clock, NullLogger<WorkLedger>.Instance);
        WorkTotals = new WorkTotalsStore(_storage, tables, Clock);
        Expired = new ExpiredDays(_storage, WorkTotals, Clock, NullLogger<ExpiredDays>.Instance);
        Retention = new RetentionFunction(tables, _hub, Totals, WorkTotals, Expired, settings, Clock, NullLogger<RetentionFunction>.Instance);
    }

    public WorkCounts Work { get; }

    public WorkLedger WorkLedger { get; }

    public WorkTotalsStore WorkTotals { get; }

    public ExpiredDays Expired { get; }

    public RetentionFunction Retention { get; }

    public SpanHub Hub => _hub;

    public TableStorage Storage => _storage;

    public ManualClock Clock { get; }

    public MinuteCloser Closer { get; }

    public LedgerReader Reader { get; }

    public LedgerTotalsStore Totals { get; }

    /// <summary>Drops the ledger's closed minutes of a day, and tells nobody.</summary>
    public Task DropAsync(DateTimeOffset day) => _storage.DropAsync(DayTables.Name(DayTables.Ledger, DateOnly.FromDateTime(day.UtcDateTime)), CancellationToken.None);

    public FaultPlan Faults => _platform.Faults;

    public Task AssembleAsync(string partition, params BufferedEvent[] events) => _assembler.AssembleAsync(partition, events, CancellationToken.None);

    public Task<LedgerWindow> ReadAsync() => Reader.ReadAsync(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200), CancellationToken.None);

    /// <summary>An event of so many spans of a service, as the publisher makes it.</summary>
    public static byte[] Event(string service, int spans, ulong id = 0, int attempt = 0, int? says = null, Action<LedgerSection>? tell = null)
    {
        var resource = new Resource { ServiceName = service };
        var made = Enumerable.Range(1, spans).Select(i => new Span
        {
            TraceId = new TraceId(0, (ulong)(i % 3) + 1), Id = new SpanId((ulong)i), Name = "n", StartNs = 1, Resource = resource,
        });
        var section = new LedgerSection();
        section.Counts.Add(LedgerSources.Of(SpanProtocol.Otlp, resource), LedgerStage.Accepted, LedgerReason.None, says ?? spans);
        tell?.Invoke(section);
        var body = new MemoryStream();
        EventEnvelope.Write(SpanFrames.Of(made), new LedgerSectionWriter().Write(section), says ?? spans, Math.Min(3, spans), id, body);
        var bytes = body.ToArray();
        EventEnvelope.SetAttempt(bytes, attempt);
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        _counters.Dispose();
        await _hub.DisposeAsync();
        await _platform.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
