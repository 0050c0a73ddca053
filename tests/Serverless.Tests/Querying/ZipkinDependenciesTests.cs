using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.Tests.Querying;

/// <summary>
/// The cases of Zipkin's published storage test kit for dependencies (ITDependencies) and of its linker (DependencyLinkerTest), as far as HTTP can
/// express them: spans are posted, links are asked for. Each case has services of its own, so that all can share an app.
/// </summary>
public sealed class ZipkinDependenciesTests(DependenciesApp shared) : IClassFixture<DependenciesApp>
{
    private const long DayMs = 86_400_000;

    private static int s_cases;

    private readonly string _suffix = "-" + Interlocked.Increment(ref s_cases).ToString(CultureInfo.InvariantCulture);
    private readonly string _trace = Guid.NewGuid().ToString("N");
    private readonly long _todayMs = new DateTimeOffset(DateTimeOffset.UtcNow.UtcDateTime.Date, TimeSpan.Zero).ToUnixTimeMilliseconds();

    private long EndMs => _todayMs + 1_000;

    [Fact]
    public async Task A_trace_links_its_services_with_errors_counted()
    {
        await PostAsync(Usual(_trace, 0));
        await AssertLinksAsync("backend>db 1 1", "frontend>backend 1");
    }

    [Fact]
    public async Task A_trace_of_mixed_id_width_is_one_trace()
    {
        await PostAsync(
            Span("1", null, "SERVER", "frontend", 0, 350),
            Span("2", "1", "SERVER", "backend", 100, 250, shared: true, trace: _trace[16..]),
            Span("2", "1", "CLIENT", "frontend", 50, 300));
        await AssertLinksAsync("frontend>backend 1");
    }

    [Fact]
    public async Task A_trace_that_is_sent_twice_counts_once()
    {
        await PostAsync(Usual(_trace, 0));
        await AssertLinksAsync("backend>db 1 1", "frontend>backend 1");
        await PostAsync(Usual(_trace, 0));
        // What comes behind it in the same partition has been counted: so has the repetition.
        await PostAsync(Span("99", "10", "CLIENT", "frontend", 60, 5, "last"));
        await AssertLinksAsync("backend>db 1 1", "frontend>backend 1", "frontend>last 1");
    }

