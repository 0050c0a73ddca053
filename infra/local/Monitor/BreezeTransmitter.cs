using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using OpenTelemetry;

namespace Serverless.Local;

/// <summary>
/// Posts envelopes, one JSON object a line, gzip. What the endpoint puts off is kept, in memory and bounded, and tried again when it says or
/// after a minute; what it refuses is dropped. The real exporter keeps it in files.
/// </summary>
internal sealed class BreezeTransmitter(MonitorConnection connection) : IDisposable
{
    private const int MaxKeptBytes = 4 << 20;
    private const int MaxAnswerBytes = 1 << 20;

    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(60);
    private static readonly HashSet<int> RetriedItems = [408, 429, 439, 500, 503];
    private static readonly HashSet<int> RetriedRequests = [401, 403, 408, 429, 439, 500, 502, 503, 504];

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, ActivityHeadersPropagator = null }) { Timeout = TimeSpan.FromSeconds(10) };
    private readonly Lock _gate = new();
    private readonly List<byte[]> _kept = [];
    private int _keptBytes;
    private DateTimeOffset _dueAt;

    /// <summary>Which resource it is sent to.</summary>
    public string InstrumentationKey => connection.InstrumentationKey;

    /// <summary>Sends envelopes, with those that are due again.</summary>
    public ExportResult Send(List<byte[]> envelopes)
    {
        lock (_gate)
        {
            if (_kept.Count > 0 && TimeProvider.System.GetUtcNow() >= _dueAt)
            {
                envelopes.InsertRange(0, _kept);
                _kept.Clear();
                _keptBytes = 0;
            }

            return envelopes.Count == 0 || Post(envelopes) ? ExportResult.Success : ExportResult.Failure;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private bool Post(List<byte[]> envelopes)
    {
        // What sends telemetry makes none.
        using var suppressed = SuppressInstrumentationScope.Begin();
        using var request = new HttpRequestMessage(HttpMethod.Post, connection.Track) { Content = new ByteArrayContent(Pack(envelopes)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-json-stream");
        request.Content.Headers.ContentEncoding.Add("gzip");
        try
        {
            using var response = _client.Send(request);
            switch (response.StatusCode)
            {
                case HttpStatusCode.OK:
                    return true;
                case HttpStatusCode.PartialContent:
                    Keep(Put(envelopes, response), response);
                    return true;
                case var status when RetriedRequests.Contains((int)status):
                    Keep(envelopes, response);
                    return false;
                default:
                    return false;
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            Keep(envelopes, null);
            return false;
        }
    }

    private static byte[] Pack(List<byte[]> envelopes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            foreach (var envelope in envelopes)
            {
                gzip.Write(envelope);
                gzip.WriteByte((byte)'\n');
            }
        }

        return packed.ToArray();
    }

    /// <summary>The envelopes that an answer puts off.</summary>
    private static List<byte[]> Put(List<byte[]> envelopes, HttpResponseMessage response)
    {
        try
        {
            using var body = response.Content.ReadAsStream();
            var bytes = new byte[MaxAnswerBytes];
            using var answer = JsonDocument.Parse(bytes.AsMemory(0, body.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)));
            return
            [
                .. answer.RootElement.GetProperty("errors").EnumerateArray()
                    .Where(error => RetriedItems.Contains(error.GetProperty("statusCode").GetInt32()))
                    .Select(error => error.GetProperty("index").GetInt32()).Where(index => index >= 0 && index < envelopes.Count)
                    .Select(index => envelopes[index]),
            ];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return [];
        }
    }

    private void Keep(List<byte[]> envelopes, HttpResponseMessage? response)
    {
        foreach (var envelope in envelopes)
        {
            if (_keptBytes + envelope.Length > MaxKeptBytes)
                break;
            _kept.Add(envelope);
            _keptBytes += envelope.Length;
        }

        _dueAt = TimeProvider.System.GetUtcNow() + (response?.Headers.RetryAfter?.Delta ?? RetryPause);
    }
}
