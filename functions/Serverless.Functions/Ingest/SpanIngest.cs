using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Serverless.Functions.Accounting;
using Serverless.Functions.Buffering;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;

namespace Serverless.Functions.Ingest;

/// <summary>Makes spans of a body: fills the context's batch, which has been reset for it.</summary>
public delegate DecodeResult SpanDecoding(ReadOnlySpan<byte> body, IngestContext context, DecodeLimits limits);

/// <summary>
/// What every protocol's endpoint does: read the body, decode it in one pass into frames, hand them to the publisher, and
/// return only when the hub has them durably. The endpoints add their protocol's words.
/// </summary>
public sealed class SpanIngest(
    BodyReader bodies, SpanPublisher publisher, RefusalLedger refusals, SpanCounters counters, TracingSettings settings, TimeProvider clock) : IDisposable
{
    /// <summary>The header of every answer that names the request's receipt (<c>GET /api/receipts/{id}</c>).</summary>
    public const string ReceiptHeader = "Span-Receipt";

    private static readonly ulong EarliestPlausibleNs = (ulong)TimeSpan.FromDays(365).Ticks * 100;
    private static readonly TimeSpan LatestPlausible = TimeSpan.FromDays(1);

    private readonly ConcurrentBag<IngestContext> _pool = [];
    private readonly DecodeSlots _slots = new(Environment.ProcessorCount * 2);

    /// <summary>Takes the spans of a request.</summary>
    /// <exception cref="RefusedException">None of them was accepted; what to answer.</exception>
    public async Task<DecodeResult> AcceptAsync(
        HttpRequest request, SpanProtocol protocol, SpanDecoding decode, CancellationToken cancellation)
    {
        var arrival = Arrive(request, protocol);
        try
        {
            using var body = await bodies.ReadAsync(request, cancellation);
            arrival.BodyLength = body.Length;
            return await AcceptAsync(arrival, body, decode, cancellation);
        }
        catch (RefusedException e)
        {
            await RefuseAsync(arrival, e);
            throw;
        }
    }

    /// <summary>Counts a request that an endpoint refuses before it looks at its body.</summary>
    public Task RefuseAsync(HttpRequest request, SpanProtocol protocol, RefusedException refused) =>
        RefuseAsync(Arrive(request, protocol), refused);

    private RequestArrival Arrive(HttpRequest request, SpanProtocol protocol)
    {
        var arrival = new RequestArrival(request, protocol, ReceiptId.New(clock.GetUtcNow()));
        request.HttpContext.Response.Headers[ReceiptHeader] = arrival.Id.ToString();
        return arrival;
    }

    private Task RefuseAsync(RequestArrival arrival, RefusedException refused)
    {
        counters.RequestRefused(arrival.Protocol, refused.Reason);
        return refusals.AddAsync(arrival, refused);
    }

    private async Task<DecodeResult> AcceptAsync(
        RequestArrival arrival, RequestBody body, SpanDecoding decode, CancellationToken cancellation)
    {
        DecodeResult result;
        int suspect;
        Publication publication;
        using (var slot = await _slots.EnterAsync(cancellation))
        {
            // There are never more of them than slots.
            if (!_pool.TryTake(out var context))
                context = new IngestContext();
            try
            {
                context.Batch.Reset(arrival.Protocol);
                context.ClientReport = null;
                context.Told = null;
                result = await DecodeAsync(body, decode, context, slot, cancellation);
                arrival.Spans = result.Accepted;
                suspect = MarkSuspectClocks(context.Batch);
                context.Writer.Write(context.Batch, context.Frames);
                context.Tally.Count(arrival.Id, context.Batch, context.Frames);
                arrival.Source = context.Tally.Single;
                body.Dispose();
                publication = await publisher.PublishAsync(context.Frames, context.Tally, Extra(arrival, context, result), cancellation);
            }
            catch (MalformedSpansException e)
            {
                arrival.KeepSample(body);
                throw new RefusedException(StatusCodes.Status400BadRequest, LedgerReason.Malformed, e.Message, inner: e);
            }
            catch (FramesTooLargeException e)
            {
                arrival.KeepSample(body);
                throw new RefusedException(StatusCodes.Status413PayloadTooLarge, LedgerReason.TooLarge, e.Message);
            }
            catch (RefusedException)
            {
                arrival.KeepSample(body);
                throw;
            }
            catch (PublishException e)
            {
                throw Refuse(e);
            }
            finally
            {
                // Now and not when it is used again: what a giant made it take is free at once.
                context.Batch.Reset(arrival.Protocol);
                context.Frames.Reset();
                context.Tally.Reset();
                context.Told = null;
                _pool.Add(context);
            }
        }

        await FinishAsync(arrival, publication);
        counters.SpansAccepted(arrival.Protocol, result, suspect);
        return result;
    }

    private async ValueTask<DecodeResult> DecodeAsync(
        RequestBody body, SpanDecoding decode, IngestContext context, DecodeSlots.Slot slot, CancellationToken cancellation)
    {
        if (body.Encoding.Length == 0)
            return decode(body.Bytes, context, settings.Decoding);
        using var decompressed = await bodies.DecompressAsync(body, slot, cancellation);
        return decode(decompressed.Bytes, context, settings.Decoding);
    }

    /// <inheritdoc/>
    public void Dispose() => _slots.Dispose();

    /// <summary>What the ledger is to know besides the accepted spans: those that were invalid, and what the client tells of itself.</summary>
    private static LedgerSection? Extra(RequestArrival arrival, IngestContext context, in DecodeResult result)
    {
        if (result.Rejected == 0 && context.ClientReport is null)
            return context.Told;
        var extra = context.Told ?? new LedgerSection();
        var source = arrival.Source ?? arrival.Sender;
        extra.Counts.Add(source, LedgerStage.Refused, LedgerReason.InvalidSpan, result.Rejected);
        if (context.ClientReport is { } report)
        {
            extra.Counts.Add(source, LedgerStage.ClientBatches, LedgerReason.None, 1);
            extra.Add(new LedgerClientReport(source, report.ClientId, report.SeqNo, report.Drops));
        }

        return extra;
    }

    private static async Task FinishAsync(RequestArrival arrival, Publication publication)
    {
        try
        {
            await publication.Sent;
            await publication.Told;
        }
        catch (PublishException e)
        {
            arrival.Spans = publication.FailedSpans;
            throw Refuse(e);
        }
        catch (SpanTooLargeException e)
        {
            arrival.Spans = publication.FailedSpans;
            throw new RefusedException(StatusCodes.Status413PayloadTooLarge, LedgerReason.TooLarge, e.Message);
        }
    }

    private static RefusedException Refuse(PublishException e) => new(
        StatusCodes.Status503ServiceUnavailable,
        e.InnerException is null ? LedgerReason.Overloaded : LedgerReason.Unavailable, e.Message, e.RetryAfterSeconds);

    /// <summary>A clock that is far off makes a span hard to find, not false: it is kept, marked and counted.</summary>
    private int MarkSuspectClocks(SpanBatch batch)
    {
        var suspect = 0;
        var latest = (ulong)(clock.GetUtcNow() + LatestPlausible - DateTimeOffset.UnixEpoch).Ticks * 100;
        for (var i = 0; i < batch.SpanCount; i++)
        {
            ref var span = ref batch.Span(i);
            if ((span.Marks & SpanMarks.NoStart) != 0 || (span.StartNs >= EarliestPlausibleNs && span.StartNs <= latest))
                continue;
            span.Marks |= SpanMarks.ClockSuspect;
            suspect++;
        }

        return suspect;
    }
}
