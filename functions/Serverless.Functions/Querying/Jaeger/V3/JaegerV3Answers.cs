using Microsoft.AspNetCore.Http;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Jaeger;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Functions.Querying.Jaeger.V3;

/// <summary>The answers of Jaeger's API v3.</summary>
internal static class JaegerV3Answers
{
    /// <summary>What a search or an id without traces is answered with, together with 404.</summary>
    public const string NotFound = "No traces found";

    private const int SpansPerPiece = 1_000;

    /// <summary>Runs a query and answers its failure.</summary>
    public static Task<IResult> AnswerAsync(Func<Task<IResult>> answer) => QueryFailures.AnswerAsync(answer, Failure);

    /// <summary>A failed request. Jaeger's page never reads the body and shows the status line, so that the message is there too.</summary>
    public static IResult Failure(int status, string message, int retryAfterSeconds = 0) =>
        new JsonAnswer(JsonAnswer.Whole(json => JaegerJsonEnvelope.WriteV3Failure(json, status, message)))
        {
            Status = status,
            Reason = message,
            ContentType = "text/plain; charset=utf-8",
            RetryAfterSeconds = retryAfterSeconds,
        };

    /// <summary>A trace as OTLP.</summary>
    public static IResult Trace(JaegerTraces.ShownTrace shown) =>
        new JsonAnswer(async pieces =>
        {
            pieces.Json.WriteStartObject();
            pieces.Json.WriteStartObject("result"u8);
            pieces.Json.WriteStartArray("resourceSpans"u8);
            await WriteAsync(pieces, shown);
            pieces.Json.WriteEndArray();
            pieces.Json.WriteEndObject();
            pieces.Json.WriteEndObject();
        });

    /// <summary>Traces as OTLP, all in one list, each read and made when its turn has come.</summary>
    /// <param name="traces">The traces, at least one.</param>
    /// <param name="show">Makes of a trace that is not large what is shown.</param>
    /// <param name="showLarge">Makes of a large one what is shown.</param>
    /// <param name="isComplete">False where there may be more.</param>
    /// <param name="timeLimit">How long that may take.</param>
    public static IResult Traces(
        IAsyncEnumerable<TraceStream> traces,
        Func<TraceStream, JaegerTraces.ShownTrace> show,
        Func<TraceStream, LargeJaegerTrace> showLarge,
        bool isComplete,
        (TimeSpan Most, TimeProvider Clock) timeLimit) =>
        new JsonAnswer(async pieces =>
        {
            pieces.Json.WriteStartObject();
            pieces.Json.WriteStartObject("result"u8);
            pieces.Json.WriteStartArray("resourceSpans"u8);
            await foreach (var trace in traces)
            {
                if (trace.Whole is not null)
                    await WriteAsync(pieces, show(trace));
                else
                    await WriteAsync(pieces, showLarge(trace));
            }

            pieces.Json.WriteEndArray();
            pieces.Json.WriteEndObject();
            pieces.Json.WriteEndObject();
        })
        {
            Header = isComplete ? null : Incomplete,
            TimeLimit = timeLimit,
        };

    /// <summary>A large trace as OTLP, sent while it is written, in pieces that each name their resources.</summary>
    /// <param name="trace">The trace; not empty.</param>
    /// <param name="timeLimit">How long that may take.</param>
    public static IResult Large(LargeJaegerTrace trace, (TimeSpan Most, TimeProvider Clock) timeLimit) =>
        new JsonAnswer(async pieces =>
        {
            pieces.Json.WriteStartObject();
            pieces.Json.WriteStartObject("result"u8);
            pieces.Json.WriteStartArray("resourceSpans"u8);
            await WriteAsync(pieces, trace);
            pieces.Json.WriteEndArray();
            pieces.Json.WriteEndObject();
            pieces.Json.WriteEndObject();
        })
        {
            Header = trace.Lack is { } lack ? ("Warning", $"199 - \"{lack}\"") : null,
            TimeLimit = timeLimit,
        };

    private static async Task WriteAsync(JsonPieces pieces, JaegerTraces.ShownTrace shown)
    {
        OtlpJsonWriter.WriteResourceSpans(pieces.Json, shown.Spans, shown.WarningsOf);
        await pieces.SendAsync();
    }

    private static async Task WriteAsync(JsonPieces pieces, LargeJaegerTrace large)
    {
        var warnings = new Dictionary<Span, IReadOnlyList<string>>();
        foreach (var some in large.Spans.Chunk(SpansPerPiece))
        {
            warnings.Clear();
            foreach (var (span, ofSpan) in some)
            {
                if (ofSpan is not null)
                    warnings.Add(span, ofSpan);
            }

            OtlpJsonWriter.WriteResourceSpans(pieces.Json, Array.ConvertAll(some, one => one.Span), warnings.GetValueOrDefault);
            await pieces.SendAsync();
        }
    }

    /// <summary>The header of a search that may have missed traces: the bodies have no place for it.</summary>
    public static (string Name, string Value) Incomplete => ("Warning", $"199 - \"{QueryFailures.Incomplete}\"");
}
