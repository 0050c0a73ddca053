using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Ingest;
using Serverless.Functions.Querying;
using Serverless.Functions.Querying.Api;
using Serverless.Functions.Storage;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting.Api;

/// <summary>Our own API: samples of refused requests, to be looked at, and sent again where all of the body was kept.</summary>
public sealed class RefusedFunctions(
    ReceiptReader receipts, TableStorage storage, DayTables tables, OtlpIngestFunction otlp, ZipkinIngestFunction zipkin, JaegerIngestFunction jaeger)
{
    private const int DefaultLimit = 100;
    private const int MostLimit = 1_000;
    private const int MostAnswerBytes = 4_096;

    /// <summary>Samples, the newest first.</summary>
    [Function("refused")]
    public Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/refused")] HttpRequest request, CancellationToken cancellation) =>
        LedgerAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            var parameters = new ApiParameters(request.Query, [], "limit", "reason");
            var limit = parameters.Number("limit", DefaultLimit, 1, MostLimit);
            var reason = parameters.Text("reason");
            var samples = new List<LedgerSample>();
            foreach (var day in await tables.DaysAsync(DayTables.Refused, cancellation))
            {
                await foreach (var row in storage.ReadAsync(DayTables.Name(DayTables.Refused, day), RefusedRows.Partition, "", null, limit, cancellation))
                {
                    var sample = LedgerSectionReader.ReadSample(row.Data);
                    if (reason is null || LedgerWords.Of(sample.Reason) == reason)
                        samples.Add(sample);
                    if (samples.Count == limit)
                        break;
                }

                if (samples.Count == limit)
                    break;
            }

            return JsonAnswer.Of(json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("refused");
                foreach (var sample in samples)
                    Write(json, sample);
                json.WriteEndArray();
                json.WriteEndObject();
            });
        });

    /// <summary>One sample.</summary>
    [Function("refused-request")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/refused/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        LedgerAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            _ = new ApiParameters(request.Query, []);
            return await receipts.RefusedAsync(ReceiptFunction.Parse(id), cancellation) is { } sample
                ? JsonAnswer.Of(json => Write(json, sample))
                : NotFound(id);
        });

    /// <summary>Sends a refused request again, where all of its body was kept; tells what it is answered with now.</summary>
    [Function("refused-replay")]
    public Task<IResult> ReplayAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/refused/{id}/replay")] HttpRequest request, string id, CancellationToken cancellation) =>
        LedgerAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            _ = new ApiParameters(request.Query, []);
            if (await receipts.RefusedAsync(ReceiptFunction.Parse(id), cancellation) is not { } sample)
                return NotFound(id);
            if (!sample.IsWhole)
                return new ProblemAnswer(ProblemType.NotPossible, $"Of the {sample.BodyLength} bytes of request {id} only {sample.Body.Length} are kept; it cannot be sent again.");
            var context = new DefaultHttpContext { RequestServices = request.HttpContext.RequestServices, RequestAborted = cancellation };
            context.Request.Method = HttpMethods.Post;
            context.Request.Path = sample.Path;
            context.Request.ContentType = sample.ContentType;
            context.Request.ContentLength = sample.Body.Length;
            context.Request.Headers.ContentEncoding = sample.ContentEncoding;
            context.Request.Headers.UserAgent = sample.Source.Sender;
            context.Request.Body = new MemoryStream(sample.Body, writable: false);
            var answer = new MemoryStream();
            context.Response.Body = answer;
            if (Send(context.Request, cancellation) is not { } sending)
                return new ProblemAnswer(ProblemType.NotPossible, $"Request {id} went to {sample.Path}, which takes no spans.");
            await (await sending).ExecuteAsync(context);
            var text = Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)Math.Min(answer.Length, MostAnswerBytes));
            return JsonAnswer.Of(json =>
            {
                json.WriteStartObject();
                json.WriteString("id", id);
                json.WriteNumber("httpStatus", context.Response.StatusCode);
                json.WriteString("receipt", context.Response.Headers[SpanIngest.ReceiptHeader].ToString());
                json.WriteString("answer", text);
                json.WriteEndObject();
            });
        });

    private Task<IResult>? Send(HttpRequest request, CancellationToken cancellation) => request.Path.Value?.Trim('/').ToLowerInvariant() switch
    {
        "v1/traces" => otlp.PostAsync(request, cancellation),
        "api/v2/spans" => zipkin.PostAsync(request, cancellation),
        "api/v1/spans" => zipkin.PostV1Async(request, cancellation),
        "api/traces" => jaeger.PostAsync(request, cancellation),
        _ => null,
    };

    private static ProblemAnswer NotFound(string id) => new(
        ProblemType.NotFound, $"No sample of a refused request {id} is kept: of many only some are, and they are dropped with their day.");

    private static void Write(Utf8JsonWriter json, LedgerSample sample)
    {
        json.WriteStartObject();
        json.WriteString("id", sample.Id.ToString());
        LedgerAnswers.WriteTime(json, "receivedAt", sample.Id.Time);
        json.WriteString("reason", LedgerWords.Of(sample.Reason));
        json.WriteNumber("httpStatus", sample.Status);
        json.WriteString("message", sample.Message);
        json.WriteString("protocol", sample.Source.Protocol.ToString().ToLowerInvariant());
        json.WriteString("service", sample.Source.Service);
        json.WriteString("sender", sample.Source.Sender);
        json.WriteString("path", sample.Path);
        json.WriteString("contentType", sample.ContentType);
        json.WriteString("contentEncoding", sample.ContentEncoding);
        json.WriteNumber("bodyLength", sample.BodyLength);
        json.WriteBoolean("isWhole", sample.IsWhole);
        json.WriteBase64String("body", sample.Body);
        json.WriteEndObject();
    }
}
