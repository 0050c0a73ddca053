using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions.Alerting.Delivery;
using Serverless.Functions.Alerting.Evaluation;
using Serverless.Functions.Alerting.Store;
using Serverless.Functions.Querying;

namespace Serverless.Functions.Alerting.Api;

/// <summary>What happened to alerts and messages, newest first.</summary>
public sealed class AlertHistoryFunction
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;

    // A page that filters by rule looks at that many entries at most, and says where it stopped.
    private const int MostRead = 5_000;

    private readonly AlertStore _store;
    private readonly TimeProvider _clock;

    /// <summary>Takes the parts.</summary>
    public AlertHistoryFunction(IServiceProvider services)
    {
        _store = services.GetRequiredService<AlertStore>();
        _clock = services.GetRequiredService<TimeProvider>();
    }

    /// <summary>The history; parameters limit, before (a time), rule.</summary>
    [Function("alert-history")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/alerts/history")] HttpRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        return AlertRequests.AnswerAsync(async () =>
        {
            var limit = AlertRequests.Number(request, "limit", DefaultLimit, 1, MaxLimit);
            var before = AlertRequests.Time(request, "before") ?? _clock.GetUtcNow().AddMinutes(1);
            var rule = request.Query["rule"].ToString();
            var entries = new List<HistoryEntry>();
            DateTimeOffset? next = null;
            var read = 0;
            await foreach (var entry in _store.HistoryAsync(before, cancellation))
            {
                var isWanted = rule.Length == 0 || entry.Changes.Any(change => change.Rule == rule);
                // A page ends between times, so that the next one misses nothing.
                if ((entries.Count >= limit || read >= MostRead) && entry.At != next)
                    return Answer(entries, next);
                if (isWanted)
                    entries.Add(entry);
                next = entry.At;
                read++;
            }

            return Answer(entries, null);
        });
    }

    private static JsonAnswer Answer(List<HistoryEntry> entries, DateTimeOffset? next) => JsonAnswer.Of(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("entries");
        foreach (var entry in entries)
        {
            json.WriteStartObject();
            json.WriteString("at", JsonBody.Time(entry.At));
            if (entry.Changes.Count > 0)
            {
                json.WriteStartArray("changes");
                foreach (var change in entry.Changes)
                    Write(json, change);
                json.WriteEndArray();
            }

            if (entry.Delivery is { } delivery)
                Write(json, delivery);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (next is not null)
            json.WriteString("before", JsonBody.Time(next));
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, AlertEvent change)
    {
        json.WriteStartObject();
        json.WriteString("rule", change.Rule);
        json.WriteString("from", Word(change.From));
        json.WriteString("to", Word(change.To));
        JsonBody.Labels(json, "labels", change.Labels);
        JsonBody.Labels(json, "annotations", change.Annotations);
        json.WriteString("value", PrometheusAnswers.Number(change.Value));
        if (change.SilencedBy is { } silence)
            json.WriteString("silencedBy", silence);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, DeliveryRecord delivery)
    {
        json.WriteStartObject("delivery");
        json.WriteString("id", delivery.Id);
        json.WriteString("receiver", delivery.Receiver);
        json.WriteNumber("alerts", delivery.Alerts);
        json.WriteNumber("attempts", delivery.Attempts);
        json.WriteString("outcome", delivery.Outcome);
        if (delivery.Error is { } error)
            json.WriteString("error", error);
        json.WriteEndObject();
    }

    internal static string Word(Serverless.Tracing.Alerting.AlertStatus status) => status.ToString().ToLowerInvariant();
}
