using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Serverless.Benchmarks.Load;

/// <summary>
/// Posts small traces of its own beside the load and searches for them until they are found: how long spans take from POST to
/// visible in search, and whether the system has caught up.
/// </summary>
internal sealed class VisibilityProbe(LoadOptions options, TimeProvider clock) : IDisposable
{
    private const string Service = "load-probe";
    private const string TagKey = "probe.id";
    private const int MaxInFlight = 16;
    private static readonly TimeSpan GiveUp = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient _http = new() { Timeout = GiveUp };

    /// <summary>Why the last probe that failed did, or null.</summary>
    public string? Failure { get; private set; }

    /// <summary>From before the POST until the search finds the trace; the polling adds up to a fifth, at most 100 ms.</summary>
    public Latencies Visible { get; } = new();

    /// <summary>Probes that were not found in a minute, or could not be posted.</summary>
    public int Lost { get; private set; }

    /// <summary>Probes until cancelled, then waits for those that are under way.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var inFlight = new List<Task<long?>>();
        try
        {
            while (options.ProbeIntervalMilliseconds > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(options.ProbeIntervalMilliseconds), clock, cancellation);
                Collect(inFlight);
                if (inFlight.Count < MaxInFlight)
                    inFlight.Add(ProbeAsync(traces: 1));
            }
        }
        catch (OperationCanceledException)
        {
        }

        await Task.WhenAll(inFlight);
        Collect(inFlight);
    }

    /// <summary>
    /// Posts as many traces as touch every partition for certain, and waits until the search finds all of them: partitions are worked off in
    /// order, so everything posted before is stored by then. False when that took over a minute.
    /// </summary>
    public async Task<bool> WaitUntilCaughtUpAsync() => await ProbeAsync(traces: 64) is not null;

    public void Dispose() => _http.Dispose();

    private void Collect(List<Task<long?>> inFlight)
    {
        foreach (var done in inFlight.Where(probe => probe.IsCompleted).ToList())
        {
            inFlight.Remove(done);
            if (done.Result is { } elapsed)
                Visible.AddSince(Stopwatch.GetTimestamp() - elapsed);
            else
                Lost++;
        }
    }

    private async Task<long?> ProbeAsync(int traces)
    {
        var start = Stopwatch.GetTimestamp();
        var now = clock.GetUtcNow();
        var tag = RandomNumberGenerator.GetHexString(16, lowercase: true);
        try
        {
            using var content = new ByteArrayContent(Body(tag, traces, now));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
            using var posted = await _http.PostAsync(new Uri(options.Url, "/v1/traces"), content);
            if (!posted.IsSuccessStatusCode)
            {
                Failure = $"a probe's POST was answered {(int)posted.StatusCode}";
                return null;
            }

            var micros = (now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            var tags = Uri.EscapeDataString($$"""{"{{TagKey}}":"{{tag}}"}""");
            var search = new Uri(options.QueryUrl,
                $"/api/traces?service={Service}&tags={tags}&limit={traces}&start={micros - 60_000_000}&end={micros + 60_000_000}");
            while (Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < GiveUp)
            {
                if (await CountAsync(search) >= traces)
                    return Stopwatch.GetTimestamp() - start;
                var wait = elapsed / 5;
                await Task.Delay(wait < ShortestPoll ? ShortestPoll : wait > LongestPoll ? LongestPoll : wait, clock);
            }
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or OperationCanceledException)
        {
            Failure = e.Message;
            return null;
        }

        Failure = $"a probe was not found within {GiveUp.TotalSeconds} s";
        return null;
    }

    /// <summary>Traces in an answer of Jaeger's search; none while the service is not yet known (an error answer).</summary>
    private async Task<int> CountAsync(Uri search)
    {
        using var answer = await _http.GetAsync(search);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            throw new HttpRequestException($"There is no search at {search}: --query-url says where it is.");
        if (!answer.IsSuccessStatusCode)
            return 0;
        using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
        return json.RootElement.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Array ? data.GetArrayLength() : 0;
    }

    private static byte[] Body(string tag, int traces, DateTimeOffset now)
    {
        var nanos = (ulong)(now - DateTimeOffset.UnixEpoch).Ticks * 100;
        var writer = new ProtobufWriter();
        var resourceSpans = writer.Begin(1);
        var resource = writer.Begin(1);
        Attribute("service.name", Service);
        writer.End(resource);
        var scopeSpans = writer.Begin(2);
        for (var i = 0; i < traces; i++)
        {
            var span = writer.Begin(2);
            writer.Bytes(1, RandomNumberGenerator.GetBytes(16));
            writer.Bytes(2, RandomNumberGenerator.GetBytes(8));
            writer.Text(5, "probe");
            writer.Integer(6, 1);
            writer.Long(7, nanos);
            writer.Long(8, nanos + 1_000_000);
            Attribute(TagKey, tag, field: 9);
            writer.End(span);
        }

        writer.End(scopeSpans);
        writer.End(resourceSpans);
        return writer.Written.ToArray();

        void Attribute(string key, string value, int field = 1)
        {
            var attribute = writer.Begin(field);
            writer.Text(1, key);
            var any = writer.Begin(2);
            writer.Text(1, value);
            writer.End(any);
            writer.End(attribute);
        }
    }
}
