using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Delivery;

/// <summary>The JSON of messages.</summary>
internal static class JsonBody
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A call that brings JSON.</summary>
    public static HttpRequestMessage Post(Uri address, Action<Utf8JsonWriter> write) => Post(address, Bytes(write));

    /// <summary>The same with JSON that is written already.</summary>
    public static HttpRequestMessage Post(Uri address, byte[] json) => new(HttpMethod.Post, address)
    {
        Content = new ByteArrayContent(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
    };

    public static byte[] Bytes(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Options))
            write(json);
        return bytes.ToArray();
    }

    public static void Labels(Utf8JsonWriter json, string name, LabelSet labels)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in labels.Values)
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    /// <summary>RFC 3339 in UTC, as Go's programs write and read it.</summary>
    public static string Time(DateTimeOffset? time) =>
        (time ?? DateTimeOffset.MinValue).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
