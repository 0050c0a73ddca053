using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Serverless.Functions.Accounting;
using Serverless.Functions.Assembling;
using Serverless.Functions.Buffering;
using Serverless.Functions.Querying;
using Serverless.Functions.Storage;
using Serverless.Functions.Telemetry;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Finalizing;

/// <summary>
/// Finalizes the traces that are quiet: each is read once, judged, and leaves a summary, its part of the aggregates, and its spans in the hub <c>analytics</c>.
/// An event of the hub <c>finalize</c> is one item of work. Items of a partition are done one after the other; how far is kept in <see cref="FinalizeState"/>.
/// </summary>
/// <remarks>docs/finalize.md says why a crash at any point loses and doubles nothing.</remarks>
public sealed class TraceFinalizer(
    TableStorage storage, DayTables tables, TraceReader reader, AnalyticsHub analytics, FinalizeState state, PropagationOpeners openers, FinalizeCounters counters,
    SpanCounters spans, TracingSettings settings, TimeProvider clock, ILogger<TraceFinalizer> logger) : IDisposable
{
    private const string QuarantinePrefix = "finalize-";

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly EndlessRetry _retry = new(clock, logger, e => spans.Work.Add(WorkCounts.BatchFailures, e is HubException ? "export" : "finalize"));
    private readonly ReceiptMinutes _receipts = new(storage, new EndlessRetry(clock, logger));
    private readonly Quarantine _quarantine = new(storage, tables);
    private readonly ConcurrentBag<FinalizeTools> _tools = [];

    /// <summary>Does an item; returns when it is done for good.</summary>
    /// <param name="partition">The partition of the hub <c>finalize</c>.</param>
    /// <param name="buffered">The event.</param>
    /// <param name="cancellation">Ends it when the host stops; the item then comes again.</param>
    public async Task FinalizeAsync(string partition, BufferedEvent buffered, CancellationToken cancellation)
    {
        using var span = OwnSpans.Start("finalize");
        var item = await ReadAsync(partition, buffered, cancellation);
        var id = new FinalizeItemId(partition, buffered.SequenceNumber);
        var pause = FirstPause;
        while (!await TryFinalizeAsync(id, item, cancellation))
        {
            counters.Conflict();
            await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), clock, cancellation);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_tools.TryTake(out var tools))
            tools.Dispose();
    }

    private async Task<FinalizeItem?> ReadAsync(string partition, BufferedEvent buffered, CancellationToken cancellation)
    {
        try
        {
            return FinalizeItem.FromBytes(buffered.Body);
        }
        catch (FormatException e)
        {
            logger.LogError(e, "Event {Sequence} of partition {Partition} of hub finalize goes to quarantine: {Reason}", buffered.SequenceNumber, partition, e.Message);
            await _retry.RunAsync(token => _quarantine.AddAsync(
                QuarantinePrefix + partition, buffered, e.Message, 0, new LedgerSection(), clock.GetUtcNow(), token), cancellation);
            spans.EventQuarantined();
            return null;
        }
    }

    private async Task<bool> TryFinalizeAsync(FinalizeItemId id, FinalizeItem? item, CancellationToken cancellation)
    {
        try
        {
            var progress = await _retry.RunAsync(token => state.ProgressAsync(id.Partition, token), cancellation);
            if (id.Sequence <= progress.Sequence)
                return true;
            // No summary lies in a later table than that: an item that was planned before midnight and comes after it still sees all.
            var day = item?.Day > progress.Day ? item.Day : progress.Day;
            var counts = item is null ? new LedgerCounts() : await RunAsync(id, item, day, ClaimAsync, cancellation);
            await _retry.RunAsync(token => state.AdvanceAsync(id.Partition, progress, id.Sequence, day, counts, token), cancellation);
            return true;

            async Task ClaimAsync(CancellationToken token) => progress = await _retry.RunAsync(t => state.ClaimAsync(id.Partition, progress, t), token);
        }
        catch (StorageConflictException e)
        {
            logger.LogInformation(e, "Item {Sequence} of partition {Partition} is begun anew: {Reason}", id.Sequence, id.Partition, e.Message);
            return false;
        }
    }

    private async Task<LedgerCounts> RunAsync(FinalizeItemId id, FinalizeItem item, DateOnly day, Func<CancellationToken, Task> claim, CancellationToken cancellation)
    {
        var days = await _retry.RunAsync(token => tables.DaysAsync(DayTables.Spans, token).AsTask(), cancellation);
        var fragments = new FragmentCollector(await _retry.RunAsync(token => openers.KnownAsync(token).AsTask(), cancellation));
        if (!_tools.TryTake(out var tools))
            tools = new FinalizeTools();
        var ledger = new ItemLedger(_receipts, settings.StrictTraceId);
        try
        {
            var attempt = new ItemAttempt(
                id, item, day, [.. days.Where(other => other < day)], storage, reader, analytics, tools, fragments, ledger, settings, _retry, counters, clock, logger);
            await attempt.RunAsync(claim, cancellation);
            spans.Work.Add(WorkCounts.Batches, "finalize");
            spans.Work.Add(WorkCounts.Batches, "export", attempt.EventsSent);
            return ledger.Sum();
        }
        finally
        {
            tools.Reset();
            _tools.Add(tools);
        }
    }
}
