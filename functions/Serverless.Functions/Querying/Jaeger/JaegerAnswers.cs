using Microsoft.AspNetCore.Http;
using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>The answers of Jaeger's legacy API.</summary>
internal static class JaegerAnswers
{
    /// <summary>What an unknown trace is answered with.</summary>
    public const string NotFound = "trace not found";

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

    /// <summary>Success with nothing to tell: the page takes only JSON for it.</summary>
    public static IResult Done() => JsonAnswer.Of(json =>
    {
        JaegerJsonEnvelope.Begin(json);
        json.WriteStartArray();
        json.WriteEndArray();
        JaegerJsonEnvelope.EndWithoutErrors(json);
    });

    /// <summary>Traces, each made and sent when its turn has come.</summary>
    /// <param name="traces">The traces; empty ones are left out.</param>
    /// <param name="errors">What could not be had.</param>
    /// <param name="isPretty">Lays the JSON out for people.</param>
    public static IResult Traces(IEnumerable<JaegerTraces.ShownTrace> traces, IReadOnlyList<JaegerError> errors, bool isPretty) =>
        new JsonAnswer(async pieces =>
        {
            JaegerJsonEnvelope.Begin(pieces.Json);
            pieces.Json.WriteStartArray();
            foreach (var shown in traces)
                await WriteAsync(pieces, shown);

            pieces.Json.WriteEndArray();
            JaegerJsonEnvelope.End(pieces.Json, 0, errors);
        })
        {
            IsIndented = isPretty,
        };

    /// <summary>A large trace, sent while it is written.</summary>
    /// <param name="trace">The trace; not empty.</param>
    /// <param name="isPretty">Lays the JSON out for people.</param>
    /// <param name="timeLimit">How long that may take.</param>
    public static IResult Large(LargeJaegerTrace trace, bool isPretty, (TimeSpan Most, TimeProvider Clock) timeLimit) =>
        new JsonAnswer(async pieces =>
        {
            JaegerJsonEnvelope.Begin(pieces.Json);
            pieces.Json.WriteStartArray();
            await WriteAsync(pieces, trace);
            pieces.Json.WriteEndArray();
            JaegerJsonEnvelope.End(pieces.Json);
        })
        {
            IsIndented = isPretty,
            TimeLimit = timeLimit,
        };

    /// <summary>Traces, each read, made and sent when its turn has come.</summary>
    /// <param name="traces">The traces; empty ones are left out.</param>
    /// <param name="show">Makes of a trace that is not large what is shown.</param>
    /// <param name="showLarge">Makes of a large one what is shown.</param>
    /// <param name="errors">What could not be had; asked for when all traces are written.</param>
    /// <param name="isPretty">Lays the JSON out for people.</param>
    /// <param name="timeLimit">How long that may take.</param>
    public static IResult Traces(
        IAsyncEnumerable<TraceStream> traces,
        Func<TraceStream, JaegerTraces.ShownTrace> show,
        Func<TraceStream, LargeJaegerTrace> showLarge,
        IReadOnlyList<JaegerError> errors,
        bool isPretty,
        (TimeSpan Most, TimeProvider Clock) timeLimit) =>
        new JsonAnswer(async pieces =>
        {
            JaegerJsonEnvelope.Begin(pieces.Json);
            pieces.Json.WriteStartArray();
            await foreach (var trace in traces)
            {
                if (trace.Whole is not null)
                    await WriteAsync(pieces, show(trace));
                else if (!trace.IsEmpty)
                    await WriteAsync(pieces, showLarge(trace));
            }

            pieces.Json.WriteEndArray();
            JaegerJsonEnvelope.End(pieces.Json, 0, errors);
        })
        {
            IsIndented = isPretty,
            TimeLimit = timeLimit,
        };

    private static async Task WriteAsync(JsonPieces pieces, JaegerTraces.ShownTrace shown)
    {
        if (shown.Spans.Count == 0)
            return;
        JaegerJsonWriter.WriteTrace(pieces.Json, shown.Spans, shown.WarningsOf, shown.Warnings);
        await pieces.SendAsync();
    }

    private static async Task WriteAsync(JsonPieces pieces, LargeJaegerTrace large)
    {
        var writer = new JaegerTraceWriter(pieces.Json, large.TraceId);
        foreach (var (span, warnings) in large.Spans)
        {
            writer.WriteSpan(span, warnings);
            await pieces.SendAsync();
        }

        writer.End(large.Warnings);
    }
}
