using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Serverless.Benchmarks.Load;

/// <summary>Measures queries one after the other over one connection, against the spans that a run has posted.</summary>
internal sealed class QueryMeasure(LoadOptions options, IReadOnlyList<RequestIds> acknowledged, DateTimeOffset since, TimeProvider clock)
{
    private const int WarmupTraceQueries = 200;
    private const int WarmupSearches = 20;
    private const int NewestTraces = 20;
    private const int SearchesForUniqueTag = 100;
    private const int MaxFailuresShown = 2;

    private readonly Random _random = new(1);
    private readonly List<string> _failures = [];

    /// <summary>What went wrong, the first few.</summary>
    public IReadOnlyList<string> Failures => _failures;

    /// <summary>Queries that failed or did not find what they had to.</summary>
    public int FailureCount { get; private set; }

    /// <summary>Fetches random traces by id; each must have all its spans.</summary>
    public LatencySummary? TraceById() => Measure(WarmupTraceQueries, options.TraceQueries, () =>
    {
        var id = Pick().TraceText(_random.Next(SpanRequestTemplate.TracesPerRequest));
        return ($"/api/traces/{id}", body => CountOf(body, "\"spanID\""u8) >= TraceShape.Spans.Length ? null : "spans are missing");
    });

    /// <summary>Searches the newest traces of the root service.</summary>
    public LatencySummary? NewestOfService() => Measure(WarmupSearches, options.SearchQueries, () =>
        (Search("", NewestTraces), body => CountOf(body, "\"traceID\""u8) > 0 ? null : "nothing found"));

    /// <summary>Searches the newest traces with a tag that one trace in twenty has.</summary>
    public LatencySummary? NewestWithTag() => Measure(WarmupSearches, options.SearchQueries, () =>
        (Search($$"""{"{{SpanRequestTemplate.StatusKey}}":"{{SpanRequestTemplate.FailedStatus}}"}""", NewestTraces, "payments"),
            body => CountOf(body, "\"traceID\""u8) > 0 ? null : "nothing found"));

    /// <summary>Searches a trace by a text that only one span has, over the whole run.</summary>
    public LatencySummary? WithUniqueTag() => Measure(5, Math.Min(options.SearchQueries, SearchesForUniqueTag), () =>
    {
        // Span 0 of a trace is the root service's.
        var trace = _random.Next(SpanRequestTemplate.TracesPerRequest);
        var request = Pick();
        var text = request.UniqueText(trace * TraceShape.Spans.Length).ToString("x16");
        var id = Encoding.ASCII.GetBytes(request.TraceText(trace));
        return (Search($$"""{"{{SpanRequestTemplate.UniqueKey}}":"{{text}}"}""", NewestTraces),
            body => body.IndexOf(id) >= 0 ? null : "the trace was not found");
    });

    /// <summary>Fetches every acknowledged trace; returns spans missing and spans too many.</summary>
    public (long Missing, long Surplus) Verify()
    {
        long missing = 0, surplus = 0;
        using var connection = new HttpConnection(options.QueryUrl);
        foreach (var request in acknowledged)
            for (var trace = 0; trace < SpanRequestTemplate.TracesPerRequest; trace++)
            {
                var found = new Dictionary<string, int>();
                var answer = connection.Get($"/api/v2/trace/{request.TraceText(trace)}");
                if (answer.IsSuccess)
                    using (var json = JsonDocument.Parse(answer.Body))
                        foreach (var span in json.RootElement.EnumerateArray())
                        {
                            var id = span.GetProperty("id").GetString()!;
                            found[id] = found.GetValueOrDefault(id) + 1;
                        }

                for (var span = 0; span < TraceShape.Spans.Length; span++)
                {
                    found.Remove(request.Span(trace * TraceShape.Spans.Length + span).ToString("x16"), out var times);
                    missing += times == 0 ? 1 : 0;
                    surplus += Math.Max(0, times - 1);
                }

                surplus += found.Values.Sum();
            }

        return (missing, surplus);
    }

    private delegate string? Check(ReadOnlySpan<byte> body);

    private LatencySummary? Measure(int warmup, int count, Func<(string Path, Check Check)> next)
    {
        var latencies = new Latencies();
        if (acknowledged.Count == 0 || count == 0)
            return null;
        using var connection = new HttpConnection(options.QueryUrl);
        for (var i = -warmup; i < count; i++)
        {
            var (path, check) = next();
            try
            {
                var start = Stopwatch.GetTimestamp();
                var answer = connection.Get(path);
                if (i >= 0)
                    latencies.AddSince(start);
                var problem = answer.IsSuccess ? check(answer.Body.Span) : $"the server answered {answer.Status}";
                if (problem is not null)
                    Fail(path, problem);
            }
            catch (IOException e)
            {
                Fail(path, e.Message);
                break;
            }
        }

        return latencies.Summarize();
    }

    private void Fail(string path, string problem)
    {
        FailureCount++;
        if (_failures.Count < MaxFailuresShown)
            _failures.Add($"{path}: {problem}");
    }

    private RequestIds Pick() => acknowledged[_random.Next(acknowledged.Count)];

    private string Search(string tags, int limit, string service = TraceShape.RootService)
    {
        var start = (since - TimeSpan.FromMinutes(1) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        var end = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        var tagPart = tags.Length == 0 ? "" : "&tags=" + Uri.EscapeDataString(tags);
        return $"/api/traces?service={service}&limit={limit}&start={start}&end={end}{tagPart}";
    }

    private static int CountOf(ReadOnlySpan<byte> body, ReadOnlySpan<byte> text)
    {
        var count = 0;
        for (int at; (at = body.IndexOf(text)) >= 0; body = body[(at + text.Length)..])
            count++;
        return count;
    }
}
