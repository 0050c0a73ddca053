using System.Globalization;
using System.Text.Json;
using Serverless.Tracing.Assembly;

namespace Serverless.Tracing.Protocols.Jaeger;

/// <summary>
/// Writes a trace's summary as Jaeger's API v3 gives it. Jaeger's page refuses a whole list for one field that is null, a time that is no
/// string, an id that has not 32 digits or a service without a name.
/// </summary>
public static class JaegerSummaryWriter
{
    /// <summary>Writes one TraceSummary object.</summary>
    public static void Write(Utf8JsonWriter json, AssembledTrace trace)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(trace);
        var (summary, tree) = (trace.Summary, trace.Tree);
        json.WriteStartObject();
        HexIds.WriteWide(json, "traceId"u8, summary.TraceId);
        if (tree.Root >= 0)
        {
            json.WriteString("rootServiceName"u8, JaegerJsonWriter.ServiceName(tree[tree.Root]));
            json.WriteString("rootOperationName"u8, summary.RootOperation);
        }

        WriteTime(json, "minStartTimeUnixNano"u8, summary.StartNs);
        WriteTime(json, "maxEndTimeUnixNano"u8, summary.EndNs);
        json.WriteNumber("spanCount"u8, summary.SpanCount);
        json.WriteNumber("errorSpanCount"u8, summary.ErrorCount);
        json.WriteNumber("orphanSpanCount"u8, summary.OrphanCount);
        json.WriteStartArray("services"u8);
        foreach (var service in summary.Services)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, service.Name.Length > 0 ? service.Name : NameOfNameless(tree));
            json.WriteNumber("spanCount"u8, service.Spans);
            json.WriteNumber("errorSpanCount"u8, service.Errors);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string NameOfNameless(TraceTree tree) =>
        JaegerJsonWriter.ServiceName(tree.Spans.First(span => span.ServiceName.Length == 0));

    private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, ulong ns)
    {
        Span<byte> digits = stackalloc byte[20];
        if (ns.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture))
            json.WriteString(name, digits[..length]);
    }
}
