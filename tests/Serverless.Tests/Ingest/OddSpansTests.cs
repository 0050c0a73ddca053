using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using System.Text.Json;
using Serverless.Tests.Protocols.Jaeger;
using Serverless.Tests.Querying;
using static Serverless.Tests.Protocols.Thrift.ThriftNode;

namespace Serverless.Tests.Ingest;

/// <summary>Spans that are well-formed and still cannot be as they say: they are kept, marked and readable.</summary>
public sealed class OddSpansTests(StartedApp started) : IClassFixture<StartedApp>
{
    private const string Zipkin = "/api/v2/spans";
    private const string Otlp = "/v1/traces";

    private QueryApp App => started.App;

    [Theory]
    [InlineData(Zipkin, 0xd1, """[{"traceId":"d1","id":"1","parentId":"1"}]""", 1)]
    [InlineData(Zipkin, 0xd2, """[{"traceId":"d2","id":"1","parentId":"2","kind":"CLIENT"},{"traceId":"d2","id":"2","parentId":"1","kind":"SERVER"}]""", 2)]
    [InlineData(Zipkin, 0xd3, """[{"traceId":"d3","id":"1","parentId":"1","kind":"CLIENT"},{"traceId":"d3","id":"1","parentId":"1","kind":"SERVER","shared":true,"localEndpoint":{"serviceName":"b"}}]""", 2)]
    [InlineData(Zipkin, 0xd4, """[{"traceId":"d4","id":"1","id":"2","name":"a","name":"b","tags":{"k":"1","k":"2"},"tags":{"k":"3"}}]""", 1)]
    [InlineData(Zipkin, 0xd5, """[{"traceId":"d5","id":"ffffffffffffffff","parentId":"fffffffffffffffe","timestamp":9223372036854775807,"duration":9223372036854775807}]""", 1)]
    [InlineData(Otlp, 0xd6, """{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"000000000000000000000000000000d6","spanId":"0000000000000001","parentSpanId":"0000000000000001"}]}]}]}""", 1)]
    [InlineData(Otlp, 0xd7, """{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"000000000000000000000000000000d7","spanId":"0000000000000001","parentSpanId":"0000000000000002","startTimeUnixNano":"18446744073709551615","endTimeUnixNano":"1"},{"traceId":"000000000000000000000000000000d7","spanId":"0000000000000002","parentSpanId":"0000000000000001"}]}]}]}""", 2)]
    public async Task Cycles_and_contradictions_are_taken_and_read_through_both_apis(string path, int trace, string json, int spans)
    {
        var (status, text) = await App.PostAsync(path, "application/json", Encoding.UTF8.GetBytes(json));
        Assert.True((int)status < 300, text);
        var zipkin = await App.UntilAsync($"/api/v2/trace/{trace:x16}", answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(spans, zipkin.Json.GetArrayLength());
        var jaeger = await App.GetJsonAsync($"/api/traces/{trace:x}");
        Assert.Equal(spans, jaeger.GetProperty("data")[0].GetProperty("spans").GetArrayLength());
        Assert.Equal(HttpStatusCode.OK, (await App.GetAsync($"/api/traces/{trace:x}?raw=true")).Status);
    }

    [Fact]
    public async Task A_cycle_of_Jaegers_spans_is_taken_too()
    {
        var a = JaegerCorpus.Span().With(1, I64(0xd8)).With(3, I64(1)).With(4, I64(2));
        var b = JaegerCorpus.Span((6, List(Serverless.Tracing.Protocols.Thrift.ThriftType.Struct, JaegerCorpus.Reference(0, 0xd8, 2), JaegerCorpus.Reference(1, 0xd8, 1))))
            .With(1, I64(0xd8)).With(3, I64(2)).With(4, I64(2));
        var (status, text) = await App.PostAsync("/api/traces", "application/x-thrift", JaegerCorpus.Batch(a, b).Write(compact: false));
        Assert.Equal((HttpStatusCode.Accepted, ""), (status, text));
        var answer = await App.UntilAsync("/api/traces/d8", answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(2, answer.Json.GetProperty("data")[0].GetProperty("spans").GetArrayLength());
    }

    [Fact]
    public async Task A_large_trace_of_ids_that_collide_in_plain_hashes_is_read_in_linear_time()
    {
        const int Spans = 30_000;
        var list = Enumerable.Range(1, Spans).Select(i =>
            $$$"""{"traceId":"d9","id":"{{{i:x8}}}{{{i:x8}}}","kind":"{{{(i % 2 == 0 ? "CLIENT" : "SERVER")}}}","localEndpoint":{"port":{{{i % 50_000}}},"serviceName":"s"}}""");
        var body = IngestClient.Compress(Encoding.ASCII.GetBytes($"[{string.Join(',', list)}]"), "gzip");
        Assert.Equal((HttpStatusCode.Accepted, ""), await App.PostAsync(Zipkin, "application/json", body, "gzip"));
        var zipkin = await App.UntilAsync("/api/v2/trace/00000000000000d9", answer => answer.Status == HttpStatusCode.OK && answer.Json.GetArrayLength() == Spans);
        Assert.Equal(Spans, zipkin.Json.GetArrayLength());
        var jaeger = await App.GetJsonAsync("/api/traces/d9");
        Assert.Equal(Spans, jaeger.GetProperty("data")[0].GetProperty("spans").GetArrayLength());
    }

    [Theory]
    [InlineData(0xe1, 1, true)]
    [InlineData(0xe2, 31_535_999_999_999, true)]
    [InlineData(0xe3, 31_536_000_000_000, false)]
    [InlineData(0xe4, -1, true)]
    [InlineData(0xe5, 0, false)]
    public async Task A_start_that_cannot_be_is_kept_marked_and_counted(int trace, long micros, bool isSuspect)
    {
        // -1 stands for a bit more than a day ahead, 0 for a bit less.
        if (micros <= 0)
            micros = DateTimeOffset.UtcNow.AddDays(1).AddMinutes(micros < 0 ? 10 : -10).ToUnixTimeMilliseconds() * 1000;
        using var counted = new CountedSpans(App);
        var (status, _) = await App.PostAsync(
            Zipkin, "application/json", Encoding.ASCII.GetBytes($$"""[{"traceId":"{{trace:x}}","id":"1","timestamp":{{micros}}}]"""));
        Assert.Equal(HttpStatusCode.Accepted, status);
        var answer = await App.UntilAsync($"/api/traces/{trace:x}", answer => answer.Status == HttpStatusCode.OK);
        var span = answer.Json.GetProperty("data")[0].GetProperty("spans")[0];
        Assert.Equal(micros, span.GetProperty("startTime").GetInt64());
        Assert.Equal(isSuspect ? ["The sender's clock was far off when this span was made."] : [], Warnings(span));
        Assert.Equal(isSuspect ? 1 : 0, counted["serverless.spans.clock_suspect"]);
    }

    [Fact]
    public async Task What_is_cut_is_marked_and_counted()
    {
        var tags = string.Join(',', Enumerable.Range(0, 600).Select(i => $"\"k{i}\":\"v\""));
        using var counted = new CountedSpans(App);
        var (status, _) = await App.PostAsync(
            Zipkin, "application/json", Encoding.ASCII.GetBytes($$$"""[{"traceId":"e9","id":"1","timestamp":5,"tags":{ {{{tags}}} }},{"traceId":"e9","id":"2"}]"""));
        Assert.Equal(HttpStatusCode.Accepted, status);
        var answer = await App.UntilAsync("/api/traces/e9", answer => answer.Status == HttpStatusCode.OK);
        var spans = answer.Json.GetProperty("data")[0].GetProperty("spans").EnumerateArray().ToDictionary(span => span.GetProperty("spanID").GetString()!);
        Assert.Equal(
            ["Parts of this span were over a limit and were cut off.", "The sender's clock was far off when this span was made."],
            Warnings(spans["0000000000000001"]));
        Assert.Equal(["Span 0000000000000002 has no parent, and the trace begins with span 0000000000000001 already."], Warnings(spans["0000000000000002"]));
        Assert.Equal((1, 1, 2), (counted["serverless.spans.truncated"], counted["serverless.spans.clock_suspect"], counted["serverless.spans.accepted"]));
    }

    private static string[] Warnings(JsonElement span) => span.GetProperty("warnings") is { ValueKind: JsonValueKind.Array } warnings
        ? [.. warnings.EnumerateArray().Select(warning => warning.GetString()!)]
        : [];

    /// <summary>What the app counts from now on.</summary>
    private sealed class CountedSpans : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentDictionary<string, long> _counts = new();

        public CountedSpans(QueryApp app)
        {
            // Made before the listener starts: making them publishes instruments, which calls back.
            var counters = app.Counters;
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (counters.Owns(instrument))
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => _counts.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
            _listener.Start();
        }

        public long this[string name] => _counts.GetValueOrDefault(name);

        public void Dispose() => _listener.Dispose();
    }
}
