using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace Serverless.Tests.Querying;

/// <summary>Large traces over HTTP, with callers that are slow or go away.</summary>
public sealed class LargeTraceApiTests
{
    private const string Id = "463ac35c9f6413ad48485a3953bb6124";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private const int Requests = 24;
    private const int SpansPerRequest = 500;

    [Fact]
    public async Task Every_span_comes_once_and_the_last_piece_too()
    {
        await using var app = await StartAsync("--Tracing:LargeTracesAtOnce=1");
        var jaeger = await app.GetJsonAsync($"/api/traces/{Id}");
        var trace = jaeger.GetProperty("data")[0];
        Assert.Equal(Requests * SpansPerRequest, trace.GetProperty("spans").EnumerateArray().Select(span => span.GetProperty("spanID").GetString()).Distinct().Count());
        Assert.True(trace.GetProperty("processes").TryGetProperty("p1", out _));
        var zipkin = await app.GetJsonAsync($"/api/v2/trace/{Id}");
        Assert.Equal(Requests * SpansPerRequest, zipkin.GetArrayLength());
        await AssertPagesAsync(app);
    }

    [Fact]
    public async Task Of_more_spans_than_are_assembled_jaegers_page_is_told_and_our_own_api_judges_those_that_are()
    {
        await using var app = await StartAsync("--Tracing:MaxFinalizedSpans=2000");
        var trace = (await app.GetJsonAsync($"/api/traces/{Id}")).GetProperty("data")[0];
        Assert.Equal(Requests * SpansPerRequest, trace.GetProperty("spans").GetArrayLength());
        const string NotAdjusted = "The trace is too large to be assembled: its times are as sent, not adjusted for clock skew.";
        Assert.Equal([NotAdjusted], trace.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()));
        Assert.Equal($"199 - \"{NotAdjusted}\"", (await app.GetAsync($"/api/v3/traces/{Id}")).Header("Warning"));
        var summary = (await app.GetJsonAsync($"/query/v1/traces/{Id}?limit=1")).GetProperty("summary");
        Assert.Equal(2000, summary.GetProperty("spans").GetInt32());
        Assert.Contains("truncated", summary.GetProperty("verdicts").EnumerateArray().Select(verdict => verdict.GetString()));
    }

    [Fact]
    public async Task A_caller_who_does_not_read_keeps_others_waiting_until_it_is_gone()
    {
        await using var app = await StartAsync("--Tracing:LargeTracesAtOnce=1", "--Tracing:LargeTraceWaitSeconds=0.1");
        using var client = NewClient(app);
        using (await client.GetAsync($"/api/traces/{Id}", HttpCompletionOption.ResponseHeadersRead, CancellationToken.None))
        {
            var refused = await app.GetAsync($"/api/traces/{Id}");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
            Assert.Equal("5", refused.Header("Retry-After"));
            Assert.Contains("Several large traces are being answered at this time", refused.Text, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.GetAsync($"/api/v2/trace/{Id}")).Status);
            foreach (var path in new[] { "", "/verdicts", "/critical-path", "/fragments" })
            {
                var busy = await app.GetAsync($"/query/v1/traces/{Id}{path}");
                Assert.Equal((HttpStatusCode.ServiceUnavailable, "5"), (busy.Status, busy.Header("Retry-After")));
                Assert.Equal("urn:problem-type:serverless-tracing:busy", busy.Json.GetProperty("type").GetString());
            }
        }

        await app.UntilAsync($"/api/v2/trace/{Id}", answer => answer.Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_caller_who_takes_too_long_is_cut_off()
    {
        // Long enough for a slow machine to look whether all is stored, which is cut off as well.
        await using var app = await StartAsync("--Tracing:LargeTracesAtOnce=1", "--Tracing:LargeTraceSeconds=15", "--Tracing:LargeTraceWaitSeconds=60");
        using var client = NewClient(app);
        using var response = await client.GetAsync($"/api/traces/{Id}", HttpCompletionOption.ResponseHeadersRead, CancellationToken.None);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        // Who waits for its place gets it when the first one's time is up.
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync($"/api/v2/trace/{Id}")).Status);
        await Assert.ThrowsAnyAsync<Exception>(async () => await response.Content.ReadAsByteArrayAsync(CancellationToken.None));
    }

    // In pages, each with its spans whole.
    private static async Task AssertPagesAsync(QueryApp app)
    {
        var (ids, cursor) = (new HashSet<string>(), "");
        while (cursor is not null)
        {
            var page = await app.GetJsonAsync($"/query/v1/traces/{Id}?limit=5000{(cursor.Length == 0 ? "" : "&cursor=" + cursor)}");
            foreach (var span in page.GetProperty("spans").EnumerateArray())
            {
                Assert.True(ids.Add(span.GetProperty("spanId").GetString()!));
                Assert.EndsWith("xxx", span.GetProperty("attributes")[0].GetProperty("value").GetProperty("stringValue").GetString(), StringComparison.Ordinal);
            }

            cursor = page.GetProperty("nextCursor").GetString();
        }

        Assert.Equal(Requests * SpansPerRequest, ids.Count);
        var verdicts = (await app.GetJsonAsync($"/query/v1/traces/{Id}/verdicts")).GetProperty("verdicts").EnumerateArray().Select(verdict => verdict.GetProperty("kind").GetString());
        Assert.Equal(["root_missing", "parent_missing", "skewed"], verdicts);
    }

    // A connection over which much was read has buffers that take an answer whole.
    private static HttpClient NewClient(QueryApp app) => new() { BaseAddress = app.Client.BaseAddress };

    // Enough to fill every buffer on the way.
    private static async Task<QueryApp> StartAsync(params string[] settings)
    {
        var app = await QueryApp.StartAsync(settings);
        var text = new string('x', 1_000);
        var startUs = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks / 10;
        for (var request = 0; request < Requests; request++)
        {
            var json = JsonSerializer.Serialize(Enumerable.Range((request * SpansPerRequest) + 1, SpansPerRequest).Select(number => new
            {
                traceId = Id,
                id = $"{number:x16}",
                parentId = $"{(number == 1 ? 0xffff : number / 2):x16}",
                name = "n",
                timestamp = startUs + number,
                duration = 5,
                localEndpoint = new { serviceName = $"s{number % 7}" },
                tags = new { text = number + text },
            }));
            await app.StoreAsync("/api/v2/spans", json);
        }

        await UntilStoredAsync(app);
        return app;
    }

    private static async Task UntilStoredAsync(QueryApp app)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var found = 0;
            try
            {
                found = Occurrences((await app.GetAsync($"/api/v2/trace/{Id}")).Text);
            }
            catch (HttpRequestException)
            {
                // Cut off: on a busy machine an answer may take longer than a test allows it.
            }

            if (found == Requests * SpansPerRequest)
                return;
            Assert.True(Stopwatch.GetElapsedTime(start) < Deadline, $"{found} spans are there after {Deadline}.");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    private static int Occurrences(string text) => text.AsSpan().Count("\"timestamp\"");
}
