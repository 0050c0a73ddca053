using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Assembling;
using Serverless.Functions.Buffering;
using Serverless.Functions.Ingest;
using Serverless.Functions.Querying;
using Serverless.Functions.Querying.Api;
using Serverless.Tracing.Frames;

namespace Serverless.Functions.Accounting.Api;

/// <summary>Our own API: events that could not be decoded, to be looked at, and sent again once they can.</summary>
public sealed class QuarantineFunctions(QuarantineReader quarantine, SpanHub hub)
{
    private const int DefaultLimit = 100;
    private const int MostLimit = 1_000;

    /// <summary>The events in quarantine, the newest day first.</summary>
    [Function("quarantine")]
    public Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/quarantine")] HttpRequest request, CancellationToken cancellation) =>
        LedgerAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            var parameters = new ApiParameters(request.Query, [], "limit");
            var events = await quarantine.ListAsync(parameters.Number("limit", DefaultLimit, 1, MostLimit), cancellation);
            return JsonAnswer.Of(json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("events");
                foreach (var quarantined in events)
                    Write(json, quarantined);
                json.WriteEndArray();
                json.WriteEndObject();
            });
        });

    /// <summary>An event's bytes, as the hub had them.</summary>
    [Function("quarantine-event")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/quarantine/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        LedgerAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            _ = new ApiParameters(request.Query, []);
            return await quarantine.ReadAsync(Parse(id), cancellation) is { } found
                ? new ProtocolResult(StatusCodes.Status200OK, "application/octet-stream", found.Body)
                : NotFound(id);
        });

    /// <summary>Sends an event again, if it can be decoded now, once.</summary>
    [Function("quarantine-replay")]
    public Task<IResult> ReplayAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/quarantine/{id}/replay")] HttpRequest request, string id, CancellationToken cancellation) =>
        LedgerAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            _ = new ApiParameters(request.Query, []);
            var key = Parse(id);
            if (await quarantine.ReadAsync(key, cancellation) is not { } found)
                return NotFound(id);
            if (found.ReplayedAt is { } before)
                return new ProblemAnswer(ProblemType.NotPossible, $"Event {id} was sent again already, at {before:O}.");
            if (!(await hub.PartitionIdsAsync(cancellation)).Contains(key.Partition))
                return new ProblemAnswer(ProblemType.NotPossible, $"Event {id} is none of the hub {SpanHub.Name}.");
            int spans;
            try
            {
                spans = CountSpans(found.Body);
            }
            catch (FrameFormatException e)
            {
                return new ProblemAnswer(ProblemType.NotPossible, $"Event {id} still cannot be decoded: {e.Message}");
            }

            if (!await hub.TrySendAsync(key.Partition, found.Body, cancellation))
                return new ProblemAnswer(ProblemType.NotPossible, $"Event {id} is larger than the hub takes.");
            await quarantine.MarkReplayedAsync(key, cancellation);
            return JsonAnswer.Of(json =>
            {
                json.WriteStartObject();
                json.WriteString("id", id);
                json.WriteNumber("spans", spans);
                json.WriteEndObject();
            });
        });

    /// <summary>Deletes an event that nobody needs any more; the ledger goes on to count its spans as quarantined. 204.</summary>
    [Function("quarantine-delete")]
    public Task<IResult> DeleteAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "delete", Route = "api/quarantine/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        LedgerAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            _ = new ApiParameters(request.Query, []);
            return await quarantine.DeleteAsync(Parse(id), cancellation) ? Results.NoContent() : NotFound(id);
        });

    /// <summary>Reads an event to its end as the assembler does, and marks it as sent again: its spans were counted as accepted when it came first.</summary>
    private static int CountSpans(byte[] body)
    {
        var payload = Array.Empty<byte>();
        var content = EventEnvelope.Read(body, ref payload);
        var reader = new FrameReader();
        reader.Open(payload.AsMemory(0, content.FrameBytes));
        var spans = 0;
        while (reader.ReadFrame())
        {
            while (reader.ReadSpan(out _))
                spans++;
        }

        if (content.Id != 0)
            EventEnvelope.SetAttempt(body, EventEnvelope.Requeued);
        return spans;
    }

    private static QuarantineId Parse(string id) => QuarantineId.TryParse(id, out var key)
        ? key
        : throw ApiParameters.Invalid("id", $"is one that /api/quarantine lists, not '{id}'");

    private static ProblemAnswer NotFound(string id) => new(ProblemType.NotFound, $"No event {id} is in quarantine; it may be past its retention.");

    private static void Write(Utf8JsonWriter json, QuarantinedEvent quarantined)
    {
        json.WriteStartObject();
        json.WriteString("id", quarantined.Id.ToString());
        json.WriteString("partition", quarantined.Id.Partition);
        json.WriteNumber("sequence", quarantined.Id.Sequence);
        json.WriteString("reason", quarantined.Note.Reason);
        LedgerAnswers.WriteTime(json, "quarantinedAt", quarantined.Note.QuarantinedAt);
        LedgerAnswers.WriteTime(json, "enqueuedAt", quarantined.Note.EnqueuedAt);
        json.WriteNumber("bytes", quarantined.Note.Bytes);
        json.WriteNumber("spans", quarantined.Note.Spans);
        json.WriteStartArray("senders");
        foreach (var source in quarantined.Note.Sources)
            json.WriteStringValue(source);
        json.WriteEndArray();
        if (quarantined.ReplayedAt is { } at)
            LedgerAnswers.WriteTime(json, "replayedAt", at);
        json.WriteEndObject();
    }
}
