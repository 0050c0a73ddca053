using Serverless.Functions.Assembling;
using Serverless.Functions.Buffering;
using Serverless.Functions.Querying;
using Serverless.Functions.Storage;
using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Aggregates;

/// <summary>Reads the traces that are not finalized, or not wholly, and what they add to the stored aggregates.</summary>
public sealed class InFlightTraces(TableStorage storage, DayTables tables, SpanHub hub, TraceReader traces) : IDisposable
{
    private const int PageRows = 1_000;
    private const int AtOnce = 8;
    private const int MaxTraces = 5_000;

    private readonly SemaphoreSlim _one = new(1);
    private LiveDelta? _last;
    private string _lastReceipts = "";

    /// <summary>What the traces in flight add. Who asks for the same at the same time shares the answer.</summary>
    internal async Task<LiveDelta> ReadAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            var lows = new HashSet<ulong>();
            var receipts = await ReceiptsAsync(lows, cancellation);
            if (_last is null || receipts != _lastReceipts)
                (_last, _lastReceipts) = (await ReadAsync(lows, cancellation), receipts);
            return _last;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private async Task<string> ReceiptsAsync(HashSet<ulong> lows, CancellationToken cancellation)
    {
        var keys = new List<string>();
        foreach (var day in await tables.DaysAsync(DayTables.Receipts, cancellation))
        {
            foreach (var partition in await hub.PartitionIdsAsync(cancellation))
            {
                await foreach (var row in storage.ReadAsync(DayTables.Name(DayTables.Receipts, day), RowKeys.Partition(partition), "", RowKeys.AfterReceipts, PageRows, cancellation))
                {
                    keys.Add(row.RowKey);
                    lows.UnionWith(Receipt.FromRow(partition, row).Traces);
                }
            }
        }

        return string.Join('|', keys);
    }

    private async Task<LiveDelta> ReadAsync(HashSet<ulong> lows, CancellationToken cancellation)
    {
        var committed = new Dictionary<string, long>();
        var spans = new TraceAggregates();
        if (lows.Count > MaxTraces)
            return new LiveDelta(committed, spans, [], false);
        var links = new List<LiveLinks>();
        foreach (var some in lows.Chunk(AtOnce))
        {
            foreach (var read in await Task.WhenAll(some.Select(low => traces.ReadAllAsync(low, strict: false, cancellation))))
            {
                if (read.Count == 0)
                    continue;
                var trace = AssembledTrace.Assemble(read[0]);
                spans.Add(trace, 1);
                if (TraceTimestamp.TryGet(trace.Tree.Spans, out var startNs))
                    links.Add(new LiveLinks(startNs, trace.Links, 1));
            }
        }

        return new LiveDelta(committed, spans, links, true);
    }
}
