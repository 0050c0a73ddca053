using System.Net;
using System.Text.Json;
using Azure.Data.Tables;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Querying.Api;
using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;

namespace Serverless.Tests.Querying.Api;

/// <summary>What our own API and Jaeger's say of traces that were finalized, over HTTP.</summary>
public sealed class FinalizedTraceApiTests(FinalizedTraceApiTests.Shop shop) : IClassFixture<FinalizedTraceApiTests.Shop>
{
    private const string Complete = "00000000000000c1";
    internal const string Received = "00000000000000c2";
    internal const string Opened = "00000000000000c3";
    private const string Late = "00000000000000c4";
    private const string Rootless = "00000000000000c5";
    private const string OtherRootless = "00000000000000c6";

    private static readonly JsonElement Document = JsonDocument.Parse(OpenApiDocument.Bytes).RootElement;

    private readonly QueryApp _app = shop.App;

    [Theory]
    [InlineData(Received)]
    [InlineData(Opened)]
    public Task A_service_that_does_not_forward_the_headers_is_named_with_both_traces_side_by_side(string id) => AssertBroken(_app, id);

    [Fact]
    public Task A_span_that_came_after_its_trace_was_finalized_makes_it_late() => AssertLate(_app);

    [Theory]
    [InlineData("verdict=propagation_broken", new[] { Received, Opened })]
    [InlineData("verdict=late", new[] { Late })]
    [InlineData("verdict=root_missing", new[] { Rootless, OtherRootless })]
    [InlineData("verdict=root_missing&verdict=late", new[] { Late, Rootless, OtherRootless })]
    [InlineData("verdict=root_missing&service=billing", new[] { Rootless })]
    [InlineData("verdict=contradictory", new string[0])]
    public async Task A_search_by_verdict_finds_exactly_those_in_pages_too(string filter, string[] expected)
    {
        foreach (var limit in new[] { 1, 20 })
        {
            var found = new List<string>();
            string? cursor = null;
            do
            {
                var page = await _app.GetJsonAsync($"/query/v1/traces?{filter}&end={shop.ToNs}&limit={limit}{(cursor is null ? "" : "&cursor=" + cursor)}");
                Assert.True(page.GetProperty("isComplete").GetBoolean());
                found.AddRange(page.GetProperty("traces").EnumerateArray().Select(trace => trace.GetProperty("traceId").GetString()!));
                cursor = page.GetProperty("nextCursor").GetString();
            }
            while (cursor is not null);
            Assert.Equal(expected, found.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Of_finalized_traces_only_those_that_are_listed_under_the_verdict_are_looked_at()
    {
        var candidates = _app.Services.GetRequiredService<VerdictCandidates>();
        var found = await candidates.FindAsync([VerdictKind.RootMissing], true, shop.FromNs, shop.ToNs, CancellationToken.None);
        Assert.Equal([0xc5UL, 0xc6UL], found!.Traces.Order());
        Assert.Null(await candidates.FindAsync([VerdictKind.Complete], true, 0, ulong.MaxValue, CancellationToken.None));
        Assert.Null(await candidates.FindAsync([VerdictKind.Late], false, 0, ulong.MaxValue, CancellationToken.None));
    }

    [Fact]
    public async Task What_is_in_flight_is_found_at_once_and_no_longer_when_the_verdict_does_not_hold()
    {
        await using var app = await QueryApp.StartAsync("--Tracing:QuietSeconds", "1000");
        await app.StoreAsync("/api/v2/spans", $"[{Shop.Span(Rootless, 2, "billing", "SERVER", "get /bill", 0, 5, parent: 1)}]", Rootless);
        // It is found as soon as its receipt is there, which is written last.
        await app.UntilAsync("/query/v1/traces?verdict=root_missing", answer => answer.Json.GetProperty("traces").GetArrayLength() == 1);
        Assert.Equal([Rootless], await IdsAsync());
        await app.StoreAsync("/api/v2/spans", $"[{Shop.Span(Rootless, 1, "gateway", "CLIENT", "get /bill", 0, 6)}]", Rootless);
        await app.UntilAsync($"/query/v1/traces/{Rootless}", answer => answer.Json.GetProperty("summary").GetProperty("spans").GetInt32() == 2);
        Assert.Empty(await IdsAsync());

        async Task<string[]> IdsAsync() =>
            [.. (await app.GetJsonAsync("/query/v1/traces?verdict=root_missing")).GetProperty("traces").EnumerateArray().Select(trace => trace.GetProperty("traceId").GetString()!)];
    }

    [Fact]
    public async Task What_is_just_being_written_is_found_before_its_receipt_is_there()
    {
        await using var app = await QueryApp.StartAsync("--Tracing:QuietSeconds", "1000");
        // Ahead of the clock, so that it has just begun however long this takes.
        var startUs = (DateTimeOffset.UtcNow.AddMinutes(5) - DateTimeOffset.UnixEpoch).Ticks / 10;
        await app.StoreAsync(
            "/api/v2/spans",
            $$"""[{"traceId":"{{Rootless}}","id":"2","parentId":"1","name":"n","timestamp":{{startUs}},"duration":5,"localEndpoint":{"serviceName":"billing"} }]""");
        var search = FormattableString.Invariant($"/query/v1/traces?verdict=root_missing&end={(startUs + 1_000_000) * 1_000}");
        await app.UntilAsync(search, answer => answer.Json.GetProperty("traces").GetArrayLength() == 1);
        await UntilHasReceiptsAsync();

        var service = new TableServiceClient(app.ConnectionString);
        foreach (var day in await app.Services.GetRequiredService<DayTables>().DaysAsync(DayTables.Receipts, CancellationToken.None))
        {
            var client = service.GetTableClient(DayTables.Name(DayTables.Receipts, day));
            await foreach (var row in client.QueryAsync<TableEntity>(cancellationToken: CancellationToken.None))
                await client.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancellationToken: CancellationToken.None);
        }

        var candidates = app.Services.GetRequiredService<VerdictCandidates>();
        Assert.Empty((await candidates.FindAsync([VerdictKind.RootMissing], true, 0, ulong.MaxValue, CancellationToken.None))!.Traces);
        Assert.Equal(1, (await app.GetJsonAsync(search)).GetProperty("traces").GetArrayLength());

        async Task UntilHasReceiptsAsync()
        {
            var deadline = DateTime.UtcNow.AddSeconds(60);
            while ((await app.Services.GetRequiredService<VerdictCandidates>().FindAsync([VerdictKind.RootMissing], true, 0, ulong.MaxValue, CancellationToken.None))!.Traces.Count == 0)
            {
                Assert.True(DateTime.UtcNow < deadline, "There is no receipt after a minute.");
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }

    [Fact]
    public async Task Links_and_metrics_count_the_calls_of_the_window()
    {
        var links = (await _app.GetJsonAsync($"/query/v1/links?service=stock&end={shop.ToNs}")).GetProperty("links").EnumerateArray().ToArray();
        var link = Assert.Single(links);
        Assert.Equal(("orders", "stock", 1), (link.GetProperty("parent").GetString(), link.GetProperty("child").GetString(), link.GetProperty("calls").GetInt32()));
        Assert.Empty((await _app.GetJsonAsync("/query/v1/links?end=1000000")).GetProperty("links").EnumerateArray());

        var metrics = await _app.GetJsonAsync($"/query/v1/metrics?service=orders&service=stock&by=operation&kind=server&end={shop.ToNs}");
        Assert.Empty(new JsonSchema(Document).Check(metrics, Document.GetProperty("components").GetProperty("schemas").GetProperty("Metrics")));
        Assert.True(metrics.GetProperty("isComplete").GetBoolean());
        Assert.Equal(
            ["orders post /orders 1", "stock get /stock 1"],
            metrics.GetProperty("series").EnumerateArray().Select(one => $"{one.GetProperty("service")} {one.GetProperty("operation")} {one.GetProperty("calls")}"));
        var orders = metrics.GetProperty("series")[0];
        Assert.InRange(orders.GetProperty("p50Ns").GetInt64(), 450_000_000, 550_000_000);
        Assert.Equal(500_000_000, Assert.Single(orders.GetProperty("minutes").EnumerateArray()).GetProperty("durationNs").GetInt64());
    }

    [Fact]
    public async Task A_kind_that_is_none_is_refused()
    {
        var answer = await _app.GetAsync("/query/v1/metrics?kind=colour");
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("Parameter 'kind' is one of unspecified, internal, server, client, producer, consumer, not 'colour'.", answer.Json.GetProperty("detail").GetString());
    }

    internal static async Task AssertBroken(QueryApp app, string id)
    {
        var trace = await app.GetJsonAsync($"/query/v1/traces/{id}");
        Assert.Contains("propagation_broken", Verdicts(trace.GetProperty("summary")));
        Assert.True(trace.GetProperty("finalized").GetProperty("version").GetInt32() > 0);
        var verdict = (await app.GetJsonAsync($"/query/v1/traces/{id}/verdicts")).GetProperty("verdicts").EnumerateArray()
            .Single(one => one.GetProperty("kind").GetString() == "propagation_broken");
        var text = verdict.GetProperty("evidence")[0].GetProperty("text").GetString()!;
        Assert.Equal(
            $"orders received post /orders in trace {Received}, and meanwhile began the new trace {Opened} with get /stock: it does not forward the trace headers of what it receives.",
            text);

        var answer = await app.GetJsonAsync($"/query/v1/traces/{id}/fragments");
        Assert.Empty(new JsonSchema(Document).Check(answer, Document.GetProperty("components").GetProperty("schemas").GetProperty("Fragments")));
        var found = Assert.Single(answer.GetProperty("breaks").EnumerateArray());
        Assert.Equal("orders", found.GetProperty("service").GetString());
        Assert.Equal((Received, Opened), (Side("received"), Side("opened")));
        Assert.Contains("propagation_broken", Verdicts(found.GetProperty("opened").GetProperty("trace")));

        var jaeger = (await app.GetJsonAsync($"/api/traces/{id}")).GetProperty("data")[0];
        Assert.Contains(text, jaeger.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()));

        string Side(string side) => found.GetProperty(side).GetProperty("trace").GetProperty("traceId").GetString()!;
    }

    internal static async Task AssertLate(QueryApp app)
    {
        var verdicts = (await app.GetJsonAsync($"/query/v1/traces/{Late}/verdicts")).GetProperty("verdicts").EnumerateArray()
            .ToDictionary(verdict => verdict.GetProperty("kind").GetString()!);
        Assert.Contains("after its end", verdicts["late"].GetProperty("evidence")[0].GetProperty("text").GetString());
        var jaeger = (await app.GetJsonAsync($"/api/traces/{Late}")).GetProperty("data")[0];
        Assert.Contains(jaeger.GetProperty("warnings").EnumerateArray(), warning => warning.GetString()!.Contains("after its end", StringComparison.Ordinal));
    }

    private static IEnumerable<string?> Verdicts(JsonElement summary) => summary.GetProperty("verdicts").EnumerateArray().Select(verdict => verdict.GetString());

    /// <summary>The same traces, each of which is a large one.</summary>
    public sealed class LargeShop() : Shop("--Tracing:LargeTraceBytes=1");

    /// <summary>Traces of every sort, all finalized, and the break between two of them found.</summary>
    public class Shop : IAsyncLifetime
    {
        private readonly string[] _settings;

        public Shop()
            : this([])
        {
        }

        private protected Shop(params string[] settings) => _settings = settings;

        private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

        public QueryApp App { get; private set; } = null!;

        /// <summary>A while before all of them.</summary>
        public ulong FromNs { get; } = (ulong)Now.AddMinutes(-30).ToUnixTimeMilliseconds() * 1_000_000;

        /// <summary>A while behind all of them.</summary>
        public ulong ToNs { get; } = (ulong)Now.AddMinutes(2).ToUnixTimeMilliseconds() * 1_000_000;

        public static string Span(string trace, int id, string service, string kind, string name, int startMs, int durationMs, int parent = 0) =>
            $$"""
            {"traceId":"{{trace}}","id":"{{id:x16}}",{{(parent == 0 ? "" : $"\"parentId\":\"{parent:x16}\",")}}"kind":"{{kind}}","name":"{{name}}",
            "timestamp":{{(Now.ToUnixTimeMilliseconds() + startMs) * 1_000}},"duration":{{durationMs * 1_000}},"localEndpoint":{"serviceName":"{{service}}"} }
            """;

        public async ValueTask InitializeAsync()
        {
            // Spans are late after the time after which a trace is quiet: these are 40 s ahead of their clock for a machine that is slow.
            App = await QueryApp.StartAsync(["--Tracing:QuietSeconds", "1", .. _settings]);
            const int soon = 40_000;
            string[] spans =
            [
                Span(Complete, 1, "gateway", "SERVER", "get /", soon, 10),
                Span(Received, 1, "gateway", "CLIENT", "post /orders", soon, 900), Span(Received, 2, "orders", "SERVER", "post /orders", soon + 100, 500, parent: 1),
                Span(Opened, 3, "orders", "CLIENT", "get /stock", soon + 200, 100), Span(Opened, 4, "stock", "SERVER", "get /stock", soon + 210, 50, parent: 3),
                Span(Late, 1, "gateway", "SERVER", "get /", -600_000, 10),
                Span(Rootless, 2, "billing", "SERVER", "get /bill", soon, 5, parent: 1),
                Span(OtherRootless, 2, "mail", "CONSUMER", "send", soon, 5, parent: 1),
            ];
            await App.StoreAsync("/api/v2/spans", $"[{string.Join(',', spans)}]", Complete, Received, Opened, Late, Rootless, OtherRootless);
            var planner = App.Services.GetRequiredService<FinalizePlanner>();
            var breaks = App.Services.GetRequiredService<BreakFinder>();
            foreach (var id in new[] { Complete, Late, Rootless, OtherRootless })
                await UntilAsync(id, planner.RunAsync, trace => trace.GetProperty("finalized").ValueKind == JsonValueKind.Object);
            await App.StoreAsync("/api/v2/spans", $"[{Span(Late, 2, "gateway", "CLIENT", "get /more", -600_000, 5, parent: 1)}]");
            await UntilAsync(Late, planner.RunAsync, trace => trace.GetProperty("finalized").GetProperty("version").GetInt32() > 1);
            foreach (var id in new[] { Received, Opened })
                await UntilAsync(id, breaks.RunAsync, trace => Verdicts(trace.GetProperty("summary")).Contains("propagation_broken"));
            // Once more, so that it is noted that nothing is in flight.
            await planner.RunAsync(CancellationToken.None);
            await planner.RunAsync(CancellationToken.None);
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();

        private async Task UntilAsync(string id, Func<CancellationToken, Task<int>> run, Func<JsonElement, bool> isDone)
        {
            var deadline = TimeProvider.System.GetTimestamp();
            while (true)
            {
                await run(CancellationToken.None);
                var trace = await App.GetJsonAsync($"/query/v1/traces/{id}");
                if (isDone(trace))
                    return;
                Assert.True(TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(30), $"Waited in vain; the trace is {trace}.");
                await Task.Delay(100, CancellationToken.None);
            }
        }
    }
}
