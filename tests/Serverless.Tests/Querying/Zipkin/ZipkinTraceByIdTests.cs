namespace Serverless.Tests.Querying.Zipkin;

/// <summary>Traces by their ids, by the cases of Zipkin's storage kit (<c>zipkin2.storage.ITTraces</c>, <c>ITStrictTraceIdFalse</c>).</summary>
public sealed class ZipkinTraceByIdTests(ZipkinKit kit) : KitTest(kit), IClassFixture<ZipkinKit>
{
    private const string Apart = "199 - \"there are spans under this id in both 64 and 128 bits, of which these are one part; strictTraceId=false gives both together\"";
    private const string Joined = "199 - \"the spans of this trace report ids of 64 and of 128 bits\"";

    [Fact]
    public async Task A_trace_is_found_by_its_whole_id_only()
    {
        var span = NewClientSpan();
        await Kit.AssertTraceAsync(span.TraceId);
        await Kit.AcceptAsync(span);

        await Kit.AssertTraceAsync(span.TraceId, span);
        await Kit.AssertTraceAsync(span.TraceId[16..]);
    }

    [Theory]
    [InlineData(KitFormat.JsonV2)]
    [InlineData(KitFormat.Proto3)]
    [InlineData(KitFormat.JsonV1)]
    [InlineData(KitFormat.Thrift)]
    public async Task A_span_that_is_sent_twice_is_there_once(KitFormat format)
    {
        var span = NewSpan();
        await Kit.AcceptAsync(format, span);
        await Kit.AcceptAsync(format, span);

        await Kit.AssertTraceAsync(span.TraceId, span);
    }

    [Fact]
    public async Task Several_traces_are_found_by_their_whole_ids_only()
    {
        var (first, second, unknown) = (NewSpan(), NewSpan(), Kit.NewTraceId());
        Assert.Equal("[]", (await Kit.App.GetAsync($"/api/v2/traceMany?traceIds={first.TraceId},{unknown}")).Text);
        await Kit.AcceptAsync(first, second);

        Assert.Equal(ZipkinKit.Lines([[first]]), ZipkinKit.Lines(await Kit.App.GetAsync($"/api/v2/traceMany?traceIds={first.TraceId},{unknown}")));
        Assert.Equal(ZipkinKit.Lines([[first], [second]]), ZipkinKit.Lines(await Kit.App.GetAsync($"/zipkin/api/v2/traceMany?traceIds={second.TraceId},{first.TraceId}")));
        Assert.Equal("[]", (await Kit.App.GetAsync($"/api/v2/traceMany?traceIds={first.TraceId[16..]},{second.TraceId[16..]}")).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_may_have_ids_match_by_their_low_half(bool isMixed)
    {
        var trace = NewTrace();
        var id = trace[0].TraceId;
        if (isMixed)
            trace = [trace[0], trace[1], trace[2] with { TraceId = id[16..] }, trace[3] with { TraceId = id[16..] }];
        await Kit.AcceptAsync([.. trace.Reverse()]);
        const string Lenient = "strictTraceId=false";

        await Kit.AssertTraceAsync($"{id}?{Lenient}", trace);
        await Kit.AssertTraceAsync($"{id[16..]}?{Lenient}", trace);
        await Kit.AssertFindsAsync(Query(Lenient), trace);
        await Kit.AssertFindsAsync(Query($"{Lenient}&serviceName={Frontend.ServiceName}&annotationQuery=foo"), trace);
        await Kit.AssertFindsAsync(Query($"{Lenient}&serviceName={Backend.ServiceName}&annotationQuery=error"), trace);
        var many = await Kit.App.GetAsync($"/api/v2/traceMany?traceIds={id},{id[16..]}&{Lenient}");
        Assert.Equal(ZipkinKit.Lines([trace]), ZipkinKit.Lines(many));
        var spans = (await Kit.App.GetJsonAsync($"/api/traces/{id[16..]}?{Lenient}")).GetProperty("data")[0];
        Assert.Equal(4, spans.GetProperty("spans").GetArrayLength());
        Assert.Equal(isMixed ? """["the spans of this trace report ids of 64 and of 128 bits"]""" : "null", spans.GetProperty("warnings").GetRawText());
        var byIds = await Kit.App.GetJsonAsync($"/api/traces?traceID={id}&traceID={id[16..]}&{Lenient}");
        Assert.Equal(1, byIds.GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task A_trace_in_both_widths_says_so()
    {
        var span = NewSpan();
        var cut = span with { TraceId = span.TraceId[16..], Id = "a" };
        var alone = NewSpan();
        await Kit.AcceptAsync(span, cut, alone);

        Assert.Equal(Apart, (await Kit.App.GetAsync("/api/v2/trace/" + span.TraceId)).Header("Warning"));
        Assert.Equal(Apart, (await Kit.App.GetAsync("/api/v2/trace/" + cut.TraceId)).Header("Warning"));
        Assert.Equal(Joined, (await Kit.App.GetAsync($"/api/v2/trace/{span.TraceId}?strictTraceId=False")).Header("Warning"));
        Assert.Null((await Kit.App.GetAsync("/api/v2/trace/" + alone.TraceId)).Header("Warning"));
        const string SomeApart = "199 - \"there are spans under some of these ids in both 64 and 128 bits; strictTraceId=false gives both together\"";
        const string SomeJoined = "199 - \"the spans of some of these traces report ids of 64 and of 128 bits\"";
        foreach (var list in new[] { "/api/v2/traces?" + Query("a"), $"/api/v2/traceMany?traceIds={span.TraceId},{alone.TraceId}&a" })
        {
            Assert.Equal(SomeApart, (await Kit.App.GetAsync(list)).Header("Warning"));
            Assert.Equal(SomeJoined, (await Kit.App.GetAsync(list + "&strictTraceId=false")).Header("Warning"));
        }

        Assert.Null((await Kit.App.GetAsync($"/api/v2/traceMany?traceIds={alone.TraceId},abc")).Header("Warning"));
        await Kit.AssertTraceAsync(span.TraceId + "?strictTraceId=true", span);
        await Kit.AssertFindsAsync(Query("strictTraceId=true"), [span], [cut], [alone]);
    }

    [Theory]
    [InlineData("/api/v2/trace/1?strictTraceId=no")]
    [InlineData("/api/v2/traces?strictTraceId=no")]
    [InlineData("/api/v2/traceMany?traceIds=1,2&strictTraceId=no")]
    public async Task What_is_neither_true_nor_false_is_refused(string path)
    {
        var answer = await Kit.App.GetAsync(path);
        Assert.Equal("strictTraceId is neither true nor false: no", answer.Text);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.Status);
    }
}
