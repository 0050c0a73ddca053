using System.Net;
using System.Text;

namespace Serverless.Functions.Alerting.Delivery;

/// <summary>The calls to receivers: no redirects, no cookies, bounded in time and in what is read of the answer.</summary>
internal sealed class AlertHttp : IDisposable
{
    private const int MaxAnswerBytes = 2_048;
    private const int LongestError = 500;

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxConnectionsPerServer = 4,
        MaxResponseHeadersLength = 16,
        MaxResponseDrainSize = MaxAnswerBytes,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Makes a call.</summary>
    /// <returns>What came of it.</returns>
    public async Task<SendResult> SendAsync(HttpRequestMessage request, TimeSpan timeout, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(timeout);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            if (response.IsSuccessStatusCode)
                return SendResult.Taken;
            var text = await TextAsync(response, deadline.Token);
            var retryAfter = response.Headers.RetryAfter?.Delta;
            return new SendResult($"{(int)response.StatusCode} {response.ReasonPhrase}: {text}", IsUnreachable: (int)response.StatusCode >= 500, retryAfter);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new SendResult($"No answer within {timeout.TotalSeconds:0.#} s.", IsUnreachable: true, null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new SendResult(e.Message, IsUnreachable: true, null);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static async Task<string> TextAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var bytes = new byte[MaxAnswerBytes];
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        var text = Encoding.UTF8.GetString(bytes, 0, length).Trim();
        return text.Length <= LongestError ? text : text[..LongestError];
    }
}
