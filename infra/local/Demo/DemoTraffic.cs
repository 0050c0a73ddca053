using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;

namespace Serverless.Local;

/// <summary>
/// What --demo runs beside the system: posts traces of Bookinfo (Zipkin) and of a shop (OTLP) as their senders would, first some of the last quarter
/// of an hour, then a few each second.
/// </summary>
/// <param name="target">The system's address, for example http://127.0.0.1:7071.</param>
/// <param name="clock">What the traces take their times from.</param>
/// <param name="seed">Fixes the traces; by default they differ with each start, for two starts with the same ids would make wrong traces.</param>
/// <param name="log">Told once when the system does not take the traces, and once when it does again.</param>
internal sealed class DemoTraffic(Uri target, TimeProvider clock, int? seed = null, ILogger? log = null)
{
    private const int TracesAtStart = 50;
    private static readonly TimeSpan Past = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan ShortestGap = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestGap = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PostTimeout = TimeSpan.FromSeconds(10);

    private readonly Random _random = new(seed ?? Random.Shared.Next());
    private bool _isFailing;

    /// <summary>Posts until cancelled; it survives a system that is not there, or not yet, and ends without an exception.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = target, Timeout = PostTimeout };
        try
        {
            for (var i = TracesAtStart; i > 0; i--)
            {
                // Spread evenly, each somewhere in its part; the last one is of this moment.
                var age = i == 1 ? TimeSpan.Zero : Past * ((i - _random.NextDouble()) / TracesAtStart);
                await PostUntilTakenAsync(http, age, cancellation);
            }

            while (true)
            {
                await Task.Delay(ShortestGap + (LongestGap - ShortestGap) * _random.NextDouble(), clock, cancellation);
                await PostUntilTakenAsync(http, TimeSpan.Zero, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
    }

    private async Task PostUntilTakenAsync(HttpClient http, TimeSpan age, CancellationToken cancellation)
    {
        var end = clock.GetUtcNow() - age;
        var (path, body) = _random.Next(2) == 0
            ? ("/api/v2/spans", BookinfoTraces.Next(_random, end))
            : ("/v1/traces", ShopTraces.Next(_random, end));
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var (problem, isFinal) = await PostAsync(http, path, body, cancellation);
            if (problem is null && _isFailing)
                log?.LogInformation("The demo's traces are taken again.");
            if (problem is not null && !_isFailing)
                log?.LogWarning("The demo's traces are not taken; it goes on trying. {Problem}", problem);
            _isFailing = problem is not null;
            if (problem is null)
                return;
            await Task.Delay(pause, clock, cancellation);
            if (isFinal)
                return;
        }
    }

    /// <summary>Posts once; returns why it failed, or null, and whether it would fail again with the same body.</summary>
    private static async Task<(string? Problem, bool IsFinal)> PostAsync(HttpClient http, string path, byte[] body, CancellationToken cancellation)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using var answer = await http.PostAsync(path, content, cancellation);
            return answer.IsSuccessStatusCode
                ? (null, false)
                : ($"POST {path} was answered {(int)answer.StatusCode}.",
                    answer.StatusCode < HttpStatusCode.InternalServerError && answer.StatusCode != HttpStatusCode.TooManyRequests);
        }
        catch (HttpRequestException e)
        {
            return (e.Message, false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ($"POST {path} was not answered in {PostTimeout.TotalSeconds} s.", false);
        }
    }
}
