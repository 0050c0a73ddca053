using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions.Alerting.Delivery;
using Serverless.Functions.Alerting.Store;
using Serverless.Functions.Querying;

namespace Serverless.Functions.Alerting.Api;

/// <summary>Silences, in Alertmanager's shape: for a time, alerts with certain labels are not sent.</summary>
public sealed class SilenceFunctions
{
    private const int MaxMatchers = 20;
    private const int MaxTextLength = 1_000;

    private static readonly TimeSpan LongestSilence = TimeSpan.FromDays(366);

    private readonly AlertStore _store;
    private readonly TimeProvider _clock;

    /// <summary>Takes the parts.</summary>
    public SilenceFunctions(IServiceProvider services)
    {
        _store = services.GetRequiredService<AlertStore>();
        _clock = services.GetRequiredService<TimeProvider>();
    }

    /// <summary>All silences, those that ended in the time of the history included.</summary>
    [Function("silences")]
    public Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/alerts/silences")] HttpRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        return AlertRequests.AnswerAsync(async () =>
        {
            var silences = await _store.SilencesAsync(cancellation);
            var now = _clock.GetUtcNow();
            return JsonAnswer.Of(json =>
            {
                json.WriteStartArray();
                foreach (var silence in silences.OrderBy(s => s.EndsAt))
                    Write(json, silence, now);
                json.WriteEndArray();
            });
        });
    }

    /// <summary>Makes a silence; 201 with its id.</summary>
    [Function("silence-add")]
    public Task<IResult> AddAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "post", Route = "api/alerts/silences")] HttpRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        return AlertRequests.AnswerAsync(async () =>
        {
            var now = _clock.GetUtcNow();
            var silence = Check(await AlertRequests.BodyAsync<SilenceRecord>(request, cancellation), now);
            if ((await _store.SilencesAsync(cancellation)).Count(s => s.EndsAt > now) >= AlertStore.MaxSilences)
                return AlertProblem.Of(StatusCodes.Status409Conflict, $"There are {AlertStore.MaxSilences} silences, which is the most; end some that are no longer needed.");
            await _store.TryAddAsync(silence, cancellation);
            return new JsonAnswer(JsonAnswer.Whole(json => Write(json, silence, now))) { Status = StatusCodes.Status201Created };
        });
    }

    /// <summary>Ends a silence; 204.</summary>
    [Function("silence-end")]
    public Task<IResult> EndAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "delete", Route = "api/alerts/silences/{id}")] HttpRequest request, string id, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        return AlertRequests.AnswerAsync(async () => await _store.TryEndSilenceAsync(id, _clock.GetUtcNow(), cancellation)
            ? Results.NoContent()
            : AlertProblem.Of(StatusCodes.Status404NotFound, $"There is no silence {id}, or it has ended."));
    }

    private static SilenceRecord Check(SilenceRecord silence, DateTimeOffset now)
    {
        if (silence.Matchers is not { Count: > 0 and <= MaxMatchers } matchers || matchers.Any(m => m is not { Name.Length: > 0, Value: not null }))
            throw new AlertRequestException($"'matchers' must be 1 to {MaxMatchers} objects with name and value.");
        if (matchers.All(m => m is { IsEqual: true, Value: "" } or { IsRegex: true, Value: ".*" }))
            throw new AlertRequestException("'matchers' would match every alert; name at least one label with a value.");
        if (silence.EndsAt is not { } end)
            throw new AlertRequestException("'endsAt' is missing: a silence has an end.");
        var start = silence.StartsAt is { } given && given > now ? given : now;
        if (end <= start)
            throw new AlertRequestException($"'endsAt' is {JsonBody.Time(end)}, which is not after its start, {JsonBody.Time(start)}.");
        if (end - now > LongestSilence)
            throw new AlertRequestException($"'endsAt' is more than {LongestSilence.TotalDays} days ahead.");
        if (silence.Comment is not { Length: > 0 and <= MaxTextLength })
            throw new AlertRequestException($"'comment' must say why, in at most {MaxTextLength} characters.");
        if (silence.CreatedBy is not { Length: > 0 and <= MaxTextLength })
            throw new AlertRequestException($"'createdBy' must say who, in at most {MaxTextLength} characters.");
        try
        {
            var checkedOne = silence with { Id = Guid.CreateVersion7(now).ToString("N"), StartsAt = start };
            _ = checkedOne.ToSilence();
            return checkedOne;
        }
        catch (ArgumentException e)
        {
            throw new AlertRequestException(e.Message);
        }
    }

    private static void Write(Utf8JsonWriter json, SilenceRecord silence, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteString("id", silence.Id);
        json.WriteStartObject("status");
        json.WriteString("state", now >= silence.EndsAt ? "expired" : now < silence.StartsAt ? "pending" : "active");
        json.WriteEndObject();
        json.WriteStartArray("matchers");
        foreach (var matcher in silence.Matchers ?? [])
        {
            json.WriteStartObject();
            json.WriteString("name", matcher.Name);
            json.WriteString("value", matcher.Value);
            json.WriteBoolean("isRegex", matcher.IsRegex);
            json.WriteBoolean("isEqual", matcher.IsEqual);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("startsAt", JsonBody.Time(silence.StartsAt));
        json.WriteString("endsAt", JsonBody.Time(silence.EndsAt));
        json.WriteString("createdBy", silence.CreatedBy);
        json.WriteString("comment", silence.Comment);
        json.WriteEndObject();
    }
}
