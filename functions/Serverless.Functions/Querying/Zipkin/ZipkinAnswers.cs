using System.Text;
using Microsoft.AspNetCore.Http;
using Serverless.Functions.Ingest;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Zipkin;

namespace Serverless.Functions.Querying.Zipkin;

/// <summary>The answers of Zipkin's API.</summary>
internal static class ZipkinAnswers
{
    // Zipkin lets browsers keep names once there are enough of them: who has just begun wants to see each new one.
    private const int FewNames = 3;
    private const string CacheNames = "max-age=300, must-revalidate";

    /// <summary>Runs a query; where it fails, plain text tells why.</summary>
    public static async Task<IResult> AnswerAsync(Func<Task<IResult>> answer) =>
        new ZipkinResult(await QueryFailures.AnswerAsync(answer, Failure));

    /// <summary>A failed request.</summary>
    public static IResult Failure(int status, string message, int retryAfterSeconds = 0) =>
        new ZipkinResult(new ProtocolResult(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(message), retryAfterSeconds), message);

    /// <summary>A list of names.</summary>
    /// <param name="names">The names.</param>
    /// <param name="knownCount">How many services, or values, there are, on which it depends whether browsers keep the list.</param>
    public static IResult Names(IReadOnlyList<string> names, int knownCount) =>
        new JsonAnswer(JsonAnswer.Whole(json =>
        {
            json.WriteStartArray();
            foreach (var name in names)
                json.WriteStringValue(name);
            json.WriteEndArray();
        }))
        {
            Header = knownCount > FewNames ? ("Cache-Control", CacheNames) : null,
        };

    /// <summary>The list of keys that values can be asked for, which browsers always keep.</summary>
    public static IResult Keys(IReadOnlyList<string> keys) => Names(keys, int.MaxValue);

    /// <summary>One trace.</summary>
    /// <param name="trace">The trace; not empty. What there is to say about it can only be said in a header.</param>
    /// <param name="timeLimit">How long sending it may take where it is large.</param>
    public static IResult Trace(TraceStream trace, (TimeSpan Most, TimeProvider Clock) timeLimit) =>
        new JsonAnswer(pieces => WriteAsync(pieces, trace.ReadWithoutCircles()))
        {
            Header = Warning(trace.Warning ?? trace.WidthWarning),
            TimeLimit = trace.Whole is null ? timeLimit : null,
        };

    /// <summary>A list of traces, each read when its turn has come; empty ones, on which Zipkin's page would fail, are left out.</summary>
    /// <param name="traces">The traces.</param>
    /// <param name="spansOf">What is shown of each.</param>
    /// <param name="warning">What there is to say about them, for which the answer has no place but a header; null for nothing.</param>
    /// <param name="timeLimit">How long sending it may take.</param>
    public static IResult Traces(
        IAsyncEnumerable<TraceStream> traces, Func<TraceStream, IEnumerable<Span>> spansOf, string? warning, (TimeSpan Most, TimeProvider Clock) timeLimit) =>
        new JsonAnswer(async pieces =>
        {
            pieces.Json.WriteStartArray();
            await foreach (var trace in traces)
            {
                if (!trace.IsEmpty)
                    await WriteAsync(pieces, spansOf(trace));
            }

            pieces.Json.WriteEndArray();
        })
        {
            Header = Warning(warning),
            TimeLimit = timeLimit,
        };

    /// <summary>A list without traces.</summary>
    public static IResult NoTraces() => JsonAnswer.Of(json =>
    {
        json.WriteStartArray();
        json.WriteEndArray();
    });

    private static (string Name, string Value)? Warning(string? text) => text is null ? null : ("Warning", $"199 - \"{text}\"");

    private static async Task WriteAsync(JsonPieces pieces, IEnumerable<Span> trace)
    {
        pieces.Json.WriteStartArray();
        foreach (var span in trace)
        {
            ZipkinJsonWriter.WriteSpan(pieces.Json, span);
            await pieces.SendAsync();
        }

        pieces.Json.WriteEndArray();
    }
}
