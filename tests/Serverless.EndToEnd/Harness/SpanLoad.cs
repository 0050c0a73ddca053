using System.Collections.Concurrent;
using System.Net;

namespace Serverless.EndToEnd.Harness;

/// <summary>
/// Posts the requests of a source over several connections as fast as they are answered, and remembers which were
/// acknowledged. Goes on where it was when the system that it posts to is another one. Every second connection sends again
/// what was not acknowledged, the others never do.
/// </summary>
internal sealed class SpanLoad(SpanSource source, int connections)
{
    private const int MostWrongAnswers = 20;

    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<long, bool> _acknowledged = new();
    private readonly ConcurrentDictionary<long, bool> _posted = new();
    private readonly ConcurrentQueue<long> _again = new();
    private readonly ConcurrentQueue<string> _wrongAnswers = new();
    private readonly ConcurrentDictionary<HttpStatusCode, bool> _refusedWith = new();
    private long _place = -1;
    private int _refused;
    private int _broken;

    /// <summary>The source of the spans.</summary>
    public SpanSource Source => source;

    /// <summary>How many requests were answered with 429 or 503.</summary>
    public int Refused => _refused;

    /// <summary>The statuses of those answers.</summary>
    public IReadOnlyCollection<HttpStatusCode> RefusedWith => [.. _refusedWith.Keys];

    /// <summary>How many requests got no answer.</summary>
    public int Broken => _broken;

    /// <summary>How many requests were acknowledged.</summary>
    public int Acknowledged => _acknowledged.Count;

    /// <summary>Answers that a sender cannot act on: no 2xx, and not 429 or 503 with a time and a text.</summary>
    public IReadOnlyCollection<string> WrongAnswers => _wrongAnswers;

    /// <summary>The number behind the last trace of which something was posted.</summary>
    public long TraceCount => _posted.IsEmpty ? 0 : ((_posted.Keys.Max() / SpanSource.RequestsPerWindow) + 1) * SpanSource.TracesPerWindow;

    /// <summary>Whether a request was sent at all.</summary>
    public bool IsPosted(long request) => _posted.ContainsKey(request);

    /// <summary>Whether a request was answered with 2xx.</summary>
    public bool IsAcknowledged(long request) => _acknowledged.ContainsKey(request);

    /// <summary>Posts until the token says so, or so many new requests were sent and what is sent again is acknowledged, or the system is gone.</summary>
    /// <param name="address">The system.</param>
    /// <param name="most">How many new requests at the most; null for no end.</param>
    /// <param name="end">Says that no more is to be posted; what is on its way is finished.</param>
    public async Task RunAsync(Uri address, long? most, CancellationToken end)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = connections, UseProxy = false };
        using var http = new HttpClient(handler) { BaseAddress = address };
        var last = Interlocked.Read(ref _place) + most ?? long.MaxValue;
        await Task.WhenAll(Enumerable.Range(0, connections).Select(
            connection => Task.Run(() => SendAsync(http, retries: connection % 2 == 0, last, end), CancellationToken.None)));
    }

    private async Task SendAsync(HttpClient http, bool retries, long last, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            if (!(retries && _again.TryDequeue(out var request)))
            {
                var place = Interlocked.Increment(ref _place);
                if (place > last)
                {
                    Interlocked.Decrement(ref _place);
                    if (retries && !_again.IsEmpty)
                        continue;
                    return;
                }

                if (SpanSource.RequestAt(place) is not { } number)
                    continue;
                request = number;
            }

            _posted[request] = true;
            try
            {
                if (await IsTakenAsync(http, request))
                {
                    _acknowledged[request] = true;
                    continue;
                }

                Interlocked.Increment(ref _refused);
                await Task.Delay(PauseAfterRefusal, CancellationToken.None);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
            {
                // The system is gone: whether it took the spans is not known.
                Interlocked.Increment(ref _broken);
                if (retries)
                    _again.Enqueue(request);
                return;
            }

            if (retries)
                _again.Enqueue(request);
        }
    }

    private async Task<bool> IsTakenAsync(HttpClient http, long request)
    {
        using var post = SpanRequests.Post(source.SpansOf(request), SpanSource.IsOtlpRequest(request), isCompressed: request % 8 < 2);
        using var answer = await http.SendAsync(post, CancellationToken.None);
        var body = await answer.Content.ReadAsStringAsync(CancellationToken.None);
        if (answer.IsSuccessStatusCode)
        {
            if (body.Length > 0)
                AddWrong($"{(int)answer.StatusCode} for request {request} has a body: {body}");
            return true;
        }

        _refusedWith[answer.StatusCode] = true;
        var isRefusal = answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable;
        if (!isRefusal || answer.Headers.RetryAfter?.Delta is not { } delay || delay <= TimeSpan.Zero || !body.Contains("later", StringComparison.Ordinal))
            AddWrong($"{(int)answer.StatusCode} for request {request}, Retry-After {answer.Headers.RetryAfter}: {body}");
        return false;
    }

    private void AddWrong(string text)
    {
        if (_wrongAnswers.Count < MostWrongAnswers)
            _wrongAnswers.Enqueue(text);
    }
}
