using System.Net;
using Serverless.Functions;

namespace Serverless.Tests.Querying.Zipkin;

/// <summary>What settings change, by Zipkin's kits (<c>ITAutocompleteTags</c>, <c>ITZipkinServerAutocomplete</c>, <c>ITSearchEnabledFalse</c>).</summary>
public sealed class ZipkinSettingsTests
{
    private const string Cached = "max-age=300, must-revalidate";

    [Theory]
    [InlineData(KitFormat.JsonV2)]
    [InlineData(KitFormat.Thrift)]
    public async Task Of_the_keys_that_are_set_the_values_seen_are_told(KitFormat format)
    {
        await using var kit = await StartAsync("--Tracing:AutocompleteKeys", "environment, clnt/finagle.version,environment");
        var keys = await kit.App.GetAsync("/api/v2/autocompleteKeys");
        Assert.Equal(("[\"environment\",\"clnt/finagle.version\"]", Cached), (keys.Text, keys.Header("Cache-Control")));
        Assert.Null((await kit.App.GetAsync("/api/v2/autocompleteValues?key=clnt%2Ffinagle.version")).Header("Cache-Control"));

        await kit.AcceptAsync(format, [.. Enumerable.Range(0, 4).Select(i => Span(kit, ("clnt/finagle.version", "6.45." + i), ("http.method", "GET"), ("environment", "Prod")))]);
        await kit.AcceptAsync(format, Span(kit, ("clnt/finagle.version", "6.45.0")));

        var values = await kit.App.UntilAsync("/zipkin/api/v2/autocompleteValues?key=clnt/finagle.version", answer => answer.Json.GetArrayLength() == 4);
        Assert.Equal(("[\"6.45.0\",\"6.45.1\",\"6.45.2\",\"6.45.3\"]", Cached), (values.Text, values.Header("Cache-Control")));
        values = await kit.App.UntilAsync("/api/v2/autocompleteValues?key=environment", answer => answer.Text != "[]");
        Assert.Equal(("[\"Prod\"]", null), (values.Text, values.Header("Cache-Control")));
        await kit.AssertNamesAsync("/api/v2/autocompleteValues?key=http.method");
        await kit.AssertNamesAsync("/zipkin/api/v2/autocompleteKeys", "environment", "clnt/finagle.version");
    }

    [Fact]
    public async Task Values_of_OTLP_attributes_are_noted_whatever_their_type()
    {
        await using var kit = await StartAsync("--Tracing:AutocompleteKeys", "n,b,d,host.name");
        const string Attributes =
            """[{"key":"n","value":{"intValue":"-7"}},{"key":"b","value":{"boolValue":true}},{"key":"d","value":{"doubleValue":1.5}}]""";
        const string Body = $$$"""
            {"resourceSpans":[{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"h1"}}]},"scopeSpans":[{"spans":[
              {"traceId":"0000000000000000000000000000000b","spanId":"0000000000000001","name":"x","startTimeUnixNano":"1","endTimeUnixNano":"2","attributes":{{{Attributes}}}}]}]}]}
            """;
        await kit.App.StoreAsync("/v1/traces", Body, "b");
        foreach (var (key, value) in new[] { ("n", "-7"), ("b", "true"), ("d", "1.5"), ("host.name", "h1") })
            await kit.App.UntilAsync("/api/v2/autocompleteValues?key=" + key, answer => answer.Text == $"[\"{value}\"]");
    }

