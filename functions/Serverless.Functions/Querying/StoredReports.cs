using Serverless.Functions.Finalizing;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying;

/// <summary>What one batch brought of a trace.</summary>
/// <param name="Row">The day and the batch.</param>
/// <param name="WrittenAt">When it was stored, by the storage's clock; a replay stores it anew.</param>
/// <param name="Spans">The reports, as they came.</param>
public sealed record StoredReports(IncludedBatch Row, DateTimeOffset WrittenAt, IReadOnlyList<Span> Spans)
{
    /// <summary>The same as <see cref="TraceJudge"/> takes it.</summary>
    public SpanArrivals Arrivals => new((ulong)Math.Max(0, (WrittenAt - DateTimeOffset.UnixEpoch).Ticks) * 100, Spans);

    /// <summary>Whether a report in it was stored that long after its span's end.</summary>
    internal bool HasLate(TimeSpan lateAfter)
    {
        var latest = (Int128)(WrittenAt - DateTimeOffset.UnixEpoch - lateAfter).Ticks * 100;
        foreach (var span in Spans)
        {
            if (span.HasStart && (Int128)span.StartNs + Math.Max(0, span.DurationNs) < latest)
                return true;
        }

        return false;
    }
}
