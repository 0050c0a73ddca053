using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Serverless.Functions.Accounting;
using Serverless.Functions.Buffering;
using Serverless.Tracing.Frames;
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
    BodyReader bodies, SpanPublisher publisher, SpanCounters counters, TracingSettings settings, TimeProvider clock) : IDisposable
{
    private static readonly ulong EarliestPlausibleNs = (ulong)TimeSpan.FromDays(365).Ticks * 100;
    private static readonly TimeSpan LatestPlausible = TimeSpan.FromDays(1);

    private readonly ConcurrentBag<IngestContext> _pool = [];
    private readonly DecodeSlots _slots = new(Environment.ProcessorCount * 2);

    /// <summary>Takes the spans of a request.</summary>
    /// <exception cref="RefusedException">None of them was accepted; what to answer.</exception>
    public async Task<DecodeResult> AcceptAsync(
        HttpRequest request, SpanProtocol protocol, SpanDecoding decode, CancellationToken cancellation)
    {
        try
        {
            using var body = await bodies.ReadAsync(request, cancellation);
            return await AcceptAsync(body, protocol, decode, cancellation);
        }
        catch (RefusedException e)
        {
            counters.RequestRefused(protocol, e.Reason);
            throw;
        }
    }

    private async Task<DecodeResult> AcceptAsync(
        RequestBody body, SpanProtocol protocol, SpanDecoding decode, CancellationToken cancellation)
    {
        DecodeResult result;
        int suspect;
        Task published;
        using (var slot = await _slots.EnterAsync(cancellation))
        {
            // There are never more of them than slots.
            if (!_pool.TryTake(out var context))
                context = new IngestContext();
            try
            {
                context.Batch.Reset(protocol);
                result = await DecodeAsync(body, decode, context, slot, cancellation);
                suspect = MarkSuspectClocks(context.Batch);
                context.Writer.Write(context.Batch, context.Frames);
                body.Dispose();
                published = await publisher.PublishAsync(context.Frames, cancellation);
            }
            catch (MalformedSpansException e)
            {
                throw new RefusedException(StatusCodes.Status400BadRequest, RefusalReasons.Malformed, e.Message, inner: e);
            }
            catch (FramesTooLargeException e)
            {
                throw new RefusedException(StatusCodes.Status413PayloadTooLarge, RefusalReasons.TooLarge, e.Message);
            }
            catch (PublishException e)
            {
                throw Refuse(e);
            }
            finally
            {
                // Now and not when it is used again: what a giant made it take is free at once.
                context.Batch.Reset(protocol);
                context.Frames.Reset();
                _pool.Add(context);
            }
        }

        await FinishAsync(published);
        counters.SpansAccepted(protocol, result, suspect);
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

    private static async Task FinishAsync(Task published)
    {
        try
        {
            await published;
        }
        catch (PublishException e)
        {
            throw Refuse(e);
        }
        catch (SpanTooLargeException e)
        {
            throw new RefusedException(StatusCodes.Status413PayloadTooLarge, RefusalReasons.TooLarge, e.Message);
        }
    }

    private static RefusedException Refuse(PublishException e) => new(
        StatusCodes.Status503ServiceUnavailable,
        e.InnerException is null ? RefusalReasons.Overloaded : RefusalReasons.Unavailable, e.Message, e.RetryAfterSeconds);

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
