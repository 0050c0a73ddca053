using Serverless.Functions.Buffering;
using Serverless.Functions.Ingest;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting;

/// <summary>
/// Tells the ledger of requests that are refused, before they are answered: counts of all, and of some the beginning of their
/// body. What one more refusal costs is bounded: counts are summed up, samples come a few at a time.
/// </summary>
public sealed class RefusalLedger(SpanPublisher publisher, TimeProvider clock)
{
    /// <summary>How long an answer waits at most until the refusal is durable.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(250);

    // Samples of one reason: so many at once, and then one a second.
    private const int SamplesAtOnce = 10;

    private readonly Lock _gate = new();
    private readonly Dictionary<LedgerReason, (double Left, long At)> _samples = [];

    /// <summary>Counts a refusal; returns when the hub has it, or when that takes too long: it is then sent later.</summary>
    internal async Task AddAsync(RequestArrival arrival, RefusedException refused)
    {
        var section = new LedgerSection();
        var source = arrival.Source ?? arrival.Sender;
        section.Counts.Add(source, LedgerStage.RefusedRequests, refused.Reason, 1);
        section.Counts.Add(source, LedgerStage.RefusedBytes, refused.Reason, Math.Max(arrival.BodyLength, 0));
        if (arrival.Refused is { } spans)
            section.Counts.Add(spans);
        else
            section.Counts.Add(source, LedgerStage.Refused, refused.Reason, arrival.Spans);
        if (refused.Reason is LedgerReason.Overloaded or LedgerReason.Unavailable)
        {
            // Nothing is wrong with the body.
        }
        else if (MayKeepSample(refused.Reason))
            section.Add(await SampleAsync(arrival, refused, source));
        else
            section.Counts.Add(source, LedgerStage.SamplesDropped, refused.Reason, 1);
        await Task.WhenAny(publisher.TellAsync(section), Task.Delay(LongestWait, clock));
    }

    private bool MayKeepSample(LedgerReason reason)
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            var (left, at) = _samples.GetValueOrDefault(reason, (SamplesAtOnce, now));
            left = Math.Min(SamplesAtOnce, left + clock.GetElapsedTime(at, now).TotalSeconds);
            var may = left >= 1;
            _samples[reason] = (may ? left - 1 : left, now);
            return may;
        }
    }

    private async Task<LedgerSample> SampleAsync(RequestArrival arrival, RefusedException refused, LedgerSource source)
    {
        var request = arrival.Request;
        var body = arrival.FirstBytes.Length > 0 ? arrival.FirstBytes : BodyReader.FirstBytesOf(refused);
        // By these it was refused before anybody read it.
        if (body.Length == 0 && refused.Reason is LedgerReason.UnsupportedType or LedgerReason.Encoding)
            body = await BodyReader.PeekAsync(request, clock);
        return new LedgerSample
        {
            Id = arrival.Id,
            Source = source,
            Reason = refused.Reason,
            Status = refused.Status,
            Message = refused.Message,
            Path = request.Path.Value ?? "",
            ContentType = request.ContentType ?? "",
            ContentEncoding = request.Headers.ContentEncoding.ToString(),
            BodyLength = arrival.BodyLength,
            Body = body,
        };
    }
}
