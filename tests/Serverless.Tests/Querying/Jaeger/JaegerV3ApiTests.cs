using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Serverless.Tests.Querying.Jaeger;

[Collection(StoredTracesCollection.Name)]
public sealed class JaegerV3ApiTests(StoredTraces stored)
{
    private const string AllTime = "query.startTimeMin=2020-01-01T00:00:00Z&query.startTimeMax=2100-01-01T00:00:00Z";
    private const string Batch32 = StoredTraces.Batch;
    private const string Shop32 = "0000000000000000" + StoredTraces.Shop;

    private readonly QueryApp _app = stored.App;

    [Fact]
    public async Task Services_are_a_list_of_names() =>
        Assert.Equal("""{"services":["Checkout","details","gateway","nightly"]}""", (await _app.GetJsonAsync("/api/v3/services")).GetRawText());

    [Fact]
    public async Task Operations_have_a_kind_in_lower_case_and_an_unspecified_one_is_internal()
    {
        Assert.Equal(
            """{"operations":[{"name":"POST /Order","spanKind":"server"},{"name":"charge","spanKind":"internal"}]}""",
            (await _app.GetJsonAsync("/api/v3/operations?service=Checkout")).GetRawText());
        Assert.Equal(
            """{"operations":[{"name":"reindex","spanKind":"internal"}]}""",
            (await _app.GetJsonAsync("/api/v3/operations?service=nightly&spanKind=internal")).GetRawText());
        Assert.Equal("""{"operations":[]}""", (await _app.GetJsonAsync("/api/v3/operations?service=nightly&span_kind=server")).GetRawText());
        Assert.Equal("""{"operations":[]}""", (await _app.GetJsonAsync("/api/v3/operations")).GetRawText());
    }

    [Fact]
    public async Task A_summary_has_what_Jaegers_page_demands()
    {
        var summary = Assert.Single(await SummariesAsync("query.serviceName=Checkout"));
        Assert.Equal(StoredTraces.Order, summary.GetProperty("traceId").GetString());
        Assert.Equal("Checkout", summary.GetProperty("rootServiceName").GetString());
        Assert.Equal("POST /Order", summary.GetProperty("rootOperationName").GetString());
        Assert.Equal(stored.Text($"{stored.OrderUs}000"), summary.GetProperty("minStartTimeUnixNano").GetString());
        Assert.Equal(stored.Text($"{stored.OrderUs + 200_000}000"), summary.GetProperty("maxEndTimeUnixNano").GetString());
        Assert.Equal(2, summary.GetProperty("spanCount").GetInt32());
        Assert.Equal(1, summary.GetProperty("errorSpanCount").GetInt32());
        Assert.Equal(0, summary.GetProperty("orphanSpanCount").GetInt32());
        Assert.Equal("""[{"name":"Checkout","spanCount":2,"errorSpanCount":1}]""", summary.GetProperty("services").GetRawText());
    }

    [Fact]
    public async Task A_narrow_id_has_32_digits_and_services_are_sorted()
    {
        var summary = Assert.Single(await SummariesAsync("query.serviceName=details"));
        Assert.Equal(Shop32, summary.GetProperty("traceId").GetString());
        Assert.Equal(["details", "gateway"], summary.GetProperty("services").EnumerateArray().Select(service => service.GetProperty("name").GetString()));
        Assert.Equal(3, summary.GetProperty("spanCount").GetInt32());
    }

    [Fact]
    public async Task Without_a_service_all_are_searched_newest_first()
    {
        Assert.Equal([Batch32, StoredTraces.Order, Shop32], (await SummariesAsync("")).Select(Id));
        Assert.Equal([Batch32, StoredTraces.Order], (await SummariesAsync("query.serviceName=&query.searchDepth=2")).Select(Id));
    }

    [Fact]
    public async Task No_match_is_an_empty_list_of_summaries_and_404_for_traces()
    {
        Assert.Equal("""{"summaries":[]}""", (await _app.GetJsonAsync($"/api/v3/trace-summaries?{AllTime}&query.serviceName=nobody")).GetRawText());
        AssertFailure(HttpStatusCode.NotFound, "No traces found", await _app.GetAsync($"/api/v3/traces?{AllTime}&query.serviceName=nobody"));
        AssertFailure(HttpStatusCode.NotFound, "No traces found", await _app.GetAsync("/api/v3/traces/123"));
    }

