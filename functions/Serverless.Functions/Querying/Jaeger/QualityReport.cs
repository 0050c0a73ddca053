using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>Scores traces by their verdicts, in the shape that Jaeger's page of quality metrics reads.</summary>
/// <param name="traces">The traces.</param>
/// <param name="banner">What is to be said of them in advance, or null.</param>
internal sealed class QualityReport(IReadOnlyList<AssembledTrace> traces, string? banner)
{
    private const int BestScore = 100;
    private const int MostExamples = 10;
    private const int MostSpansOfExample = 10;
    private const int MostRows = 20;

    private readonly List<(QualityMetric Metric, AssembledTrace[] Passed, AssembledTrace[] Failed)> _results =
    [
        .. QualityMetric.All.Select(metric => (
            metric, traces.Where(trace => !metric.IsFailedBy(trace)).ToArray(), traces.Where(metric.IsFailedBy).ToArray())),
    ];

    /// <summary>Writes it.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("traceQualityDocumentationLink"u8, "https://opentelemetry.io/docs/concepts/signals/traces/");
        if (banner is not null)
        {
            json.WriteStartObject("bannerText"u8);
            json.WriteString("value"u8, banner);
            json.WriteEndObject();
        }

        json.WriteStartArray("scores"u8);
        foreach (var (key, label) in QualityMetric.Scores)
            WriteScore(json, key, label);
        json.WriteEndArray();
        json.WriteStartArray("metrics"u8);
        foreach (var (metric, passed, failed) in _results)
            WriteMetric(json, metric, passed, failed);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteScore(Utf8JsonWriter json, string key, string label)
    {
        var (weights, reached) = (0.0, 0.0);
        foreach (var (metric, passed, _) in _results.Where(result => result.Metric.Category == key))
        {
            weights += metric.Weight;
            reached += traces.Count == 0 ? 0 : metric.Weight * passed.Length / traces.Count;
        }

        json.WriteStartObject();
        json.WriteString("key"u8, key);
        json.WriteString("label"u8, label);
        json.WriteNumber("max"u8, BestScore);
        // Rounded down: only what has no failure at all is the best.
        json.WriteNumber("value"u8, (int)Math.Floor((reached / weights * BestScore) + 1e-9));
        json.WriteEndObject();
    }

    private static void WriteMetric(Utf8JsonWriter json, QualityMetric metric, AssembledTrace[] passed, AssembledTrace[] failed)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, metric.Name);
        json.WriteString("category"u8, metric.Category);
        json.WriteString("description"u8, metric.Description);
        json.WriteString("metricDocumentationLink"u8, metric.Link);
        json.WriteNumber("metricWeight"u8, metric.Weight);
        json.WriteNumber("passCount"u8, passed.Length);
        WriteExamples(json, "passExamples", metric, passed);
        json.WriteNumber("failureCount"u8, failed.Length);
        WriteExamples(json, "failureExamples", metric, failed);
        json.WriteNumber("exemptionCount"u8, 0);
        json.WriteStartArray("exemptionExamples"u8);
        json.WriteEndArray();
        json.WriteStartArray("details"u8);
        WriteDetails(json, metric, failed);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteExamples(Utf8JsonWriter json, string name, QualityMetric metric, AssembledTrace[] traces)
    {
        json.WriteStartArray(name);
        foreach (var trace in traces.Take(MostExamples))
        {
            json.WriteStartObject();
            json.WriteString("traceID"u8, trace.Summary.TraceId.ToString());
            json.WriteStartArray("spanIDs"u8);
            foreach (var id in EvidenceOf(trace, metric).Select(evidence => evidence.SpanId).Where(id => !id.IsZero).Distinct().Take(MostSpansOfExample))
                json.WriteStringValue(id.ToString());
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The services that the evidence names: most affected first.</summary>
    private static void WriteDetails(Utf8JsonWriter json, QualityMetric metric, AssembledTrace[] failed)
    {
        var services = new Dictionary<string, (int Count, TraceId Example)>(StringComparer.Ordinal);
        foreach (var trace in failed)
        {
            foreach (var evidence in EvidenceOf(trace, metric))
            {
                ref var row = ref CollectionsMarshal.GetValueRefOrAddDefault(services, evidence.LikelySender.Length > 0 ? evidence.LikelySender : evidence.Service, out var isKnown);
                row = (row.Count + 1, isKnown ? row.Example : trace.Summary.TraceId);
            }
        }

        if (services.Count == 0)
            return;
        json.WriteStartObject();
        json.WriteString("header"u8, "Services"u8);
        json.WriteString("description"u8, "Which services the evidence names, how often, and a trace that shows it."u8);
        json.WriteStartArray("columns"u8);
        WriteColumn(json, "service", "Service");
        WriteColumn(json, "count", "Evidence");
        WriteColumn(json, "trace", "Example");
        json.WriteEndArray();
        json.WriteStartArray("rows"u8);
        foreach (var (service, (count, example)) in services.OrderByDescending(row => row.Value.Count).ThenBy(row => row.Key, StringComparer.Ordinal).Take(MostRows))
        {
            json.WriteStartObject();
            json.WriteString("service"u8, service);
            json.WriteString("count"u8, count.ToString(CultureInfo.InvariantCulture));
            json.WriteStartObject("trace"u8);
            json.WriteString("linkTo"u8, $"/trace/{example}");
            json.WriteString("value"u8, example.ToString());
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteColumn(Utf8JsonWriter json, string key, string label)
    {
        json.WriteStartObject();
        json.WriteString("key"u8, key);
        json.WriteString("label"u8, label);
        json.WriteBoolean("preventSort"u8, false);
        json.WriteEndObject();
    }

    private static IEnumerable<VerdictEvidence> EvidenceOf(AssembledTrace trace, QualityMetric metric) =>
        trace.Verdicts.Where(verdict => verdict.Kind == metric.Fails).SelectMany(verdict => verdict.Evidence);
}