    [Fact]
    public async Task A_key_of_very_many_values_has_a_bounded_list()
    {
        await using var kit = await StartAsync("--Tracing:AutocompleteKeys", "id");
        for (var batch = 0; batch < 4; batch++)
            await kit.AcceptAsync([.. Enumerable.Range(0, 400).Select(i => Span(kit, ("id", $"{batch}-{i}")))]);

        await kit.App.UntilAsync("/api/v2/autocompleteValues?key=id", answer => answer.Json.GetArrayLength() == 1_000);
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => kit.AcceptAsync(Span(kit, ("id", "more")))));
        Assert.Equal(1_000, (await kit.App.GetJsonAsync("/api/v2/autocompleteValues?key=id")).GetArrayLength());
    }

    [Fact]
    public async Task Where_none_are_set_the_keys_seen_are_told_with_values_of_recent_traces()
    {
        await using var kit = await StartAsync();
        await kit.AcceptAsync(Span(kit, ("http.method", "GET"), ("region", "eu")), Span(kit, ("http.method", "POST")));

        Assert.Equal(Cached, (await kit.App.GetAsync("/api/v2/autocompleteKeys")).Header("Cache-Control"));
        await kit.AssertNamesAsync("/api/v2/autocompleteKeys", "http.method", "region");
        await kit.AssertNamesAsync("/api/v2/autocompleteValues?key=http.method", "GET", "POST");
        await kit.AssertNamesAsync("/api/v2/autocompleteValues?key=unknown");
    }

    [Fact]
    public async Task With_an_empty_setting_there_are_no_keys_as_in_Zipkin_by_default()
    {
        await using var kit = await StartAsync("--Tracing:AutocompleteKeys", "");
        await kit.AcceptAsync(Span(kit, ("http.method", "GET")));

        await kit.AssertNamesAsync("/api/v2/autocompleteKeys");
        await kit.AssertNamesAsync("/api/v2/autocompleteValues?key=http.method");
        Assert.Equal("key was empty", (await kit.App.GetAsync("/api/v2/autocompleteValues?key=")).Text);
        var missing = await kit.App.GetAsync("/api/v2/autocompleteValues");
        Assert.Equal((HttpStatusCode.BadRequest, "Required parameter 'key' is missing."), (missing.Status, missing.Text));
    }

    [Fact]
    public async Task Without_search_only_traces_by_their_ids_are_found()
    {
        await using var kit = await StartAsync("--Tracing:SearchEnabled", "false", "--Tracing:AutocompleteKeys", "http.method");
        var span = Span(kit, ("http.method", "GET"));
        await kit.AcceptAsync(span);

        await kit.AssertTraceAsync(span.TraceId, span);
        foreach (var path in new[]
        {
            "traces", "traces?serviceName=app", "traces?spanName=x", "traces?annotationQuery=http.method", "traces?minDuration=1", "services",
            "spans?serviceName=app", "remoteServices?serviceName=app", "autocompleteKeys", "autocompleteValues?key=http.method",
        })
        {
            var answer = await kit.App.GetAsync("/api/v2/" + path);
            Assert.Equal((HttpStatusCode.OK, "[]"), (answer.Status, answer.Text));
        }

        Assert.Contains("\"searchEnabled\":false", (await kit.App.GetAsync("/zipkin/config.json")).Text, StringComparison.Ordinal);
        Assert.Equal(0, (await kit.App.GetJsonAsync("/api/services")).GetProperty("total").GetInt32());
    }

    [Fact]
    public void Too_many_keys_are_refused_in_words()
    {
        var error = Assert.Throws<InvalidOperationException>(
            () => AutocompleteKeys.Of(new TracingSettings { AutocompleteKeys = string.Join(',', Enumerable.Range(0, 101)) }));
        Assert.Equal("Tracing:AutocompleteKeys has 101 keys, more than 100: leave some out.", error.Message);
    }

    private static async Task<ZipkinKit> StartAsync(params string[] settings)
    {
        var kit = new ZipkinKit { Settings = settings };
        await kit.InitializeAsync();
        return kit;
    }

    private static KitSpan Span(ZipkinKit kit, params (string Key, string Value)[] tags) => new(kit.NewTraceId(), "1")
    {
        Name = "x", Timestamp = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000 - 10_000_000, Duration = 10, Local = new KitEndpoint("app"), Remote = new KitEndpoint("db"), Tags = tags,
    };
}
