using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions.Querying;
using Serverless.Tests.Assembly;
using Serverless.Tests.Querying.Jaeger;
using Serverless.Tracing.Model;
using static Serverless.Tests.Assembly.SampleSpan;

namespace Serverless.Tests.Querying;

/// <summary>
/// The same stored traces, read by an app to which all are small and by one to which all are large: every API shows the same, but for the order of the spans in
/// Jaeger's and Zipkin's.
/// </summary>
public sealed class LargeAndSmallTraceTests : IAsyncLifetime
{
    private const int RandomTraces = 6;
    private const ulong High = 0xabc;

    private static readonly long StartUs = (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 3_600_000) * 1_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("large-").FullName;
    private readonly List<TraceId> _ids = [];
    private int _markers;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_trace_is_the_same_whether_it_is_large_or_small()
    {
        List<string> small;
        await using (var app = await StartAsync())
        {
            await StoreAsync(app);
            small = await AnswersAsync(app);
            Assert.All(await OpenAsync(app), Assert.NotNull);
        }

        await using (var app = await StartAsync("--Tracing:LargeTraceBytes=1"))
        {
            Assert.All(await OpenAsync(app), Assert.Null);
            var large = await AnswersAsync(app);
            Assert.Equal(small.Count, large.Count);
            foreach (var (expected, actual) in small.Zip(large))
                Assert.Equal(expected, actual);
        }

        // They have what this is about.
        foreach (var said in new[]
        {
            "timestamps were adjusted by", "each below the other", "names itself as its parent", "which is not in the trace", "is left out: it cannot be shown", "\"skewed\"",
            "\"root_missing\"", "\"parent_missing\"", "\"id_width_mismatch\"", "\"contradictory\"", "\"sampled\"", "\"truncated\"", "ids of 64 and of 128 bits", "\"isServerHalf\":true",
        })
        {
            Assert.Contains(small, answer => answer.Contains(said, StringComparison.Ordinal));
        }
    }

    private Task<QueryApp> StartAsync(params string[] settings) =>
        QueryApp.StartAsync(new QueryAppOptions { Folder = _folder }, ["--Tracing:QuietSeconds=3600", .. settings]);

    private async Task<List<ReadTrace?>> OpenAsync(QueryApp app)
    {
        var opened = new List<ReadTrace?>();
        foreach (var id in _ids)
        {
            using var trace = await app.Services.GetRequiredService<TraceStreams>().OpenAsync(id, true, TraceTimes.Unknown, CancellationToken.None);
            Assert.False(trace.IsEmpty);
            opened.Add(trace.Whole);
        }

        return opened;
    }

    // Of each trace one request after the other, so that it has several rows.
    private async Task StoreAsync(QueryApp app)
    {
        var traces = new List<List<(TraceId Id, string Path, string Body, string Marker)>>();
        for (var seed = 1; seed <= RandomTraces; seed++)
        {
            var random = new Random(seed);
            var reports = AdversarialTraceTests.Reports(random, StartUs);
            var id = NewId(seed);
            traces.Add([.. reports.Concat(reports.Where(_ => random.Next(3) == 0)).Chunk(9).Select(some => ZipkinRequest(id, some))]);
        }

        foreach (var spans in Cases())
        {
            var id = NewId(_ids.Count + 1);
            Span[] ofTrace = [.. spans.Select(span => span with
            {
                TraceId = id,
                Links = [.. span.Links.Select(link => link.TraceId == Trace ? link with { TraceId = id } : link)],
            })];
            traces.Add([.. ofTrace.Chunk(Math.Max(1, ofTrace.Length / 3)).Select(some => OtlpRequest(id, some))]);
        }

        // One id in both widths.
        var narrow = new TraceId(0, _ids[0].Low);
        traces.Add([ZipkinRequest(narrow, AdversarialTraceTests.Reports(new Random(99), StartUs))]);
        _ids.Add(narrow);

        for (var round = 0; traces.Exists(trace => trace.Count > round); round++)
        {
            var requests = traces.Where(trace => trace.Count > round).Select(trace => trace[round]).ToArray();
            foreach (var (_, path, body, _) in requests)
                await app.StoreAsync(path, body);
            foreach (var (id, _, _, marker) in requests)
            {
                await app.UntilAsync(
                    $"/api/v2/trace/{id}?strictTraceId=true", answer => answer.Status == HttpStatusCode.OK && answer.Text.Contains(marker, StringComparison.Ordinal));
            }
        }
    }

