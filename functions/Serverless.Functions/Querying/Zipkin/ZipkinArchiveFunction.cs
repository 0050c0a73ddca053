using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Ingest;

namespace Serverless.Functions.Querying.Zipkin;

/// <summary>
/// Keeps a trace beyond retention for Zipkin's page, where <c>Tracing:ZipkinPage:ArchivePostUrl</c> is set to this path.
/// </summary>
public sealed class ZipkinArchiveFunction(BodyReader bodies, TraceReader traces, TracingSettings settings)
{
    /// <summary>
    /// Takes a trace as Zipkin's JSON v2, and keeps the stored trace of its first span's id: what is posted beside the id changes nothing. 202, for the
    /// page takes 200 for a failure; 404 where there is no such trace.
    /// </summary>
    [Function("zipkin-archive")]
    public Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "zipkin/api/v2/archive")] HttpRequest request, CancellationToken cancellation) =>
        ZipkinAnswers.AnswerAsync(async () =>
        {
            try
            {
                using var body = await bodies.ReadAsync(request, cancellation);
                var id = ZipkinTraceId.Parse(TraceIdOf(body), out var normalized);
                return await traces.ArchiveAsync(id, StrictTraceId.Of(request.Query, settings), cancellation)
                    ? new ProtocolResult(StatusCodes.Status202Accepted)
                    : ZipkinAnswers.Failure(StatusCodes.Status404NotFound, $"{normalized} not found");
            }
            catch (RefusedException e)
            {
                return ZipkinAnswers.Failure(e.Status, e.Message, e.RetryAfterSeconds);
            }
        });

    private static string TraceIdOf(RequestBody body)
    {
        try
        {
            using var json = JsonDocument.Parse(body.AsStream());
            if (json.RootElement.ValueKind == JsonValueKind.Array && json.RootElement.GetArrayLength() > 0
                && json.RootElement[0] is { ValueKind: JsonValueKind.Object } first
                && first.TryGetProperty("traceId", out var id) && id.ValueKind == JsonValueKind.String)
                return id.GetString()!;
        }
        catch (JsonException e)
        {
            throw new InvalidQueryException($"the trace is no JSON: {e.Message}");
        }

        throw new InvalidQueryException("the trace is no list of spans with a traceId");
    }
}
