using Microsoft.AspNetCore.Http;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>The answers of Jaeger's legacy API.</summary>
internal static class JaegerAnswers
{
    private static readonly string[] TruncatedWarning = ["Parts of this span were over a limit and were cut off."];
    private static readonly string[] ClockWarning = ["The sender's clock was far off when this span was made."];
    private static readonly string[] BothWarnings = [.. TruncatedWarning, .. ClockWarning];

    /// <summary>Runs a query; where it fails, the envelope without data tells why.</summary>
    public static Task<IResult> AnswerAsync(Func<Task<IResult>> answer) => QueryFailures.AnswerAsync(answer, Failure);

    /// <summary>A failed request: Jaeger's JSON, which it calls plain text.</summary>
    public static IResult Failure(int status, string message, int retryAfterSeconds = 0) =>
        new JsonAnswer(JsonAnswer.Whole(json => JaegerJsonEnvelope.WriteFailure(json, new JaegerError(status, message))))
        {
            Status = status,
            ContentType = "text/plain; charset=utf-8",
            RetryAfterSeconds = retryAfterSeconds,
        };

    /// <summary>Traces, each sent when it is written.</summary>
    /// <param name="traces">The traces; empty ones are left out.</param>
    /// <param name="errors">What could not be had.</param>
    /// <param name="isRaw">Leaves the spans as they were sent; else shared spans are told apart.</param>
    /// <param name="isPretty">Lays the JSON out for people.</param>
    public static IResult Traces(IReadOnlyList<IReadOnlyList<Span>> traces, IReadOnlyList<JaegerError> errors, bool isRaw, bool isPretty) =>
        new JsonAnswer(async pieces =>
        {
            JaegerJsonEnvelope.Begin(pieces.Json);
            pieces.Json.WriteStartArray();
            foreach (var trace in traces)
            {
                if (trace.Count == 0)
                    continue;
                JaegerJsonWriter.WriteTrace(pieces.Json, isRaw ? trace : SharedSpanSplitter.Split(trace), Warnings);
                await pieces.SendAsync();
            }

            pieces.Json.WriteEndArray();
            JaegerJsonEnvelope.End(pieces.Json, 0, errors);
        })
        {
            IsIndented = isPretty,
        };

    /// <summary>One trace, sent while it is written.</summary>
    /// <param name="trace">The trace; not empty.</param>
    /// <param name="isRaw">Leaves the spans as they were sent; else shared spans are told apart.</param>
    /// <param name="isPretty">Lays the JSON out for people.</param>
    /// <param name="timeLimit">How long that may take.</param>
    public static IResult Trace(TraceStream trace, bool isRaw, bool isPretty, (TimeSpan Most, TimeProvider Clock) timeLimit) =>
        new JsonAnswer(async pieces =>
        {
            JaegerJsonEnvelope.Begin(pieces.Json);
            pieces.Json.WriteStartArray();
            var writer = new JaegerTraceWriter(pieces.Json, trace.TraceId);
            foreach (var span in trace.Read(splitsShared: !isRaw))
            {
                writer.WriteSpan(span, Warnings(span));
                await pieces.SendAsync();
            }

            writer.End(trace.Warning is { } warning ? [warning] : null);
            pieces.Json.WriteEndArray();
            JaegerJsonEnvelope.End(pieces.Json);
        })
        {
            IsIndented = isPretty,
            TimeLimit = timeLimit,
        };

    private static string[]? Warnings(Span span) => (span.Marks & (SpanMarks.Truncated | SpanMarks.ClockSuspect)) switch
    {
        SpanMarks.None => null,
        SpanMarks.Truncated => TruncatedWarning,
        SpanMarks.ClockSuspect => ClockWarning,
        _ => BothWarnings,
    };
}
