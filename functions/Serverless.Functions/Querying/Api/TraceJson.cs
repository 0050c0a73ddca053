using System.Globalization;
using System.Text.Json;
using Serverless.Tracing.Assembly;

namespace Serverless.Functions.Querying.Api;

/// <summary>
/// The parts of a trace as our own API writes them. Moments are decimal texts of nanoseconds since 1970, which JavaScript's numbers cannot hold; durations and
/// amounts are numbers of nanoseconds.
/// </summary>
internal static class TraceJson
{
    /// <summary>A moment.</summary>
    public static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> property, ulong ns) =>
        json.WriteString(property, ns.ToString(CultureInfo.InvariantCulture));

    /// <summary>What lists show of a trace.</summary>
    public static void WriteSummary(Utf8JsonWriter json, TraceView view)
    {
        var summary = view.Trace.Summary;
        json.WriteStartObject();
        json.WriteString("traceId"u8, summary.TraceId.ToString());
        json.WriteString("rootService"u8, summary.RootService);
        json.WriteString("rootOperation"u8, summary.RootOperation);
        WriteTime(json, "startUnixNano"u8, summary.StartNs);
        WriteTime(json, "reportedStartUnixNano"u8, view.ReportedStartNs);
        json.WriteNumber("durationNs"u8, summary.DurationNs);
        json.WriteNumber("spans"u8, summary.SpanCount);
        json.WriteNumber("errors"u8, summary.ErrorCount);
        json.WriteNumber("orphans"u8, summary.OrphanCount);
        json.WriteStartArray("services"u8);
        foreach (var service in summary.Services)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, service.Name);
            json.WriteNumber("spans"u8, service.Spans);
            json.WriteNumber("errors"u8, service.Errors);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("verdicts"u8);
        foreach (var verdict in summary.Verdicts)
            json.WriteStringValue(VerdictNames.Of(verdict));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The version that was finalized last, or null.</summary>
    public static void WriteFinalized(Utf8JsonWriter json, FinalizedVersion? finalized)
    {
        if (finalized is null)
        {
            json.WriteNull("finalized"u8);
            return;
        }

        json.WriteStartObject("finalized"u8);
        json.WriteNumber("version"u8, finalized.Number);
        json.WriteString("at"u8, finalized.At);
        json.WriteEndObject();
    }

    /// <summary>The verdicts with their evidence.</summary>
    public static void WriteVerdicts(Utf8JsonWriter json, IReadOnlyList<TraceVerdict> verdicts)
    {
        json.WriteStartArray("verdicts"u8);
        foreach (var verdict in verdicts)
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, VerdictNames.Of(verdict.Kind));
            json.WriteNumber("evidenceCount"u8, verdict.EvidenceCount);
            json.WriteStartArray("evidence"u8);
            foreach (var evidence in verdict.Evidence)
                Write(json, evidence);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The stretches that decided the duration.</summary>
    public static void WriteCriticalPath(Utf8JsonWriter json, AssembledTrace trace)
    {
        json.WriteStartArray("criticalPath"u8);
        foreach (var stretch in trace.CriticalPath.Stretches)
        {
            var span = trace.Tree[stretch.Span];
            json.WriteStartObject();
            json.WriteString("spanId"u8, span.Id.ToString());
            json.WriteBoolean("isServerHalf"u8, trace.Tree.IsServerHalf(stretch.Span));
            json.WriteString("service"u8, span.ServiceName);
            json.WriteString("operation"u8, span.Name);
            WriteTime(json, "fromUnixNano"u8, stretch.FromNs);
            WriteTime(json, "toUnixNano"u8, stretch.ToNs);
            json.WriteNumber("durationNs"u8, stretch.DurationNs);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Which service called which.</summary>
    public static void WriteLinks(Utf8JsonWriter json, IReadOnlyList<ServiceLink> links)
    {
        json.WriteStartArray("links"u8);
        foreach (var link in links)
        {
            json.WriteStartObject();
            json.WriteString("parent"u8, link.Parent);
            json.WriteString("child"u8, link.Child);
            json.WriteNumber("calls"u8, link.Calls);
            json.WriteNumber("errors"u8, link.Errors);
            json.WriteNumber("timedCalls"u8, link.TimedCalls);
            json.WriteNumber("durationNs"u8, (decimal)link.DurationNs);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Between which hosts clocks differ.</summary>
    public static void WriteSkews(Utf8JsonWriter json, IReadOnlyList<HostSkew> skews)
    {
        json.WriteStartArray("skews"u8);
        foreach (var skew in skews)
        {
            json.WriteStartObject();
            json.WriteString("fromService"u8, skew.FromService);
            json.WriteString("fromHost"u8, skew.FromHost);
            json.WriteString("toService"u8, skew.ToService);
            json.WriteString("toHost"u8, skew.ToHost);
            json.WriteString("spanId"u8, skew.SpanId.ToString());
            json.WriteNumber("amountNs"u8, skew.AmountNs);
            json.WriteNumber("calls"u8, skew.Calls);
            json.WriteBoolean("isApplied"u8, skew.IsApplied);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>One side of a call.</summary>
    public static void WriteCall(Utf8JsonWriter json, PropagationCall call)
    {
        json.WriteStartObject("call"u8);
        json.WriteString("traceId"u8, call.TraceId.ToString());
        json.WriteString("spanId"u8, call.SpanId.ToString());
        json.WriteString("service"u8, call.Service);
        json.WriteString("instance"u8, call.Instance);
        json.WriteString("operation"u8, call.Operation);
        WriteTime(json, "startUnixNano"u8, call.StartNs);
        WriteTime(json, "endUnixNano"u8, call.EndNs);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, VerdictEvidence evidence)
    {
        json.WriteStartObject();
        json.WriteString("text"u8, evidence.Text);
        json.WriteNumber("spans"u8, evidence.Spans);
        if (!evidence.SpanId.IsZero)
            json.WriteString("spanId"u8, evidence.SpanId.ToString());
        if (evidence.Service.Length > 0)
            json.WriteString("service"u8, evidence.Service);
        if (evidence.Instance.Length > 0)
            json.WriteString("instance"u8, evidence.Instance);
        if (evidence.TimeNs > 0)
            WriteTime(json, "timeUnixNano"u8, evidence.TimeNs);
        if (!evidence.MissingId.IsZero)
            json.WriteString("missingSpanId"u8, evidence.MissingId.ToString());
        if (evidence.LikelySender.Length > 0)
            json.WriteString("likelySender"u8, evidence.LikelySender);
        if (evidence.Amount is { } amount)
            json.WriteNumber("amountNs"u8, (Int128)amount.Ticks * 100 is var ns && ns >= long.MinValue && ns <= long.MaxValue ? (long)ns : amount.Ticks > 0 ? long.MaxValue : long.MinValue);
        if (!evidence.OtherTraceId.IsZero)
            json.WriteString("otherTraceId"u8, evidence.OtherTraceId.ToString());
        json.WriteEndObject();
    }
}
