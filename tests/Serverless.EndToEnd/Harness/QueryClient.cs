using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace Serverless.EndToEnd.Harness;

/// <summary>Asks the query APIs of a running system. A 503 that says when to come back is asked again.</summary>
internal sealed class QueryClient(Uri address) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };

    /// <summary>How many answers were 503.</summary>
    public int Refused { get; private set; }

    /// <summary>The answer's JSON, or null where it is 404.</summary>
    /// <exception cref="HttpRequestException">Another status; the message has the body.</exception>
    public async Task<JsonDocument?> GetAsync(string pathAndQuery)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            using var answer = await _http.GetAsync(pathAndQuery, TestContext.Current.CancellationToken);
            if (answer.StatusCode == HttpStatusCode.NotFound)
                return null;
            var isBusy = answer.StatusCode == HttpStatusCode.ServiceUnavailable && answer.Headers.RetryAfter is not null;
            if (!answer.IsSuccessStatusCode && (!isBusy || Stopwatch.GetElapsedTime(start) > Patience))
            {
                var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                throw new HttpRequestException($"{(int)answer.StatusCode} for {pathAndQuery}: {text}");
            }

            if (answer.IsSuccessStatusCode)
                return await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(), default, TestContext.Current.CancellationToken);
            Refused++;
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>As <see cref="GetAsync"/>, as text, for messages.</summary>
    public async Task<string> GetTextAsync(string pathAndQuery) =>
        await _http.GetStringAsync(pathAndQuery, TestContext.Current.CancellationToken);

    public void Dispose() => _http.Dispose();
}