    private TraceId NewId(int number)
    {
        var id = new TraceId(High, (ulong)(0x1000 + number));
        _ids.Add(id);
        return id;
    }

    private static IEnumerable<Span[]> Cases()
    {
        static Span On(ulong id, ulong parent, string host, int startMs, int tookMs, SpanKind kind = SpanKind.Internal) =>
            Of(id, parent, "on-" + host, kind, startMs * 1_000, tookMs * 1_000) with
            {
                Resource = new Resource
                {
                    ServiceName = "on-" + host,
                    Attributes = [new SpanAttribute("service.name", AttributeValue.Of("on-" + host)), new SpanAttribute("host.name", AttributeValue.Of(host))],
                },
                Events = [new SpanEvent(Origin + (ulong)(startMs * 1_000_000) + 5, "late", [], 0), new SpanEvent(Origin + (ulong)(startMs * 1_000_000), "early", [], 0)],
            };
        static SpanLink To(ulong id) => new(Trace, new SpanId(id), "", [], 0, 0);

        foreach (var (at, took) in new[] { (0, 50), (0, 150), (20, 150), (50, 70), (80, 50), (20, 50) })
            yield return [On(2, 1, "b", at, took, SpanKind.Server), On(3, 2, "b", at + 1, 5), On(4, 2, "c", 0, 10), On(1, 0, "a", 10, 100, SpanKind.Client)];
        yield return [Of(1), Of(2, 4, at: 1), Of(3, 2, at: 2), Of(4, 3, at: 3), Of(5, 5, at: 4), Of(6, 77, "b", at: 5, tags: ("peer.service", "shop"))];
        yield return [Of(1, links: [To(4), To(2)]), Of(2, 1, at: 1), Of(3, at: 2, links: [To(2), Reference(1, "follows_from")]), Of(4, 3, at: 3)];
        yield return [Of(2, 9, kind: SpanKind.Server, traceState: "ot=th:8"), Of(3, 9, "b", at: 4, flags: 0x100) with { DroppedEvents = 4, StatusMessage = "cut" }];
        yield return
        [
            Of(1, kind: SpanKind.Producer, tags: ("messaging.system", "kafka")), Of(2, 1, "b", SpanKind.Consumer, 900, tags: ("messaging.system", "kafka")),
            Of(3, 2, "b", SpanKind.Client, 901, 5, error: true, tags: ("db.system", "pg")) with
            {
                Attributes = [new SpanAttribute("peer.ipv4", AttributeValue.Of(-1_062_731_775L)), new SpanAttribute("db.system", AttributeValue.Of("pg"))],
                Scope = new InstrumentationScope { Name = "lib", Version = "1" },
            },
        ];
        yield return [.. SampleGraphs.Make(3).Concat(SampleGraphs.Make(4)).Select(span => span with { Marks = SpanMarks.None, Resource = new Resource { ServiceName = span.ServiceName } })];
    }

    private (TraceId Id, string Path, string Body, string Marker) ZipkinRequest(TraceId id, IEnumerable<JsonObject> reports)
    {
        var marker = Marker();
        var spans = new JsonArray([.. reports.Select(report => report.DeepClone())]);
        spans.Add(new JsonObject { ["id"] = marker.ToString(), ["parentId"] = "0000000000000001" });
        foreach (var span in spans)
            span!["traceId"] = id.ToString();
        return (id, "/api/v2/spans", spans.ToJsonString(), marker.ToString());
    }

