using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Ingest;
using Serverless.Functions.Querying;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Sampling;

/// <summary>
/// Jaeger's remote sampling: clients ask every minute how to sample, of an agent (<c>/sampling</c>, port 5778) or a collector
/// (<c>/api/sampling</c>); whoever has the admin key says it.
/// </summary>
/// <remarks>
/// Samplers add their parameter to the address that they are given, and cannot send a header: they ask without a key. Texts
/// and JSON are those of Jaeger's internal/sampling/http.
/// </remarks>
public sealed class SamplingFunctions(SamplingStrategies strategies)
{
    private const string Parameter = "service";

    /// <summary>What an agent answers.</summary>
    [Function("sampling-agent")]
    public Task<IResult> GetFromAgentAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sampling")] HttpRequest request, CancellationToken cancellation) =>
        GetAsync(request, cancellation);

    /// <summary>What a collector answers.</summary>
    [Function("sampling")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/sampling")] HttpRequest request, CancellationToken cancellation) =>
        AnswerAsync(request, Error, async service =>
            new ProtocolResult(StatusCodes.Status200OK, "application/json", await strategies.JsonOfAsync(service, cancellation)));

    /// <summary>Sets a service's strategy, in the JSON that clients get; 204.</summary>
    [Function("sampling-set")]
    public Task<IResult> PutAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "put", Route = "api/sampling")] HttpRequest request, CancellationToken cancellation) =>
        AnswerAsync(request, Problem, async service =>
        {
            if (service.Length == 0)
                throw new InvalidStrategyException("'service' must not be empty; the default is the setting Tracing:Sampling:DefaultProbability.");
            await strategies.SetAsync(service, SamplingStrategyReader.Read(await BodyAsync(request, cancellation)), cancellation);
            return new ProtocolResult(StatusCodes.Status204NoContent);
        });

    /// <summary>Removes a service's strategy, if it has one; 204.</summary>
    [Function("sampling-remove")]
    public Task<IResult> DeleteAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "delete", Route = "api/sampling")] HttpRequest request, CancellationToken cancellation) =>
        AnswerAsync(request, Problem, async service =>
        {
            await strategies.RemoveAsync(service, cancellation);
            return new ProtocolResult(StatusCodes.Status204NoContent);
        });

    private static async Task<IResult> AnswerAsync(HttpRequest request, Func<int, string, int, IResult> fail, Func<string, Task<ProtocolResult>> answer)
    {
        var services = request.Query[Parameter];
        if (services.Count != 1)
            return fail(StatusCodes.Status400BadRequest, "'service' parameter must be provided once", 0);
        try
        {
            return await answer(services[0] ?? "");
        }
        catch (InvalidStrategyException e)
        {
            return fail(StatusCodes.Status400BadRequest, e.Message, 0);
        }
        catch (StorageException e)
        {
            return fail(StatusCodes.Status503ServiceUnavailable, $"collector error: {e.Message}", e.IsTransient ? QueryFailures.RetryAfterSeconds : 0);
        }
    }

    private static async Task<ReadOnlyMemory<byte>> BodyAsync(HttpRequest request, CancellationToken cancellation)
    {
        var body = new byte[SamplingStrategyReader.MaxBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellation);
        return length < body.Length
            ? body.AsMemory(0, length)
            : throw new InvalidStrategyException($"The body has more than {SamplingStrategyReader.MaxBytes} bytes.");
    }

    /// <summary>Jaeger has no such routes; they are our own, and so is the shape of their errors.</summary>
    private static IResult Problem(int status, string text, int retryAfterSeconds) =>
        new ProblemAnswer(
            status == StatusCodes.Status400BadRequest ? ProblemType.InvalidRequest
            : retryAfterSeconds > 0 ? ProblemType.StorageUnavailable : ProblemType.StorageRefused, text)
        {
            RetryAfterSeconds = retryAfterSeconds,
        };

    private static IResult Error(int status, string text, int retryAfterSeconds) =>
        new ProtocolResult(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text + "\n"), retryAfterSeconds);
}
