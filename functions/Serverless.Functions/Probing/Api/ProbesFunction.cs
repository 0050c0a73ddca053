using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Accounting.Api;
using Serverless.Functions.Querying;
using Serverless.Functions.Querying.Api;

namespace Serverless.Functions.Probing.Api;

/// <summary>Our own API: the last probes, how many of them were complete, and how fast they became visible.</summary>
public sealed class ProbesFunction(ProbeStore store, TracingSettings settings, TimeProvider clock)
{
    private const int DefaultLimit = 60;
    private const int MostLimit = 1_000;

    /// <summary>The last probes whose result is known, and those still open, the newest first.</summary>
    [Function("probes")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/probes")] HttpRequest request, CancellationToken cancellation) =>
        LedgerAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            var limit = new ApiParameters(request.Query, [], "limit").Number("limit", DefaultLimit, 1, MostLimit);
            var probes = new List<ProbeRow>();
            var finished = new List<ProbeRow>();
            // A prober that left many open must not make the answer endless.
            await foreach (var probe in store.ReadAsync(DateTimeOffset.UnixEpoch, clock.GetUtcNow().AddMinutes(1), cancellation))
            {
                if (finished.Count == limit || probes.Count == 2 * MostLimit)
                    break;
                probes.Add(probe);
                if (probe.State != ProbeState.Pending)
                    finished.Add(probe);
            }

            return JsonAnswer.Of(json => Write(json, probes, finished));
        });

    private void Write(Utf8JsonWriter json, List<ProbeRow> probes, List<ProbeRow> finished)
    {
        var complete = finished.Count(probe => probe.State == ProbeState.Complete);
        json.WriteStartObject();
        json.WriteBoolean("isEnabled", settings.Probe.IsEnabled);
        json.WriteNumber("finished", finished.Count);
        json.WriteNumber("complete", complete);
        WriteNumber(json, "completeRatio", finished.Count == 0 ? null : (double)complete / finished.Count);
        json.WriteNumber("pending", probes.Count - finished.Count);
        json.WriteStartObject("visibleSeconds");
        WriteNumber(json, "p50", ProbeFigures.VisibleSeconds(finished, 0.5));
        WriteNumber(json, "p95", ProbeFigures.VisibleSeconds(finished, 0.95));
        json.WriteEndObject();
        json.WriteStartArray("probes");
        foreach (var probe in probes)
            Write(json, probe);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ProbeRow probe)
    {
        json.WriteStartObject();
        LedgerAnswers.WriteTime(json, "minute", probe.Minute);
        json.WriteString("protocol", ProbeNames.Of(probe.Protocol));
        json.WriteString("traceId", ProbeTrace.Of(probe.Minute, probe.Protocol).TraceId.ToHex32());
        json.WriteString("state", ProbeNames.Of(probe.State));
        if (probe.Finding != ProbeFinding.None)
        {
            json.WriteString("finding", ProbeNames.Of(probe.Finding));
            json.WriteString("detail", probe.Detail);
        }

        if (probe.PostedAt is { } postedAt)
            LedgerAnswers.WriteTime(json, "postedAt", postedAt);
        if (probe.VisibleAfter is { } visible)
            json.WriteNumber("visibleSeconds", visible.TotalSeconds);
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}
