using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Buffering;
using Serverless.Functions.Querying;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Operations;

/// <summary>Says for each thing that the system depends on whether it works. 200 where all do, else 503.</summary>
public sealed class HealthFunction(SpanHub hub, SpanPublisher publisher, TableStorage storage, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Asks each dependency.</summary>
    [Function("health")]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health")] HttpRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        var checks = await Task.WhenAll(
            CheckAsync("hub", AskHubAsync, cancellation),
            CheckAsync("tables", AskTablesAsync, cancellation));
        var isUp = Array.TrueForAll(checks, check => check.Status == DependencyHealth.Up);
        if (isUp)
            return Results.Json(new { status = DependencyHealth.Up, dependencies = checks });
        var down = checks.Where(check => check.Status != DependencyHealth.Up).Select(check => $"{check.Name}: {check.Detail}");
        return new ProblemAnswer(ProblemType.Unhealthy, string.Join(' ', down))
        {
            RetryAfterSeconds = QueryFailures.RetryAfterSeconds,
            Further = json =>
            {
                json.WritePropertyName("dependencies"u8);
                JsonSerializer.Serialize(json, checks, JsonSerializerOptions.Web);
            },
        };
    }

    private async Task<string> AskHubAsync(CancellationToken cancellation)
    {
        long events = 0;
        var partitions = await hub.PartitionIdsAsync(cancellation);
        foreach (var partition in partitions)
            events += await hub.LastSequenceNumberAsync(partition, cancellation) + 1;
        return $"{partitions.Count} partitions, {events} events so far, {publisher.PendingBytes} bytes waiting to be sent";
    }

    private async Task<string> AskTablesAsync(CancellationToken cancellation)
    {
        var tables = await storage.TablesAsync(cancellation);
        return $"{tables.Count} tables";
    }

    private async Task<DependencyHealth> CheckAsync(
        string name, Func<CancellationToken, Task<string>> ask, CancellationToken cancellation)
    {
        var start = clock.GetTimestamp();
        string status;
        string detail;
        try
        {
            detail = await ask(cancellation).WaitAsync(Patience, clock, cancellation);
            status = DependencyHealth.Up;
        }
        catch (Exception e) when (e is HubException or StorageException or TimeoutException)
        {
            detail = e is TimeoutException ? $"No answer within {Patience.TotalSeconds:0} s." : e.Message;
            status = DependencyHealth.Down;
        }

        return new DependencyHealth(name, status, detail, Math.Round(clock.GetElapsedTime(start).TotalMilliseconds, 3));
    }
}