    private (TraceId Id, string Path, string Body, string Marker) OtlpRequest(TraceId id, IEnumerable<Span> spans)
    {
        var marker = Marker();
        return (id, "/v1/traces", OtlpBody.Of([.. spans, Of(marker.Value, 1, at: 1_000, trace: id)]), marker.ToString());
    }

    // Of a span of its own each request is known to be stored.
    private SpanId Marker() => new(0xf000_0000_0000_0000 + (ulong)++_markers);

    private async Task<List<string>> AnswersAsync(QueryApp app)
    {
        var answers = new List<string>();
        foreach (var id in _ids)
        {
            foreach (var query in new[] { "strictTraceId=true", "strictTraceId=false" })
            {
                foreach (var view in new[] { "", "&raw=true" })
                {
                    var jaeger = Jaeger((await app.GetJsonAsync($"/api/traces/{id}?{query}{view}")).GetProperty("data")[0]);
                    // A trace that was sent in both widths is shown under the id of its first span; as it was sent, a large one has no first.
                    answers.Add(view.Length == 0 ? jaeger : jaeger.Replace($"{High:x16}", "", StringComparison.Ordinal));
                    var v3 = await app.GetAsync($"/api/v3/traces/{id}?{query}{view.Replace("raw", "rawTraces", StringComparison.Ordinal)}");
                    Assert.True(v3.Status == HttpStatusCode.OK, v3.Text);
                    answers.Add(Otlp(v3.Json.GetProperty("result").GetProperty("resourceSpans")));
                }

                var zipkin = await app.GetAsync($"/api/v2/trace/{id}?{query}");
                answers.Add($"{zipkin.Header("Warning")} {string.Join('\n', zipkin.Json.EnumerateArray().Select(span => span.GetRawText()).Order(StringComparer.Ordinal))}");
                foreach (var own in new[] { "?", "?adjust=false&", "?limit=3&", "/verdicts?", "/critical-path?", "/fragments?" })
                    answers.Add(Own((await app.GetAsync($"/query/v1/traces/{id}{own}{query}")).Json));
            }
        }

        var list = string.Join('&', _ids.Select(id => $"traceID={id}"));
        answers.AddRange((await app.GetJsonAsync($"/api/traces?{list}&strictTraceId=true")).GetProperty("data").EnumerateArray().Select(Jaeger));
        return answers;
    }

    private static string Jaeger(JsonElement trace)
    {
        var processes = trace.GetProperty("processes");
        var spans = trace.GetProperty("spans").EnumerateArray().Select(span =>
        {
            var one = JsonObject.Create(span)!;
            one["processID"] = processes.GetProperty((string)one["processID"]!).GetRawText();
            return one.ToJsonString();
        });
        return $"{trace.GetProperty("traceID")} {trace.GetProperty("warnings")}\n{string.Join('\n', spans.Order(StringComparer.Ordinal))}";
    }

    private static string Otlp(JsonElement resourceSpans) => string.Join('\n', resourceSpans.EnumerateArray().SelectMany(ofResource =>
        ofResource.GetProperty("scopeSpans").EnumerateArray().SelectMany(ofScope => ofScope.GetProperty("spans").EnumerateArray().Select(span =>
            $"{ofResource.GetProperty("resource").GetRawText()} {(ofScope.TryGetProperty("scope", out var scope) ? scope.GetRawText() : "")} {span.GetRawText()}")))
        .Order(StringComparer.Ordinal));

    // Equal resources may be one in the list, or several.
    private static string Own(JsonElement answer)
    {
        var whole = JsonObject.Create(answer)!;
        if (whole["spans"] is JsonArray spans)
        {
            var resources = whole["resources"]!.AsArray();
            foreach (var span in spans)
                span!["resource"] = resources[(int)span["resource"]!]!.ToJsonString();
            whole.Remove("resources");
        }

        return whole.ToJsonString();
    }
}
