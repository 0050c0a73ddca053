using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serverless.Tracing.Frames;
using static Serverless.Tracing.Protocols.Otlp.OtlpFieldNumbers;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>
/// The bodies of answers to OTLP/HTTP requests, in the encoding of the request: <c>ExportTraceServiceResponse</c> with
/// status 200, <c>google.rpc.Status</c> with 400, 429 and 503.
/// </summary>
/// <remarks>https://opentelemetry.io/docs/specs/otlp/#otlphttp-response.</remarks>
public static class OtlpResponses
{
    /// <summary>gRPC's INVALID_ARGUMENT: the request is malformed; goes with HTTP 400.</summary>
    public const int InvalidArgument = 3;

    /// <summary>gRPC's RESOURCE_EXHAUSTED: too much for now; goes with HTTP 429.</summary>
    public const int ResourceExhausted = 8;

    /// <summary>gRPC's UNAVAILABLE: try again; goes with HTTP 503.</summary>
    public const int Unavailable = 14;

    private const uint StatusCode = 1;
    private const uint StatusMessage = 2;
    private const uint Varint = 0;
    private const uint LengthDelimited = 2;

    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The answer to a request, all of whose spans were taken.</summary>
    /// <param name="json">In JSON, otherwise in protobuf.</param>
    public static byte[] Success(bool json) => json ? "{}"u8.ToArray() : [];

    /// <summary>The answer to a request, some or all of whose spans were rejected; they are not to be sent again.</summary>
    /// <param name="json">In JSON, otherwise in protobuf.</param>
    /// <param name="rejectedSpans">How many were rejected; 0 makes the message a warning.</param>
    /// <param name="errorMessage">Why.</param>
    public static byte[] PartialSuccess(bool json, long rejectedSpans, string errorMessage)
    {
        if (!json)
        {
            var partial = Message(
                ExportTracePartialSuccess.RejectedSpans, (ulong)rejectedSpans, ExportTracePartialSuccess.ErrorMessage, errorMessage);
            var response = new ArrayBufferWriter<byte>(partial.Length + Varints.MaxBytes);
            WriteBytes(response, ExportTraceServiceResponse.PartialSuccess, partial);
            return response.WrittenSpan.ToArray();
        }

        return Json(writer =>
        {
            writer.WriteStartObject("partialSuccess");
            // An int64 is a string in proto3 JSON.
            writer.WriteString("rejectedSpans", rejectedSpans.ToString(System.Globalization.CultureInfo.InvariantCulture));
            writer.WriteString("errorMessage", errorMessage);
            writer.WriteEndObject();
        });
    }

    /// <summary>The answer to a request that failed as a whole.</summary>
    /// <param name="json">In JSON, otherwise in protobuf.</param>
    /// <param name="code">A code of gRPC, such as <see cref="InvalidArgument"/>.</param>
    /// <param name="message">What is wrong and what to do about it.</param>
    public static byte[] Error(bool json, int code, string message)
    {
        if (!json)
            return Message(StatusCode, (ulong)code, StatusMessage, message);
        return Json(writer =>
        {
            writer.WriteNumber("code", code);
            writer.WriteString("message", message);
        });
    }

    private static byte[] Message(uint numberField, ulong number, uint textField, string text)
    {
        var message = new ArrayBufferWriter<byte>();
        if (number != 0)
        {
            WriteVarint(message, (numberField << 3) | Varint);
            WriteVarint(message, number);
        }

        if (text.Length > 0)
            WriteBytes(message, textField, Encoding.UTF8.GetBytes(text));
        return message.WrittenSpan.ToArray();
    }

    private static void WriteBytes(ArrayBufferWriter<byte> to, uint field, ReadOnlySpan<byte> bytes)
    {
        WriteVarint(to, (field << 3) | LengthDelimited);
        WriteVarint(to, (ulong)bytes.Length);
        to.Write(bytes);
    }

    private static void WriteVarint(ArrayBufferWriter<byte> to, ulong value) =>
        to.Advance(Varints.Write(to.GetSpan(Varints.MaxBytes), value));

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var to = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(to, JsonOptions))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return to.WrittenSpan.ToArray();
    }
}