    [Theory]
    [InlineData("query.serviceName=details&query.operationName=select", true)]
    [InlineData("query.service_name=details&query.operation_name=select", true)]
    [InlineData("query.service_name=details&query.span_name=select", true)]
    [InlineData("query.service_name=details&query.span_name=other", false)]
    [InlineData("query.serviceName=details&query.operationName=cart&query.attributes=%7B%22sql.table%22%3A%22a%3Db%22%7D", false)]
    [InlineData("query.serviceName=details&query.attributes=%7B%22sql.table%22%3A%22a%3Db%22%7D", true)]
    [InlineData("query.serviceName=details&query.durationMin=30ms&query.durationMax=30 ms", true)]
    [InlineData("query.serviceName=details&query.duration_min=40.001ms", false)]
    [InlineData("query.serviceName=details&query.duration_max=29999us", false)]
    [InlineData("query.serviceName=Details", false)]
    [InlineData("query.serviceName=details&query.serviceName=other&query.service_name=third", true)]
    [InlineData("query.serviceName=details&query.num_traces=1&query.rawTraces=true", true)]
    public async Task A_search_asks_one_span_for_everything(string query, bool isFound) =>
        Assert.Equal(isFound ? [Shop32] : [], (await SummariesAsync(query)).Select(Id));

