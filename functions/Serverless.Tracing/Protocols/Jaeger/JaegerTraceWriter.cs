using System.Text.Json;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Jaeger;

/// <summary>Writes a trace as <see cref="JaegerJsonWriter"/> does, span after span, for traces that are too large to be held.</summary>
public sealed class JaegerTraceWriter
{
    private readonly Utf8JsonWriter _json;
    private readonly TraceId _traceId;
    private readonly ProcessTable _processes = new();

    /// <summary>Begins a Trace object.</summary>
    /// <param name="json">Takes the object.</param>
    /// <param name="traceId">The id that all its spans are written with.</param>
    public JaegerTraceWriter(Utf8JsonWriter json, TraceId traceId)
    {
        ArgumentNullException.ThrowIfNull(json);
        _json = json;
        _traceId = traceId;
        json.WriteStartObject();
        HexIds.Write(json, "traceID"u8, traceId);
        json.WriteStartArray("spans"u8);
    }

    /// <summary>Writes the next span.</summary>
    /// <param name="span">The span.</param>
    /// <param name="warnings">What a person should know about it, or null.</param>
    public void WriteSpan(Span span, IReadOnlyList<string>? warnings) =>
        JaegerJsonWriter.WriteSpan(_json, _traceId, span, _processes.NameOf(span), warnings);

    /// <summary>Ends the object.</summary>
    /// <param name="warnings">What a person should know about the trace, or null.</param>
    public void End(IReadOnlyList<string>? warnings)
    {
        _json.WriteEndArray();
        _processes.Write(_json);
        JaegerJsonWriter.WriteWarnings(_json, warnings);
        _json.WriteEndObject();
    }
}
