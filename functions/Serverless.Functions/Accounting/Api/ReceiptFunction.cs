using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Querying;
using Serverless.Functions.Querying.Api;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting.Api;

/// <summary>Our own API: what became of a request, by the id that its answer's header <c>Span-Receipt</c> told.</summary>
public sealed class ReceiptFunction(ReceiptReader receipts, TracingSettings settings)
{
    /// <summary>Where the request's spans are, and since when; or that it was refused, and why.</summary>
    [Function("receipt")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/receipts/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        LedgerAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            _ = new ApiParameters(request.Query, []);
            var receipt = Parse(id);
            var parts = await receipts.FindAsync(receipt, cancellation);
            if (parts.Count > 0)
                return JsonAnswer.Of(json => Write(json, receipt, parts, settings.ExportsAnalytics));
            return await receipts.RefusedAsync(receipt, cancellation) is { } sample
                ? JsonAnswer.Of(json => WriteRefused(json, sample))
                : new ProblemAnswer(
                    ProblemType.NotFound,
                    $"No request {id} is in the hub or in the tables. It may have brought no spans, or have been refused without a sample kept; it is past retention; or too much waits to be assembled, then ask again later.");
        });

    /// <summary>Reads an id of a path.</summary>
    /// <exception cref="InvalidQueryException">It is none.</exception>
    internal static ReceiptId Parse(string id) => ReceiptId.TryParse(id, out var receipt)
        ? receipt
        : throw ApiParameters.Invalid("id", $"is the 24 hex digits that the header Span-Receipt told, not '{id}'");

    private static void Write(Utf8JsonWriter json, ReceiptId id, IReadOnlyList<ReceiptPart> all, bool isExported)
    {
        ReceiptPart[] parts = [.. all.Where(part => !part.IsResent)];
        var waiting = parts.Where(part => part.AssembledAt is null).Sum(part => (long)part.Spans);
        var stored = parts.Where(part => part is { IsQuarantined: false, AssembledAt: not null }).Sum(part => (long)part.Spans);
        var quarantined = parts.Where(part => part.IsQuarantined).Sum(part => (long)part.Spans);
        json.WriteStartObject();
        json.WriteString("id", id.ToString());
        LedgerAnswers.WriteTime(json, "receivedAt", id.Time);
        var finalized = parts.Where(part => part.FinalizedAt is not null).Sum(part => (long)part.Spans);
        json.WriteString(
            "status", quarantined > 0 ? "quarantined" : waiting > 0 ? "in_hub" : stored < parts[0].Accepted ? "partly_stored" : finalized < stored ? "stored" : isExported ? "exported" : "finalized");
        json.WriteNumber("accepted", parts[0].Accepted);
        json.WriteNumber("waiting", waiting);
        json.WriteNumber("stored", stored);
        json.WriteNumber("quarantined", quarantined);
        json.WriteNumber("finalized", finalized);
        json.WriteNumber("exported", isExported ? finalized : 0);
        json.WriteStartArray("events");
        foreach (var part in all)
        {
            json.WriteStartObject();
            json.WriteString("partition", part.Partition);
            json.WriteNumber("sequence", part.Sequence);
            json.WriteNumber("spans", part.Spans);
            if (part.IsResent)
                json.WriteBoolean("resent", true);
            LedgerAnswers.WriteTime(json, "enqueuedAt", part.EnqueuedAt);
            if (part.AssembledAt is { } assembledAt)
                LedgerAnswers.WriteTime(json, part.IsQuarantined ? "quarantinedAt" : "storedAt", assembledAt);
            if (part.FinalizedAt is { } finalizedAt)
            {
                LedgerAnswers.WriteTime(json, "finalizedAt", finalizedAt);
                // Spans are handed to analytics before the row that says so is written.
                if (isExported)
                    LedgerAnswers.WriteTime(json, "exportedAt", finalizedAt);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRefused(Utf8JsonWriter json, LedgerSample sample)
    {
        json.WriteStartObject();
        json.WriteString("id", sample.Id.ToString());
        LedgerAnswers.WriteTime(json, "receivedAt", sample.Id.Time);
        json.WriteString("status", "refused");
        json.WriteString("reason", LedgerWords.Of(sample.Reason));
        json.WriteNumber("httpStatus", sample.Status);
        json.WriteString("message", sample.Message);
        json.WriteEndObject();
    }
}
