using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions.Alerting.Measures;
using Serverless.Functions.Probing;
using Serverless.Functions.Probing.Requests;
using Serverless.Tests.Alerting;
using Serverless.Tests.Querying;
using Serverless.Tests.Scenarios;

namespace Serverless.Tests.Probing;

public sealed class ProberTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly DateTimeOffset Minute = new(2026, 3, 1, 12, 34, 0, TimeSpan.Zero);

    [Fact]
    public async Task Every_protocols_probe_becomes_complete()
    {
        await using var app = await QueryApp.StartAsync();
        var answer = await ProbeAsync(app, new ProbeSettings { Url = app.Client.BaseAddress!.ToString() });
        // One run is long enough, but on a machine that is busy otherwise.
        for (var began = Stopwatch.GetTimestamp(); answer.GetProperty("pending").GetInt32() > 0 && Stopwatch.GetElapsedTime(began) < Patience;)
            answer = await ProbeAsync(app, new ProbeSettings { Url = app.Client.BaseAddress!.ToString() });
        var probes = answer.GetProperty("probes").EnumerateArray().TakeLast(6).ToList();
        Assert.All(probes, probe => Assert.True(probe.GetProperty("state").GetString() == "complete", probe.GetRawText()));
        Assert.Equal(
            ["otlp_protobuf", "otlp_json", "zipkin_json", "zipkin_protobuf", "zipkin_thrift", "jaeger_thrift"], probes.Select(probe => probe.GetProperty("protocol").GetString()));
        Assert.Equal((1.0, 0), (answer.GetProperty("completeRatio").GetDouble(), answer.GetProperty("pending").GetInt32()));
        Assert.InRange(answer.GetProperty("visibleSeconds").GetProperty("p50").GetDouble(), 0, answer.GetProperty("visibleSeconds").GetProperty("p95").GetDouble());

        var counted = await MeasureAsync(app, "probes", "protocol");
        Assert.Equal(6, counted.Count);
        Assert.All(counted, value => Assert.True(value.Value >= 1));
        Assert.Empty(await MeasureAsync(app, "probes_failed", "protocol", "finding"));
        Assert.Single(await MeasureAsync(app, "probe_visible_seconds"));
    }

    [Fact]
    public async Task Nothing_is_probed_without_an_address()
    {
        await using var app = await QueryApp.StartAsync();
        await app.Services.GetRequiredService<Prober>().RunAsync(CancellationToken.None);
        Assert.Equal(
            """{"isEnabled":false,"finished":0,"complete":0,"completeRatio":null,"pending":0,"visibleSeconds":{"p50":null,"p95":null},"probes":[]}""",
            (await app.GetAsync("/api/probes")).Text);
        Assert.Empty(await MeasureAsync(app, "probes_failed", "protocol", "finding"));
        var wrong = await app.GetAsync("/api/probes?limit=0");
        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (wrong.Status, wrong.Header("Content-Type")));
        Assert.Equal("limit", wrong.Json.GetProperty("parameter").GetString());
    }

    [Fact]
    public void A_minute_has_the_same_bytes_always_and_another_has_others()
    {
        var requests = ProbeNames.Protocols.SelectMany(protocol => ProbeRequests.Of(ProbeTrace.Of(Minute, protocol))).ToList();
        Assert.Equal(8, requests.Count);
        Assert.Equal(
            requests.Select(request => Convert.ToHexString(request.Body)),
            ProbeNames.Protocols.SelectMany(protocol => ProbeRequests.Of(ProbeTrace.Of(Minute, protocol))).Select(request => Convert.ToHexString(request.Body)));
        var ids = Enumerable.Range(0, 100).SelectMany(i => ProbeNames.Protocols.Select(protocol => ProbeTrace.Of(Minute.AddMinutes(i), protocol).TraceId)).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        // What was posted by one version is looked for by the next.
        Assert.Equal("be3c08d99360f946", Convert.ToHexStringLower(SHA256.HashData([.. requests.SelectMany(request => request.Body)]))[..16]);
    }

    [Fact]
    public async Task An_endpoint_that_refuses_is_told_with_its_answer()
    {
        await using var app = await QueryApp.StartAsync();
        await using var server = await HookReceiver.StartAsync();
        server.Answer = context =>
        {
            context.Response.StatusCode = (int)HttpStatusCode.ServiceUnavailable;
            return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes("overloaded\n")).AsTask();
        };
        var probes = (await ProbeAsync(app, new ProbeSettings { Url = server.Url, Key = "secret" })).GetProperty("probes").EnumerateArray().ToList();
        Assert.All(probes, probe => Assert.Equal("refused", probe.GetProperty("finding").GetString()));
        Assert.Equal("POST /v1/traces: 503 overloaded", probes[0].GetProperty("detail").GetString());
        Assert.All(server.Calls, call => Assert.Equal(("secret", ProbeHttp.UserAgent), (call.Headers["x-functions-key"], call.Headers["User-Agent"])));
        var failed = await MeasureAsync(app, "probes_failed", "protocol", "finding");
        Assert.Contains(failed, value => (value.Labels["protocol"], value.Labels["finding"]) == ("jaeger_thrift", "refused"));
    }

    [Fact]
    public async Task An_endpoint_that_is_not_there_is_unreachable()
    {
        await using var app = await QueryApp.StartAsync();
        string url;
        await using (var server = await HookReceiver.StartAsync())
            url = server.Url;
        var probes = (await ProbeAsync(app, new ProbeSettings { Url = url })).GetProperty("probes").EnumerateArray();
        Assert.All(probes, probe => Assert.Equal("unreachable", probe.GetProperty("finding").GetString()));
    }

    /// <summary>
    /// The prober looks until what it posted is there and spoiled as expected; then its deadline passes. Time passes only here, so that it does not matter how long
    /// anything takes.
    /// </summary>
    [Theory]
    [InlineData("wrong_content", "tags.probe.text: sent '")]
    [InlineData("missing_spans", "/api/v2/trace: 1 of 6 are missing: serverless-prober-")]
    [InlineData("not_found_by_id", "GET /api/traces/")]
    [InlineData("not_found_by_search", "does not have it")]
    [InlineData("not_in_dependencies", "serverless-prober-cart once; the dependencies say 0 times")]
    [InlineData("late", "60 s are allowed")]
    public async Task What_is_dropped_or_changed_is_found_by_its_name(string finding, string detail)
    {
        await using var proxy = await ProberProxy.StartAsync();
        await using var app = await QueryApp.StartAsync();
        proxy.Target = app.Client.BaseAddress;
        proxy.Spoils = (path, status, text) => Tamper(finding, path, status, text);
        var isLate = finding == "late";
        if (isLate)
            proxy.Spoils = (_, _, _) => (HttpStatusCode.NotFound, "");
        var settings = new ProbeSettings { Url = proxy.Url, DeadlineSeconds = 2_400 };
        using var http = new ProbeHttp(settings);
        var clock = new ScenarioClock(DateTimeOffset.UtcNow);
        var prober = new Prober(settings, http, app.Services.GetRequiredService<ProbeStore>(), clock);
        var minute = clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture);

        // Within the minute of the probes, whose run goes on to look for them.
        var run = prober.RunAsync(CancellationToken.None);
        var probes = await ProbesAsync();
        var began = Stopwatch.GetTimestamp();
        for (; probes.Count < 6 || !probes.All(IsAsExpected); probes = await ProbesAsync())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, string.Join('\n', probes));
            await Task.WhenAny(run, Task.Delay(20, CancellationToken.None));
            if (!run.IsCompleted)
                clock.Advance(TimeSpan.FromSeconds(1));
            else
                run = prober.RunAsync(CancellationToken.None);
        }

        await EndAsync(run, clock);
        if (isLate)
            proxy.Spoils = (_, status, text) => (status, text);
        clock.Advance(isLate ? TimeSpan.FromSeconds(90) : TimeSpan.FromSeconds(settings.DeadlineSeconds));
        do
        {
            await EndAsync(prober.RunAsync(CancellationToken.None), clock);
            probes = await ProbesAsync();
        }
        while (probes.Exists(probe => probe.GetProperty("state").GetString() == "pending") && Stopwatch.GetElapsedTime(began) < Patience);

        Assert.Equal(6, probes.Count);
        Assert.All(probes, probe =>
        {
            Assert.True(finding == probe.GetProperty("finding").GetString() && probe.GetProperty("state").GetString() == "failed", probe.GetRawText());
            Assert.Contains(detail, probe.GetProperty("detail").GetString(), StringComparison.Ordinal);
        });

        bool IsAsExpected(JsonElement probe) => probe.TryGetProperty("finding", out var found) && found.GetString() == (isLate ? "not_found_by_id" : finding);

        async Task<List<JsonElement>> ProbesAsync() => [.. (await app.GetJsonAsync("/api/probes?limit=600")).GetProperty("probes").EnumerateArray()
            .Where(probe => probe.GetProperty("minute").GetString()!.StartsWith(minute, StringComparison.Ordinal))];
    }

    private static (HttpStatusCode Status, string Text) Tamper(string finding, string path, HttpStatusCode status, string text) =>
        status != HttpStatusCode.OK ? (status, text)
        : finding == "not_found_by_id" && path.StartsWith("/api/traces/", StringComparison.Ordinal) ? (HttpStatusCode.NotFound, text)
        : (status, Tamper(finding, path, text));

    private static string Tamper(string finding, string path, string text) => finding switch
    {
        "wrong_content" when path.StartsWith("/api/traces/", StringComparison.Ordinal) => text.Replace("Grüße", "Gruesse", StringComparison.Ordinal),
        // The last span of the answer.
        "missing_spans" when path.StartsWith("/api/v2/trace/", StringComparison.Ordinal) => WithoutLast(text),
        "not_found_by_search" when path == "/api/traces" => """{"data":[],"total":0,"limit":0,"offset":0,"errors":null}""",
        "not_in_dependencies" when path == "/api/dependencies" => """{"data":[],"total":0,"limit":0,"offset":0,"errors":null}""",
        _ => text,
    };

    private static string WithoutLast(string text)
    {
        using var document = JsonDocument.Parse(text);
        return $"[{string.Join(',', document.RootElement.EnumerateArray().SkipLast(1).Select(span => span.GetRawText()))}]";
    }

    private static async Task EndAsync(Task run, ScenarioClock clock)
    {
        while (!run.IsCompleted)
        {
            await Task.WhenAny(run, Task.Delay(20, CancellationToken.None));
            if (!run.IsCompleted)
                clock.Advance(TimeSpan.FromSeconds(1));
        }

        await run;
    }

    /// <summary>Runs a prober over the app's tables once.</summary>
    private static async Task<JsonElement> ProbeAsync(QueryApp app, ProbeSettings settings)
    {
        using var http = new ProbeHttp(settings);
        var prober = new Prober(settings, http, app.Services.GetRequiredService<ProbeStore>(), TimeProvider.System);
        await prober.RunAsync(CancellationToken.None);
        return await app.GetJsonAsync("/api/probes");
    }

    private static Task<IReadOnlyList<MeasureValue>> MeasureAsync(QueryApp app, string measure, params string[] by)
    {
        var now = DateTimeOffset.UtcNow;
        var ledger = app.Services.GetServices<IMeasureSource>().Single(source => source.Name == MeasureCatalog.Ledger);
        return ledger.ReadAsync(new MeasureQuery(measure, now.AddMinutes(-10), now.AddMinutes(1)) { By = by, Quantile = 0.95 }, CancellationToken.None);
    }
}
