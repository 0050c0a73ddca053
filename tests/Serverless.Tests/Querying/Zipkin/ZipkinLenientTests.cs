using System.Globalization;

namespace Serverless.Tests.Querying.Zipkin;

/// <summary>Zipkin's kit for lenient ids (<c>ITStrictTraceIdFalse</c>) with the setting, as its server has it.</summary>
public sealed class ZipkinLenientTests(ZipkinLenientTests.LenientKit kit) : KitTest(kit), IClassFixture<ZipkinLenientTests.LenientKit>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_trace_is_found_by_ids_of_both_widths_and_by_what_either_part_says(bool isMixed)
    {
        var trace = NewTrace();
        var id = trace[0].TraceId;
        if (isMixed)
            trace = [trace[0], trace[1], trace[2] with { TraceId = id[16..] }, trace[3] with { TraceId = id[16..] }];
        await Kit.AcceptAsync([.. trace.Reverse()]);

        await Kit.AssertTraceAsync(id, trace);
        await Kit.AssertTraceAsync(id[16..], trace);
        await Kit.AssertFindsAsync(Query(), trace);
        await Kit.AssertFindsAsync(Query($"serviceName={Frontend.ServiceName}&annotationQuery=foo"), trace);
        await Kit.AssertFindsAsync(Query($"serviceName={Backend.ServiceName}&annotationQuery=error"), trace);
        await Kit.AssertFindsAsync(Query($"serviceName={Backend.ServiceName}&annotationQuery=foo"));
    }

    [Fact]
    public async Task Several_traces_are_found_by_ids_of_both_widths_each_once()
    {
        KitSpan[] wide = [NewSpan(), NewSpan(), NewSpan()];
        KitSpan[] narrow = [.. wide.Select((span, i) => span with { TraceId = span.TraceId[16..], Id = "abc"[i].ToString(), Timestamp = span.Timestamp + 1_000 })];
        await Kit.AcceptAsync(wide[0], narrow[0], wide[1], narrow[1], wide[2], narrow[2]);

        KitSpan[][] firstAndThird = [[wide[0], narrow[0]], [wide[2], narrow[2]]];
        foreach (var ids in new[]
        {
            new[] { wide[0].TraceId, narrow[0].TraceId, wide[2].TraceId, narrow[2].TraceId }, [narrow[0].TraceId, narrow[2].TraceId],
            [wide[0].TraceId, wide[2].TraceId], [wide[0].TraceId, narrow[2].TraceId],
        })
        {
            var answer = await Kit.App.GetAsync("/api/v2/traceMany?traceIds=" + string.Join(',', ids));
            Assert.Equal(ZipkinKit.Lines(firstAndThird), ZipkinKit.Lines(answer));
        }
    }

    [Fact]
    public async Task Links_are_of_the_whole_trace_and_its_other_part_may_come_later()
    {
        var trace = NewTrace();
        await Kit.AcceptAsync(trace[0], trace[1]);
        await Kit.AcceptAsync(trace[2] with { TraceId = trace[2].TraceId[16..] }, trace[3] with { TraceId = trace[3].TraceId[16..] });

        var path = string.Create(CultureInfo.InvariantCulture, $"/api/v2/dependencies?endTs={Today + 1_000}&lookback=2000");
        string[] expected = [$"{Backend.ServiceName}>{Db.ServiceName} 1 1", $"{Frontend.ServiceName}>{Backend.ServiceName} 1 0"];
        var answer = await Kit.App.UntilAsync(path, found => Links(found).SequenceEqual(expected));
        Assert.Equal(expected, Links(answer));

        static IEnumerable<string> Links(QueryAnswer answer) => answer.Json.EnumerateArray()
            .Select(link => $"{link.GetProperty("parent")}>{link.GetProperty("child")} {link.GetProperty("callCount")} {(link.TryGetProperty("errorCount", out var errors) ? errors.GetInt64() : 0)}")
            .Order(StringComparer.Ordinal);
    }

    /// <summary>An app whose ids are lenient.</summary>
    public sealed class LenientKit : ZipkinKit
    {
        public LenientKit() => Settings = ["--Tracing:StrictTraceId", "false"];
    }
}
