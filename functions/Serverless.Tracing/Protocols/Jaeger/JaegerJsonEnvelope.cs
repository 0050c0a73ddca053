using System.Text.Json;

namespace Serverless.Tracing.Protocols.Jaeger;

/// <summary>
/// What surrounds the data of Jaeger's query APIs. All five keys of the legacy API are always there; content type and status are the
/// caller's business (errors are <c>text/plain; charset=utf-8</c>).
/// </summary>
public static class JaegerJsonEnvelope
{
    /// <summary>Begins an answer of the legacy API; the value of <c>data</c> is to be written next, then <see cref="End"/>.</summary>
    public static void Begin(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName("data"u8);
    }

    /// <summary>Ends an answer of the legacy API.</summary>
    /// <param name="json">The answer.</param>
    /// <param name="total">The count of names in a list of names; 0 for traces.</param>
    /// <param name="errors">What could not be had, or null.</param>
    public static void End(Utf8JsonWriter json, int total = 0, IReadOnlyList<JaegerError>? errors = null)
    {
        json.WriteNumber("total"u8, total);
        json.WriteNumber("limit"u8, 0);
        json.WriteNumber("offset"u8, 0);
        if (errors is null or { Count: 0 })
        {
            json.WriteNull("errors"u8);
        }
        else
        {
            json.WriteStartArray("errors"u8);
            for (var i = 0; i < errors.Count; i++)
                WriteError(json, errors[i]);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Ends an answer in which Jaeger writes the errors as an empty list where others have null.</summary>
    public static void EndWithoutErrors(Utf8JsonWriter json)
    {
        json.WriteNumber("total"u8, 0);
        json.WriteNumber("limit"u8, 0);
        json.WriteNumber("offset"u8, 0);
        json.WriteStartArray("errors"u8);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes the body of a failed request to the legacy API.</summary>
    public static void WriteFailure(Utf8JsonWriter json, JaegerError error)
    {
        Begin(json);
        json.WriteNullValue();
        End(json, 0, [error]);
    }

    /// <summary>Writes a list of names in the legacy API's envelope: services, operations of a service.</summary>
    public static void WriteNames(Utf8JsonWriter json, IReadOnlyList<string> names)
    {
        Begin(json);
        json.WriteStartArray();
        for (var i = 0; i < names.Count; i++)
            json.WriteStringValue(names[i]);
        json.WriteEndArray();
        End(json, names.Count);
    }

    /// <summary>Writes the body of a failed request to <c>/api/v3</c>.</summary>
    public static void WriteV3Failure(Utf8JsonWriter json, int httpCode, string message)
    {
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteNumber("httpCode"u8, httpCode);
        json.WriteString("message"u8, message);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteError(Utf8JsonWriter json, JaegerError error)
    {
        json.WriteStartObject();
        if (error.Code != 0)
            json.WriteNumber("code"u8, error.Code);
        json.WriteString("msg"u8, error.Message);
        if (error.TraceId is not null)
            json.WriteString("traceID"u8, error.TraceId);
        json.WriteEndObject();
    }
}