    [Fact]
    public async Task Times_are_inclusive_and_read_to_the_nanosecond()
    {
        var start = DateTimeOffset.FromUnixTimeMilliseconds(stored.BatchUs / 1_000).UtcDateTime;
        var batch = start.ToString("yyyy-MM-dd'T'HH:mm:ss.fff", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Single(await FindAsync($"{batch}000000Z", $"{batch}000001Z"));
        Assert.Empty(await FindAsync($"{batch}000001Z", $"{batch}000002Z"));
        Assert.Single(await FindAsync("2020-01-01T00:00:00Z", $"{batch}000000+00:00"));
        Assert.Single(await FindAsync("2020-01-01T00:00:00Z", Uri.EscapeDataString($"{batch}000000+00:00")));

        async Task<JsonElement[]> FindAsync(string min, string max) => [.. (await _app.GetJsonAsync(
            $"/api/v3/trace-summaries?query.serviceName=nightly&query.start_time_min={min}&query.start_time_max={max}")).GetProperty("summaries").EnumerateArray()];
    }

    [Theory]
    [InlineData("", "query.startTimeMin and query.startTimeMax are required")]
    [InlineData("query.startTimeMin=2020-01-01T00:00:00Z", "query.startTimeMin and query.startTimeMax are required")]
    [InlineData("query.startTimeMin=2020-01-01T00:00:00Z&query.startTimeMax=2020-01-01T00:00:00Z", "query.startTimeMin must be before query.startTimeMax")]
    [InlineData("query.startTimeMin=NaN", "malformed parameter query.startTimeMin: parsing time \"NaN\": it is none of RFC 3339, such as \"2006-01-02T15:04:05.123456789Z\"")]
    [InlineData("query.start_time_max=1", "malformed parameter query.start_time_max: parsing time \"1\": it is none of RFC 3339, such as \"2006-01-02T15:04:05.123456789Z\"")]
    [InlineData("query.startTimeMin=2020-01-01T00:00:00Z&query.startTimeMax=2020-01-01T00:00:00Z&query.num_traces=NaN", "malformed parameter query.num_traces: strconv.ParseUint: parsing \"NaN\": invalid syntax")]
    [InlineData(AllTime + "&query.searchDepth=x", "malformed parameter query.searchDepth: strconv.ParseUint: parsing \"x\": invalid syntax")]
    [InlineData(AllTime + "&query.num_traces=-1", "malformed parameter query.num_traces: strconv.ParseUint: parsing \"-1\": invalid syntax")]
    [InlineData(AllTime + "&query.search_depth=0", "malformed parameter query.search_depth: it must be greater than 0")]
    [InlineData(AllTime + "&query.durationMin=x", "malformed parameter query.durationMin: time: invalid duration \"x\"")]
    [InlineData(AllTime + "&query.duration_max=5", "malformed parameter query.duration_max: time: missing unit in duration \"5\"")]
    [InlineData(AllTime + "&query.raw_traces=maybe", "malformed parameter query.raw_traces: strconv.ParseBool: parsing \"maybe\": invalid syntax")]
    [InlineData(AllTime + "&query.attributes=%7B%22a%22%3A1%7D", "malformed parameter query.attributes: json: cannot unmarshal number into Go value of type string")]
    [InlineData(AllTime + "&query.filter=%7B%7D", "the structured query filter is disabled (Jaeger's feature gate jaeger.query.structuredFilters is off here): leave query.filter out, and use query.serviceName, query.operationName, query.durationMin, query.durationMax and query.attributes")]
    [InlineData(AllTime + "&query.pagination.pageToken=x", "query.pagination.pageToken is not offered (see /api/v3/capabilities): use query.searchDepth, or a shorter time, or the pages of /query/v1/traces")]
    [InlineData(AllTime + "&query.pagination.pageSize=5", "query.pagination.pageSize is not offered (see /api/v3/capabilities): use query.searchDepth, or a shorter time, or the pages of /query/v1/traces")]
    public async Task What_cannot_be_understood_is_400_for_summaries_and_traces_alike(string query, string error)
    {
        AssertFailure(HttpStatusCode.BadRequest, error, await _app.GetAsync($"/api/v3/trace-summaries?{query}"));
        AssertFailure(HttpStatusCode.BadRequest, error, await _app.GetAsync($"/api/v3/traces?{query}"));
    }

    [Theory]
    [InlineData("", "startTime and endTime are required")]
    [InlineData("?end_time=2026-01-24T16:00:00Z", "startTime and endTime are required")]
    [InlineData("?start_time=2026-01-24T16:00:00Z", "startTime and endTime are required")]
    [InlineData("?start_time=invalid&end_time=2026-01-24T16:00:00Z", "malformed parameter startTime: parsing time \"invalid\": it is none of RFC 3339, such as \"2006-01-02T15:04:05.123456789Z\"")]
    [InlineData("?start_time=2026-01-24T16:00:00Z&end_time=invalid", "malformed parameter endTime: parsing time \"invalid\": it is none of RFC 3339, such as \"2006-01-02T15:04:05.123456789Z\"")]
    [InlineData("?start_time=2026-01-24T16:00:00Z&end_time=2026-01-24T12:00:00Z", "endTime must be after startTime")]
    [InlineData("?startTime=2026-01-24T16:00:00Z&endTime=2026-01-24T16:00:00Z", "endTime must be after startTime")]
    public async Task Dependencies_need_a_window(string query, string error) =>
        AssertFailure(HttpStatusCode.BadRequest, error, await _app.GetAsync("/api/v3/dependencies" + query));

    [Fact]
    public async Task Dependencies_are_pairs_of_services_with_counts_as_texts()
    {
        Assert.Equal(
            """{"dependencies":[{"parent":"details","child":"mysql","callCount":"1"},{"parent":"gateway","child":"details","callCount":"1"}]}""",
            (await _app.GetJsonAsync("/api/v3/dependencies?startTime=2020-01-01T00:00:00Z&endTime=2100-01-01T00:00:00Z")).GetRawText());
        Assert.Equal(
            """{"dependencies":[]}""",
            (await _app.GetJsonAsync("/api/v3/dependencies?startTime=2019-01-01T00:00:00Z&endTime=2020-01-01T00:00:00Z")).GetRawText());
    }

    [Fact]
    public async Task Capabilities_say_that_no_service_is_needed() =>
        Assert.Equal("""{"search":{"withoutServiceName":true,"sameSpanConjunction":true}}""", (await _app.GetJsonAsync("/api/v3/capabilities")).GetRawText());

    [Theory]
    [InlineData("/api/v3/traces/xyz", "malformed parameter trace_id: strconv.ParseUint: parsing \"xyz\": invalid syntax")]
    [InlineData("/api/v3/traces/1?startTime=abc", "malformed parameter startTime: parsing time \"abc\": it is none of RFC 3339, such as \"2006-01-02T15:04:05.123456789Z\"")]
    [InlineData("/api/v3/traces/1?end_time=xyz", "malformed parameter end_time: parsing time \"xyz\": it is none of RFC 3339, such as \"2006-01-02T15:04:05.123456789Z\"")]
    [InlineData("/api/v3/traces/1?raw_traces=foobar", "malformed parameter raw_traces: strconv.ParseBool: parsing \"foobar\": invalid syntax")]
    [InlineData("/api/v3/operations?service=x&span_kind=x", "malformed parameter span_kind: unsupported span kind: 'x'")]
    public async Task So_it_is_elsewhere(string path, string error) => AssertFailure(HttpStatusCode.BadRequest, error, await _app.GetAsync(path));

    [Fact]
    public async Task The_message_is_in_the_status_line_for_the_page_reads_nothing_else()
    {
        Assert.Equal("HTTP/1.1 404 No traces found", await StatusLineAsync("/api/v3/traces/123"));
        Assert.Equal(
            "HTTP/1.1 400 malformed parameter query.durationMin: time: unknown unit \"?s\" in duration \"1?s\"",
            await StatusLineAsync($"/api/v3/trace-summaries?{AllTime}&query.durationMin=1%C3%A4s"));
        Assert.Equal(
            "HTTP/1.1 400 malformed parameter startTime: parsing time \"\\r\\ninjected:1\": it is none of RFC 3339, such as \"2006-01-02T15:04:05.123456789Z\"",
            await StatusLineAsync("/api/v3/traces/1?startTime=%0D%0Ainjected:1"));
    }

    [Theory]
    [InlineData("5AF7183FB1D4CF5F")]
    [InlineData(Shop32)]
    [InlineData("WvcYP7HUz18=")]
    [InlineData("AAAAAAAAAABa9xg%2FsdTPXw%3D%3D")]
    public async Task A_trace_is_had_by_any_spelling_of_its_id_as_OTLP(string id)
    {
        var spans = Spans(await _app.GetJsonAsync($"/api/v3/traces/{id}?startTime=2000-01-02T12:30:08.999999998Z&endTime=2000-04-05T21:55:16.999999992%2B08:00"));
        Assert.Equal(3, spans.Length);
        Assert.All(spans, span => Assert.Equal(Shop32, span.GetProperty("traceId").GetString()));
        Assert.Equal(3, spans.Select(span => span.GetProperty("spanId").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task A_raw_trace_has_its_ids_as_they_were_sent() =>
        Assert.Equal(2, Spans(await _app.GetJsonAsync($"/api/v3/traces/{Shop32}?rawTraces=true")).Select(span => span.GetProperty("spanId").GetString()).Distinct().Count());

    [Fact]
    public async Task A_search_for_traces_gives_all_of_them_in_one_list()
    {
        var result = await _app.GetJsonAsync($"/api/v3/traces?{AllTime}");
        Assert.Equal(["result"], result.EnumerateObject().Select(p => p.Name));
        Assert.Equal(6, Spans(result).Length);
        Assert.Equal(3, Spans(result).Select(span => span.GetProperty("traceId").GetString()).Distinct().Count());
    }

    private static string? Id(JsonElement summary) => summary.GetProperty("traceId").GetString();

    private static JsonElement[] Spans(JsonElement answer) =>
        [.. answer.GetProperty("result").GetProperty("resourceSpans").EnumerateArray()
            .SelectMany(resource => resource.GetProperty("scopeSpans").EnumerateArray())
            .SelectMany(scope => scope.GetProperty("spans").EnumerateArray())];

    private static void AssertFailure(HttpStatusCode status, string message, QueryAnswer answer)
    {
        Assert.Equal(status, answer.Status);
        Assert.Equal("text/plain; charset=utf-8", answer.Header("Content-Type"));
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
        var error = Assert.Single(answer.Json.EnumerateObject());
        Assert.Equal("error", error.Name);
        Assert.Equal((int)status, error.Value.GetProperty("httpCode").GetInt32());
        Assert.Equal(message, error.Value.GetProperty("message").GetString());
    }

    private async Task<JsonElement[]> SummariesAsync(string query) =>
        [.. (await _app.GetJsonAsync($"/api/v3/trace-summaries?{AllTime}&{query}")).GetProperty("summaries").EnumerateArray()];

    // As it goes over the wire: a client library may have its own idea of a status line.
    private async Task<string> StatusLineAsync(string path)
    {
        using var client = new TcpClient();
        var address = _app.Client.BaseAddress!;
        await client.ConnectAsync(address.Host, address.Port, CancellationToken.None);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\n\r\n"), CancellationToken.None);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadLineAsync(CancellationToken.None) ?? "";
    }
}
