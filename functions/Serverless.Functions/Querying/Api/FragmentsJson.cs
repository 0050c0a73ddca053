using System.Text.Json;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying.Api;

/// <summary>Writes the traces that belong together, though a service did not forward the headers, side by side.</summary>
internal static class FragmentsJson
{
    /// <summary>Writes the breaks of a trace.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="view">The trace.</param>
    /// <param name="known">The traces of both sides; null for one that is gone.</param>
    public static void Write(Utf8JsonWriter json, TraceView view, IReadOnlyDictionary<TraceId, TraceView?> known)
    {
        json.WriteStartObject();
        json.WriteString("traceId"u8, view.Trace.Summary.TraceId.ToString());
        json.WriteStartArray("breaks"u8);
        foreach (var found in view.Breaks)
        {
            json.WriteStartObject();
            json.WriteString("service"u8, found.Service);
            json.WriteString("text"u8, found.Text);
            WriteSide(json, "received"u8, found.Received, known);
            WriteSide(json, "opened"u8, found.Opened, known);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSide(Utf8JsonWriter json, ReadOnlySpan<byte> side, PropagationCall call, IReadOnlyDictionary<TraceId, TraceView?> known)
    {
        json.WriteStartObject(side);
        TraceJson.WriteCall(json, call);
        json.WritePropertyName("trace"u8);
        if (known.TryGetValue(call.TraceId, out var trace) && trace is not null)
            TraceJson.WriteSummary(json, trace);
        else
            json.WriteNullValue();
        json.WriteEndObject();
    }
}
