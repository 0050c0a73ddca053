using System.Text;
using System.Text.Json;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Tests.Querying.Jaeger;

/// <summary>Requests that report spans as OTLP does in JSON.</summary>
internal static class OtlpBody
{
    public static string Of(params IReadOnlyList<Span> spans)
    {
        var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartArray("resourceSpans"u8);
            OtlpJsonWriter.WriteResourceSpans(json, spans);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(body.ToArray());
    }
}
