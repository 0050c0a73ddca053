using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Serverless.EndToEnd.Harness;

/// <summary>
/// Reads back every trace of a load and counts: each span of an acknowledged request has to be there, once, as it was sent.
/// Spans that were posted and not acknowledged may be there, once; others may not.
/// </summary>
internal sealed class SpanCheck(SpanLoad load, Uri address)
{
    private const int Readers = 4;
    private const int JaegerEvery = 25;
    private const int SearchSamples = 25;
    private const int MostProblems = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly SpanSource _source = load.Source;
    private readonly ConcurrentQueue<string> _problems = new();
    private long _posted;
    private long _acknowledged;
    private long _found;
    private long _missing;
    private long _doubled;
    private long _foreign;
    private long _wrong;
    private int _jaeger;
    private int _searched;

    /// <summary>Checks everything, and fails with what is wrong.</summary>
    /// <param name="summary">More to say beside the counts.</param>
    public async Task AssertAsync(string summary = "")
    {
        var start = Stopwatch.GetTimestamp();
        using var queries = new QueryClient(address);
        await WaitForLastAsync(queries, start);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Readers, CancellationToken = TestContext.Current.CancellationToken };
        await Parallel.ForAsync(0, load.TraceCount, options, async (trace, _) => await CheckAsync(queries, trace, start));
        await SearchAsync(queries);
        var counts = string.Create(
            CultureInfo.InvariantCulture,
            $"posted {_posted}, acknowledged {_acknowledged}, found {_found}, missing {_missing}, doubled {_doubled}, foreign {_foreign}, wrong {_wrong}; "
            + $"refused requests {load.Refused}, unanswered requests {load.Broken}, traces {load.TraceCount}, by Jaeger {_jaeger}, by search {_searched}, "
            + $"queries asked again {queries.Refused}, checked in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s{summary}");
        TestContext.Current.TestOutputHelper?.WriteLine(counts);
        TestContext.Current.SendDiagnosticMessage("{0}", counts);
        Assert.Empty(load.WrongAnswers);
        Assert.True(_problems.IsEmpty, counts + "\n" + string.Join('\n', _problems));
        Assert.True(_acknowledged > 0, "Nothing was acknowledged: " + counts);
        Assert.True(_found >= _acknowledged && _jaeger > 0 && _searched > 0, counts);
    }

    /// <summary>What was posted last is assembled last: until it is there, asking for everything would be in vain.</summary>
    private async Task WaitForLastAsync(QueryClient queries, long start)
    {
        for (var trace = load.TraceCount - 1; trace >= Math.Max(0, load.TraceCount - SpanSource.TracesPerWindow); trace--)
        {
            while (Expected(trace).Any(span => span.IsAcknowledged) && !await IsWholeAsync(queries, trace) && Stopwatch.GetElapsedTime(start) < Patience)
                await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }

    private async Task<bool> IsWholeAsync(QueryClient queries, long trace)
    {
        using var answer = await queries.GetAsync("api/v2/trace/" + _source.TraceId(trace));
        var keys = answer is null ? [] : answer.RootElement.EnumerateArray().Select(Key).ToHashSet();
        return Expected(trace).All(span => !span.IsAcknowledged || keys.Contains(span.Span.Key));
    }

    private async Task CheckAsync(QueryClient queries, long trace, long start)
    {
        var expected = Expected(trace);
        if (expected.Count == 0)
            return;
        // Partitions are assembled independently: a trace may still be on its way although later ones are there.
        while (!await IsWholeAsync(queries, trace) && Stopwatch.GetElapsedTime(start) < Patience)
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        using var answer = await queries.GetAsync("api/v2/trace/" + _source.TraceId(trace));
        JsonElement[] found = answer is null ? [] : [.. answer.RootElement.EnumerateArray()];
        Compare(trace, expected, found);
        if (trace % JaegerEvery == 0 && found.Length > 0)
            await CheckJaegerAsync(queries, trace, found.Length);
    }

    private void Compare(long trace, List<(MadeSpan Span, bool IsAcknowledged)> expected, JsonElement[] found)
    {
        Interlocked.Add(ref _posted, expected.Count);
        Interlocked.Add(ref _acknowledged, expected.Count(span => span.IsAcknowledged));
        var byKey = found.ToLookup(Key);
        foreach (var (span, isAcknowledged) in expected)
        {
            var same = byKey[span.Key].ToArray();
            if (same.Length == 0)
            {
                if (isAcknowledged)
                    AddProblem(ref _missing, $"Trace {trace} ({span.TraceId}): acknowledged span {span.Key} is missing.");
                continue;
            }

            Interlocked.Increment(ref _found);
            if (same.Length > 1)
                AddProblem(ref _doubled, $"Trace {trace}: span {span.Key} is there {same.Length} times: {string.Join("\n  ", same)}");
            if (Difference(span, same[0]) is { } difference)
                AddProblem(ref _wrong, $"Trace {trace}: span {span.Key} {difference}: {same[0]}");
        }

        var known = expected.Select(span => span.Span.Key).ToHashSet();
        foreach (var span in found.Where(span => !known.Contains(Key(span))))
            AddProblem(ref _foreign, $"Trace {trace}: span {Key(span)} was never posted: {span}");
    }

    private static string? Difference(MadeSpan made, JsonElement span)
    {
        var tags = span.GetProperty("tags");
        (string Field, string? Made, string? Found)[] fields =
        [
            ("traceId", made.TraceId, Text(span, "traceId")),
            ("parentId", made.ParentId, Text(span, "parentId")),
            ("kind", made.Kind, Text(span, "kind")),
            ("name", made.Name, Text(span, "name")),
            ("timestamp", Number(made.StartMicroseconds), span.GetProperty("timestamp").GetRawText()),
            ("duration", Number(made.DurationMicroseconds), span.GetProperty("duration").GetRawText()),
            ("service", made.Service, Text(span.GetProperty("localEndpoint"), "serviceName")),
            ("check", made.Check, Text(tags, "check")),
            ("payload", made.Payload, Text(tags, "payload")),
            ("took", Number(made.DurationMicroseconds), Text(tags, "took")),
        ];
        return fields.FirstOrDefault(field => field.Made != field.Found) is { Field: not null } other
            ? $"has {other.Field} '{other.Found}', not '{other.Made}'"
            : null;
    }

    private async Task CheckJaegerAsync(QueryClient queries, long trace, int spans)
    {
        using var answer = await queries.GetAsync($"api/traces/{_source.TraceId(trace)}?adjust=false");
        Interlocked.Increment(ref _jaeger);
        JsonElement[] found = answer is null ? [] : [.. answer.RootElement.GetProperty("data")[0].GetProperty("spans").EnumerateArray()];
        var made = Expected(trace).ToLookup(span => span.Span.Name, span => span.Span.StartMicroseconds);
        var isSame = found.Length == spans
            && found.DistinctBy(span => Text(span, "spanID")).Count() == spans
            && found.All(span => made[Text(span, "operationName")!].Contains(span.GetProperty("startTime").GetInt64()));
        if (!isSame)
            AddProblem(ref _wrong, $"Trace {trace} has {spans} spans by Zipkin's API, and by Jaeger's: {answer?.RootElement}");
    }

    /// <summary>A sample of acknowledged spans, spread over the load, must be found by the tag that only they have.</summary>
    private async Task SearchAsync(QueryClient queries)
    {
        var (from, to) = _source.Milliseconds;
        for (var i = 0; i < SearchSamples; i++)
        {
            var trace = load.TraceCount * i / SearchSamples;
            if (Expected(trace).FirstOrDefault(span => span.IsAcknowledged).Span is not { } span)
                continue;
            _searched++;
            using var byZipkin = await queries.GetAsync(
                $"api/v2/traces?serviceName={span.Service}&annotationQuery=check%3D{span.Check}&endTs={to}&lookback={to - from}");
            if (byZipkin!.RootElement.GetArrayLength() != 1 || Text(byZipkin.RootElement[0][0], "traceId") != span.TraceId)
                AddProblem(ref _wrong, $"Trace {trace} ({span.TraceId}) is not what Zipkin's search finds by check={span.Check}: {byZipkin.RootElement}");
            using var byJaeger = await queries.GetAsync(
                $"api/traces?service={span.Service}&operation={span.Name}&tag=check%3A{span.Check}&start={from * 1_000}&end={to * 1_000}");
            var data = byJaeger!.RootElement.GetProperty("data");
            if (data.GetArrayLength() != 1 || Text(data[0], "traceID") != span.TraceId)
                AddProblem(ref _wrong, $"Trace {trace} ({span.TraceId}) is not what Jaeger's search finds by check={span.Check}: {byJaeger.RootElement}");
        }
    }

    private List<(MadeSpan Span, bool IsAcknowledged)> Expected(long trace)
    {
        var spans = new List<(MadeSpan, bool)>(SpanSource.SpansPerTrace);
        for (var place = 0; place < SpanSource.SpansPerTrace; place++)
        {
            var request = SpanSource.RequestOf(trace, place);
            if (load.IsPosted(request))
                spans.Add((_source.Span(trace, place), load.IsAcknowledged(request)));
        }

        return spans;
    }

    private void AddProblem(ref long count, string text)
    {
        Interlocked.Increment(ref count);
        if (_problems.Count < MostProblems)
            _problems.Enqueue(text);
    }

    private static string Key(JsonElement span) =>
        MadeSpan.KeyOf(Text(span, "id")!, span.TryGetProperty("shared", out var shared) && shared.GetBoolean());

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