    [Fact]
    public async Task Where_nothing_began_there_is_nothing()
    {
        Assert.Equal("[]", (await shared.App.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/api/v2/dependencies?endTs={_todayMs - (300 * DayMs)}&lookback={DayMs}"))).Text);
    }

    [Fact]
    public async Task All_services_instrumented()
    {
        await PostAsync(
            Span("10", null, "SERVER", "frontend", 0, 350), Span("20", "10", "CLIENT", "frontend", 50, 250),
            Span("20", "10", "SERVER", "backend", 100, 150, shared: true), Span("30", "20", "CLIENT", "backend", 150, 50),
            Span("30", "20", "SERVER", "db", 160, 20, shared: true));
        await AssertLinksAsync("backend>db 1", "frontend>backend 1");
    }

    [Fact]
    public async Task A_service_that_calls_itself()
    {
        await PostAsync(Span("10", null, "SERVER", "frontend", 0, 350), Span("20", "10", "CLIENT", "frontend", 50, 250, "frontend"));
        await AssertLinksAsync("frontend>frontend 1");
    }

    [Fact]
    public async Task A_trace_without_its_root()
    {
        await PostAsync([.. Usual(_trace, 0).Skip(1)]);
        await AssertLinksAsync("backend>db 1 1", "frontend>backend 1");
    }

    [Fact]
    public async Task The_end_within_the_trace_counts_all_of_it()
    {
        await PostAsync(Usual(_trace, 0));
        await AssertLinksAsync("backend>db 1 1", "frontend>backend 1");
        Assert.Equal(["backend>db 1 1", "frontend>backend 1"], await LinksAsync(_todayMs + 100, 200));
    }

    [Fact]
    public async Task An_end_before_the_trace_and_a_beginning_behind_it_leave_it_out()
    {
        await PostAsync(Usual(_trace, 0));
        await AssertLinksAsync("backend>db 1 1", "frontend>backend 1");
        Assert.Empty(await LinksAsync(_todayMs - 1_000, 1_000));
        Assert.Empty(await LinksAsync(_todayMs + (2 * DayMs), DayMs));
    }

    [Fact]
    public async Task An_uninstrumented_client_and_an_uninstrumented_server()
    {
        await PostAsync(
            Span("20", null, "SERVER", "frontend", 0, 350, "kafka"), Span("21", "20", "CLIENT", "frontend", 50, 250),
            Span("21", "20", "SERVER", "backend", 250, 50, shared: true), Span("22", "21", "CLIENT", "backend", 150, 50, "db"));
        await AssertLinksAsync("backend>db 1", "frontend>backend 1", "kafka>frontend 1");
    }

    [Theory]
    [InlineData("", "Required parameter 'endTs' is missing.")]
    [InlineData("?endTs=0", "endTs <= 0")]
    [InlineData("?endTs=-1&lookback=0", "endTs <= 0")]
    [InlineData("?endTs=1&lookback=0", "lookback <= 0")]
    [InlineData("?endTs=x", "endTs is not an integer from -9223372036854775808 to 9223372036854775807: x")]
    public async Task End_and_lookback_must_be_positive(string parameters, string text)
    {
        foreach (var path in new[] { "/api/v2/dependencies", "/zipkin/api/v2/dependencies" })
        {
            var answer = await shared.App.GetAsync(path + parameters);
            Assert.Equal((HttpStatusCode.BadRequest, text), (answer.Status, answer.Text));
            Assert.Equal("text/plain; charset=utf-8", answer.Header("Content-Type"));
        }
    }

    [Fact]
    public async Task A_client_and_the_server_that_joins_its_span()
    {
        await PostAsync(
            Span("10", null, "CLIENT", "frontend", 50, 250), Span("10", null, "SERVER", "backend", 100, 150, shared: true),
            Span("11", "10", "CLIENT", "backend", 150, 50, "db"));
        await AssertLinksAsync("backend>db 1", "frontend>backend 1");
    }

    [Fact]
    public async Task A_producer_and_a_consumer_link_to_their_broker()
    {
        await PostAsync(Span("10", null, "PRODUCER", "frontend", 50, 1, "kafka"), Span("11", "10", "CONSUMER", "backend", 100, 1, "kafka"));
        await AssertLinksAsync("frontend>kafka 1", "kafka>backend 1");
    }

    [Fact]
    public async Task A_span_in_between_that_is_missing()
    {
        await PostAsync(Span("20", null, "SERVER", "frontend", 0, 350), Span("22", "21", "CLIENT", "backend", 150, 50));
        await AssertLinksAsync("frontend>backend 1");
    }

    [Fact]
    public async Task Other_days_than_today_can_be_asked_for()
    {
        await PostAsync(Usual(_trace[16..], -DayMs));
        await PostAsync(Usual(Guid.NewGuid().ToString("N"), 0));
        await AssertLinksAsync("backend>db 1 1", "frontend>backend 1");
        Assert.Equal(["backend>db 1 1", "frontend>backend 1"], await LinksAsync(EndMs, 1_000));
        Assert.Equal(["backend>db 1 1", "frontend>backend 1"], await LinksAsync(EndMs - DayMs, DayMs));
        Assert.Equal(["backend>db 2 2", "frontend>backend 2"], await LinksAsync(EndMs, 2 * DayMs));
    }

    [Fact]
    public async Task Kinds_are_not_needed_where_both_sides_are_named()
    {
        await PostAsync(
            Span("20", null, null, "kafka", 0, 350, "frontend"), Span("21", "20", null, "frontend", 50, 250, "backend"),
            Span("22", "21", null, "backend", 150, 50, "db"));
        await AssertLinksAsync("backend>db 1", "frontend>backend 1", "kafka>frontend 1");
    }

    [Fact]
    public async Task A_side_without_a_name_is_passed_over()
    {
        await PostAsync(
            Span("20", null, null, null, 0, 350, "frontend"), Span("21", "20", null, "frontend", 50, 250, "backend"),
            Span("22", "21", null, "backend", 150, 50, "db"));
        await AssertLinksAsync("backend>db 1", "frontend>backend 1");
    }

    [Fact]
    public async Task Spans_in_between_do_not_count()
    {
        await PostAsync(
            Span("20", null, "SERVER", "frontend", 0, 350), Span("21", "20", null, "frontend", 25, 325), Span("22", "21", "CLIENT", "frontend", 50, 250),
            Span("22", "21", "SERVER", "backend", 100, 150, shared: true), Span("23", "22", null, "backend", 110, 130),
            Span("24", "23", null, "backend", 125, 105), Span("25", "24", "CLIENT", "backend", 150, 50, "db"));
        await AssertLinksAsync("backend>db 1", "frontend>backend 1");
    }

    [Fact]
    public async Task A_span_of_version_1_whose_addresses_are_its_own()
    {
        var (frontend, backend) = (Endpoint("frontend"), Endpoint("backend"));
        var spans = new JsonArray(
            V1("20", null, (0, "sr", frontend), (350, "ss", frontend), frontend), V1("22", "21", (50, "cs", frontend), (300, "cr", frontend), backend));
        await shared.App.StoreAsync("/api/v1/spans", spans.ToJsonString(), _trace);
        await AssertLinksAsync("frontend>backend 1");
    }

    [Fact]
    public async Task A_call_without_an_answer()
    {
        await PostAsync(Span("10", null, "CLIENT", "frontend", 50, 0), Span("10", null, "SERVER", "backend", 100, 0, shared: true));
        await AssertLinksAsync("frontend>backend 1");
    }

    [Fact]
    public async Task An_annotation_named_error_is_none()
    {
        var server = Span("10", null, "SERVER", "backend", 100, 10, shared: true);
        server["annotations"] = new JsonArray(new JsonObject { ["timestamp"] = (_todayMs + 72) * 1_000, ["value"] = "error" });
        await PostAsync(Span("10", null, "CLIENT", "frontend", 50, 20), server);
        await AssertLinksAsync("frontend>backend 1");
    }

    [Fact]
    public async Task A_call_without_an_answer_from_an_uninstrumented_source()
    {
        await PostAsync(Span("10", null, "SERVER", "backend", 0, 0, "kafka"), Span("11", "10", null, "backend", 25, 325));
        await AssertLinksAsync("kafka>backend 1");
    }

    [Fact]
    public async Task The_servers_span_that_was_not_told_its_parent()
    {
        await PostAsync(
            Span("a", null, "SERVER", "arn", 0, 9), Span("b", "a", "CLIENT", "arn", 1, 7, "link"), Span("b", null, "SERVER", "link", 2, 5, "arn", shared: true));
        await AssertLinksAsync("arn>link 1");
    }

    [Fact]
    public async Task A_server_below_a_producer()
    {
        await PostAsync(Span("a", null, "PRODUCER", "producer", 0, 9), Span("b", "a", "SERVER", "server", 1, 7));
        await AssertLinksAsync("producer>server 1");
    }

    [Fact]
    public async Task A_client_above_a_consumer_and_messages_without_a_broker_do_not_link()
    {
        await PostAsync(
            Span("a", null, "CLIENT", "client", 0, 9), Span("b", "a", "CONSUMER", "consumer", 1, 7), Span("c", "a", "PRODUCER", "client", 1, 7),
            Span("d", "c", "CONSUMER", "consumer", 2, 7), Span("e", "a", "CLIENT", "client", 1, 3, "known"));
        await AssertLinksAsync("client>known 1");
    }

    [Fact]
    public async Task The_error_of_the_client_counts_with_the_servers_once()
    {
        await PostAsync(
            Span("a", null, "CLIENT", "client", 0, 9, isError: true), Span("b", "a", "SERVER", "server", 1, 7, "client", isError: true),
            Span("c", "a", "SERVER", "server", 1, 7, "client"));
        await AssertLinksAsync("client>server 2 2");
    }

    [Fact]
    public async Task The_pages_path_answers_the_same()
    {
        await PostAsync(Usual(_trace, 0));
        await AssertLinksAsync("backend>db 1 1", "frontend>backend 1");
        var path = string.Create(CultureInfo.InvariantCulture, $"/api/v2/dependencies?endTs={EndMs}&lookback=1000");
        Assert.Equal((await shared.App.GetJsonAsync(path)).GetRawText(), (await shared.App.GetJsonAsync("/zipkin" + path)).GetRawText());
    }

    private async Task AssertLinksAsync(params string[] links)
    {
        string[] found = [];
        await shared.App.UntilAsync(Path(EndMs, DayMs), answer => (found = Links(answer.Json)).SequenceEqual(links));
        Assert.Equal(links, found);
    }

    private async Task<string[]> LinksAsync(long endMs, long lookbackMs) => Links(await shared.App.GetJsonAsync(Path(endMs, lookbackMs)));

    private static string Path(long endMs, long lookbackMs) =>
        string.Create(CultureInfo.InvariantCulture, $"/api/v2/dependencies?endTs={endMs}&lookback={lookbackMs}");

    // An error count of 0 is left out, so that it must not be there.
    private string[] Links(JsonElement links) =>
    [
        .. links.EnumerateArray()
            .Where(link => link.GetProperty("parent").GetString()!.EndsWith(_suffix, StringComparison.Ordinal))
            .Select(link => $"{Plain(link, "parent")}>{Plain(link, "child")} {link.GetProperty("callCount")}"
                + (link.TryGetProperty("errorCount", out var errors) ? $" {errors}" : ""))
            .Order(StringComparer.Ordinal),
    ];

    private string Plain(JsonElement link, string name)
    {
        var service = link.GetProperty(name).GetString()!;
        Assert.EndsWith(_suffix, service, StringComparison.Ordinal);
        return service[..^_suffix.Length];
    }

    private async Task PostAsync(params JsonObject[] spans) =>
        await shared.App.StoreAsync("/api/v2/spans", new JsonArray([.. spans]).ToJsonString(), [.. spans.Select(span => (string)span["traceId"]!).Distinct()]);

    private JsonObject[] Usual(string trace, long at) =>
    [
        Span("10", null, "SERVER", "frontend", at, 350, trace: trace), Span("20", "10", "CLIENT", "frontend", at + 50, 250, trace: trace),
        Span("20", "10", "SERVER", "backend", at + 100, 150, shared: true, trace: trace),
        Span("30", "20", "CLIENT", "backend", at + 150, 50, "db", isError: true, trace: trace),
    ];

    private JsonObject Span(
        string id, string? parent, string? kind, string? service, long at, long tookMs, string? remote = null, bool shared = false, bool isError = false,
        string? trace = null)
    {
        var span = new JsonObject { ["traceId"] = trace ?? _trace, ["id"] = id, ["name"] = "get", ["timestamp"] = (_todayMs + at) * 1_000 };
        if (parent is not null)
            span["parentId"] = parent;
        if (kind is not null)
            span["kind"] = kind;
        if (tookMs > 0)
            span["duration"] = tookMs * 1_000;
        span["localEndpoint"] = service is null ? new JsonObject { ["ipv4"] = "172.17.0.4" } : Endpoint(service);
        if (remote is not null)
            span["remoteEndpoint"] = Endpoint(remote);
        if (shared)
            span["shared"] = true;
        if (isError)
            span["tags"] = new JsonObject { ["error"] = "" };
        return span;
    }

    private JsonObject Endpoint(string service) => new() { ["serviceName"] = service + _suffix };

    private JsonObject V1(string id, string? parent, (long At, string Value, JsonObject Host) first, (long At, string Value, JsonObject Host) second, JsonObject address)
    {
        var span = new JsonObject
        {
            ["traceId"] = _trace,
            ["id"] = id,
            ["name"] = "get",
            ["timestamp"] = (_todayMs + first.At) * 1_000,
            ["duration"] = (second.At - first.At) * 1_000,
            ["annotations"] = new JsonArray(
            [
                .. new[] { first, second }.Select(annotation => new JsonObject
                {
                    ["timestamp"] = (_todayMs + annotation.At) * 1_000, ["value"] = annotation.Value, ["endpoint"] = annotation.Host.DeepClone(),
                }),
            ]),
            ["binaryAnnotations"] = new JsonArray(
                [.. new[] { "ca", "sa" }.Select(key => new JsonObject { ["key"] = key, ["value"] = true, ["endpoint"] = address.DeepClone() })]),
        };
        if (parent is not null)
            span["parentId"] = parent;
        return span;
    }
}
