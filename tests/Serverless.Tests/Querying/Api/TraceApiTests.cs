using System.Net;
using System.Text;
using System.Text.Json;
using Serverless.Functions.Querying;
using Serverless.Functions.Querying.Api;
using Serverless.Local;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Querying.Api;

[Collection(StoredTracesCollection.Name)]
public sealed class TraceApiTests(StoredTraces traces)
{
    [Fact]
    public async Task Spans_come_in_the_order_of_the_tree_with_their_place_and_times()
    {
        var trace = await traces.App.GetJsonAsync($"/query/v1/traces/{StoredTraces.Shop}");
        var spans = trace.GetProperty("spans").EnumerateArray().ToArray();
        Assert.Equal(["GET /cart 0", "cart 1", "SELECT 2"], spans.Select(span => $"{span.GetProperty("operation").GetString()!.Replace("get", "GET").Replace("select", "SELECT")} {span.GetProperty("depth")}"));
        Assert.Equal([0, 1], spans[1..].Select(span => span.GetProperty("parentPlace").GetInt32()));
        Assert.Equal([false, true, false], spans.Select(span => span.GetProperty("isServerHalf").GetBoolean()));
        Assert.Equal($"{traces.ShopUs}000", spans[0].GetProperty("startUnixNano").GetString());
        Assert.Equal(10_000_000, spans[0].GetProperty("selfNs").GetInt64());
        Assert.Equal("details", trace.GetProperty("resources")[spans[2].GetProperty("resource").GetInt32()].GetProperty("service").GetString());
        Assert.Equal("""[{"key":"error","value":{"stringValue":"timeout"}},{"key":"sql.table","value":{"stringValue":"a=b"}}]""", spans[2].GetProperty("attributes").GetRawText());
        Assert.Equal(["complete"], trace.GetProperty("summary").GetProperty("verdicts").EnumerateArray().Select(verdict => verdict.GetString()));
        Assert.Equal(50_000_000, trace.GetProperty("criticalPath").EnumerateArray().Sum(stretch => stretch.GetProperty("durationNs").GetInt64()));
    }

    [Fact]
    public async Task Pages_of_spans_together_are_the_whole_trace_and_only_the_first_has_what_concerns_it_all()
    {
        var whole = await traces.App.GetJsonAsync($"/query/v1/traces/{StoredTraces.Shop}");
        var paged = new List<string>();
        string? cursor = "";
        while (cursor is not null)
        {
            var page = await traces.App.GetJsonAsync($"/query/v1/traces/{StoredTraces.Shop}?limit=1{(cursor.Length == 0 ? "" : "&cursor=" + cursor)}");
            Assert.Equal(cursor.Length == 0, page.TryGetProperty("verdicts", out _));
            paged.Add(Assert.Single(page.GetProperty("spans").EnumerateArray()).GetProperty("spanId").GetString()!);
            cursor = page.GetProperty("nextCursor").GetString();
        }

        Assert.Equal(whole.GetProperty("spans").EnumerateArray().Select(span => span.GetProperty("spanId").GetString()), paged);
    }

    [Fact]
    public async Task An_unknown_path_is_404_and_another_method_405_in_the_shape_of_all_errors()
    {
        var unknown = await traces.App.GetAsync("/query/v1/nothing");
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (unknown.Status, unknown.Header("Content-Type")));
        Assert.Equal("There is nothing at /query/v1/nothing; /openapi.json lists what there is.", unknown.Json.GetProperty("detail").GetString());
        using var body = new StringContent("{}", Encoding.UTF8, "application/json");
        using var posted = await traces.App.Client.PostAsync("/query/v1/traces/1", body, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);
        Assert.Equal(["GET"], posted.Content.Headers.Allow);
        Assert.Contains("urn:problem-type:serverless-tracing:method-not-allowed", await posted.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_callers_mistake_names_the_parameter_and_its_place()
    {
        var answer = await traces.App.GetAsync("/query/v1/traces?tag=ok&tag=code%3C%22x");
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("tag", answer.Json.GetProperty("parameter").GetString());
        Assert.Equal(5, answer.Json.GetProperty("offset").GetInt32());
        Assert.Equal("The request cannot be understood.", answer.Json.GetProperty("title").GetString());
    }

    [Fact]
    public async Task A_storage_that_fails_is_a_broken_link_and_says_when_to_come_back()
    {
        await using var app = await QueryApp.StartAsync();
        app.Faults.Add(new Fault(FaultOperations.TableQuery, FaultKind.Throttle));
        foreach (var path in new[] { "/query/v1/traces?service=x", "/query/v1/traces/1", "/query/v1/services" })
        {
            var answer = await app.GetAsync(path);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
            Assert.Equal("1", answer.Header("Retry-After"));
            Assert.Equal("urn:problem-type:serverless-tracing:storage-unavailable", answer.Json.GetProperty("type").GetString());
            Assert.StartsWith("The trace storage cannot be read now; the request is right, send it again later. ", answer.Json.GetProperty("detail").GetString());
        }
    }

    [Fact]
    public async Task A_search_that_runs_out_of_time_says_how_to_narrow_it()
    {
        await using var app = await QueryApp.StartAsync("--Tracing:MaxSearchSeconds", "0.01");
        app.Faults.Add(new Fault(FaultOperations.TableQuery, FaultKind.Delay, Delay: TimeSpan.FromMinutes(5)));
        var answer = await app.GetJsonAsync("/query/v1/traces?service=x");
        Assert.False(answer.GetProperty("isComplete").GetBoolean());
        Assert.Equal("the search ran out of time and may have missed traces; narrow it: a shorter time range, a service, an operation", answer.GetProperty("advice").GetString());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("nextCursor").ValueKind);
    }

    [Fact]
    public void Fragments_stand_side_by_side_and_a_trace_that_is_gone_is_null()
    {
        var span = new Span { TraceId = new TraceId(0, 1), Id = new SpanId(1), StartNs = 10, DurationNs = 5, Name = "GET", Resource = new Resource { ServiceName = "details" } };
        var received = new PropagationCall(span.TraceId, span.Id, "details", "i1", "GET", 10, 15);
        var opened = new PropagationCall(new TraceId(0, 2), new SpanId(2), "details", "i1", "SELECT", 11, 12);
        var view = TraceViews.Assemble(ReadTrace.Of([span]), adjusts: true) with { Breaks = [new PropagationBreak("details", received, opened)] };
        using var written = new MemoryStream();
        using (var json = new Utf8JsonWriter(written))
            FragmentsJson.Write(json, view, new Dictionary<TraceId, TraceView?> { [span.TraceId] = view, [opened.TraceId] = null });
        var answer = JsonDocument.Parse(written.ToArray()).RootElement;
        var schemas = JsonDocument.Parse(OpenApiDocument.Bytes).RootElement;
        Assert.Empty(new JsonSchema(schemas).Check(answer, schemas.GetProperty("components").GetProperty("schemas").GetProperty("Fragments")));
        var found = Assert.Single(answer.GetProperty("breaks").EnumerateArray());
        Assert.Equal("0000000000000001", found.GetProperty("received").GetProperty("trace").GetProperty("traceId").GetString());
        Assert.Equal("SELECT", found.GetProperty("opened").GetProperty("call").GetProperty("operation").GetString());
        Assert.Equal(JsonValueKind.Null, found.GetProperty("opened").GetProperty("trace").ValueKind);
    }
}
