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
    private const int FewServices = 3;
    private const string CacheNames = "max-age=300, must-revalidate";

    /// <summary>Runs a query; where it fails, plain text tells why.</summary>
    public static Task<IResult> AnswerAsync(Func<Task<IResult>> answer) => QueryFailures.AnswerAsync(answer, Failure);

    /// <summary>A failed request.</summary>
    public static IResult Failure(int status, string message, int retryAfterSeconds = 0) =>
        new ProtocolResult(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(message), retryAfterSeconds);

    /// <summary>A list of names.</summary>
    /// <param name="names">The names.</param>
    /// <param name="serviceCount">How many services there are, on which it depends whether browsers keep the list.</param>
    public static IResult Names(IReadOnlyList<string> names, int serviceCount) =>
        new JsonAnswer(JsonAnswer.Whole(json =>
        {
            json.WriteStartArray();
            foreach (var name in names)
                json.WriteStringValue(name);
            json.WriteEndArray();
        }))
        {
            Header = serviceCount > FewServices ? ("Cache-Control", CacheNames) : null,
        };

    /// <summary>One trace.</summary>
    /// <param name="trace">The trace; not empty. That it is cut can only be said in a header.</param>
    /// <param name="timeLimit">How long sending it may take.</param>
    public static IResult Trace(TraceStream trace, (TimeSpan Most, TimeProvider Clock) timeLimit) =>
        new JsonAnswer(pieces => WriteAsync(pieces, trace.Read(splitsShared: false)))
        {
            Header = trace.Warning is { } warning ? ("Warning", $"199 - \"{warning}\"") : null,
            TimeLimit = timeLimit,
        };

    /// <summary>A list of traces; empty ones, on which Zipkin's page would fail, are left out.</summary>
    /// <param name="traces">The traces.</param>
    /// <param name="isComplete">False where there may be more: the answer has no place for it but a header.</param>
    public static IResult Traces(IReadOnlyList<IReadOnlyList<Span>> traces, bool isComplete) =>
        new JsonAnswer(async pieces =>
        {
            pieces.Json.WriteStartArray();
            foreach (var trace in traces)
            {
                if (trace.Count > 0)
                    await WriteAsync(pieces, trace);
            }

            pieces.Json.WriteEndArray();
        })
        {
            Header = isComplete ? null : ("Warning", $"199 - \"{QueryFailures.Incomplete}\""),
        };

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
