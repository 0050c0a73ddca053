using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Serverless.Functions.Probing.Requests;

namespace Serverless.Functions.Probing;

/// <summary>The calls to the probed endpoint and to nothing else: no redirects, bounded in time and size.</summary>
public sealed class ProbeHttp : IDisposable
{
    /// <summary>What the prober calls itself, by which the ledger tells its spans from others'.</summary>
    public const string UserAgent = "serverless-prober/1.0";

    private const string KeyHeader = "x-functions-key";
    private const int MostAnswerBytes = 1 << 20;
    private const int LongestError = 300;

    private readonly ProbeSettings _settings;
    private readonly HttpClient _client;

    /// <summary>Takes the address from the settings.</summary>
    public ProbeHttp(ProbeSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        {
            Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = MostAnswerBytes,
        };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd(UserAgent);
        if (settings.Key.Length > 0)
            _client.DefaultRequestHeaders.Add(KeyHeader, settings.Key);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    internal async Task<ProbeAnswer> PostAsync(ProbeRequest request, CancellationToken cancellation)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, _settings.Address(request.Path));
        message.Content = new ByteArrayContent(request.Body);
        message.Content.Headers.ContentType = new MediaTypeHeaderValue(request.ContentType);
        return await SendAsync(message, isQuestion: false, cancellation);
    }

    internal async Task<ProbeAnswer> GetAsync(string path, CancellationToken cancellation)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, _settings.Address(path));
        return await SendAsync(message, isQuestion: true, cancellation);
    }

    private async Task<ProbeAnswer> SendAsync(HttpRequestMessage request, bool isQuestion, CancellationToken cancellation)
    {
        var what = $"{request.Method} {request.RequestUri!.AbsolutePath}";
        try
        {
            using var response = await _client.SendAsync(request, cancellation);
            var body = await response.Content.ReadAsByteArrayAsync(cancellation);
            if (!response.IsSuccessStatusCode)
                return new ProbeAnswer(response.StatusCode, null, $"{what}: {(int)response.StatusCode} {Short(Encoding.UTF8.GetString(body))}");
            if (!isQuestion)
                return new ProbeAnswer(response.StatusCode, null, "");
            using var document = JsonDocument.Parse(body);
            return new ProbeAnswer(response.StatusCode, document.RootElement.Clone(), "");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new ProbeAnswer(0, null, $"{what}: no answer within {_client.Timeout.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new ProbeAnswer(0, null, $"{what}: {Short(e.Message)}");
        }
        catch (JsonException e)
        {
            return new ProbeAnswer(HttpStatusCode.OK, null, $"{what}: the answer is no JSON: {Short(e.Message)}");
        }
    }

    private static string Short(string text)
    {
        var line = text.Trim().ReplaceLineEndings(" ");
        return line.Length <= LongestError ? line : line[..LongestError];
    }
}
