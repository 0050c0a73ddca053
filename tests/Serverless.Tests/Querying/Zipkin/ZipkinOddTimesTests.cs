using System.Globalization;
using System.Net;

namespace Serverless.Tests.Querying.Zipkin;

/// <summary>
/// Spans of 1970, as Zipkin's own tests of its server send them (milliseconds where microseconds belong), and windows that reach back to then
/// (<c>ITZipkinServer</c>, <c>InMemoryStorageTest</c>).
/// </summary>
public sealed class ZipkinOddTimesTests(ZipkinKit kit) : KitTest(kit), IClassFixture<ZipkinKit>
{
    [Fact]
    public async Task Names_are_known_whatever_the_time_of_their_spans()
    {
        var old = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        KitSpan[] spans =
        [
            .. Enumerable.Range(1, 4).Select(i => new KitSpan(Kit.NewTraceId(), "1")
            {
                Timestamp = old, Name = "whopper", Local = Frontend with { ServiceName = Frontend.ServiceName + i }, Remote = Backend with { ServiceName = Backend.ServiceName + i },
            }),
        ];
        await Kit.AcceptAsync(spans);

        await Kit.AssertNamesAsync($"/api/v2/spans?serviceName={Frontend.ServiceName}1", "whopper");
        await Kit.AssertNamesAsync($"/api/v2/remoteServices?serviceName={Frontend.ServiceName}4", Backend.ServiceName + "4");
        var services = await Kit.App.GetAsync("/api/v2/services");
        Assert.Equal("max-age=300, must-revalidate", services.Header("Cache-Control"));
        Assert.Equal(4, services.Json.EnumerateArray().Count(name => name.GetString()!.StartsWith(Frontend.ServiceName!, StringComparison.Ordinal)));
        await Kit.AssertFindsAsync(
            string.Create(CultureInfo.InvariantCulture, $"serviceName={Frontend.ServiceName}1&endTs={old}&lookback={old}"), [spans[0]]);
    }

    [Fact]
    public async Task A_window_may_reach_back_to_1970()
    {
        var consumer = new KitSpan(Kit.NewTraceId(), "10") { Name = "receive", Kind = "CONSUMER", Timestamp = Today * 1_000, Local = Frontend, Remote = Backend };
        await Kit.AcceptAsync(consumer);
        await Kit.AcceptAsync(consumer);

        foreach (var (endTs, lookback) in new[] { (Today + 1_000, Today), (Today + 1_000, Today + 1_000), (Today + 1_000, long.MaxValue), (long.MaxValue, long.MaxValue) })
        {
            var parameters = string.Create(CultureInfo.InvariantCulture, $"endTs={endTs}&lookback={lookback}");
            var links = await Kit.App.UntilAsync("/api/v2/dependencies?" + parameters, answer => answer.Text.Contains(Backend.ServiceName!, StringComparison.Ordinal));
            Assert.Contains($$"""{"parent":"{{Backend.ServiceName}}","child":"{{Frontend.ServiceName}}","callCount":1}""", links.Text, StringComparison.Ordinal);
            await Kit.AssertFindsAsync($"serviceName={Frontend.ServiceName}&{parameters}", [consumer]);
        }
    }

    [Fact]
    public async Task A_trace_without_any_time_is_there_by_its_id_and_named()
    {
        KitSpan[] spans =
        [
            new(Kit.NewTraceId(), "1") { Kind = "CLIENT", Local = Frontend, Remote = Backend, Name = "timeless" },
        ];
        await Kit.AcceptAsync(spans);

        await Kit.AssertTraceAsync(spans[0].TraceId, spans);
        await Kit.AssertNamesAsync($"/api/v2/spans?serviceName={Frontend.ServiceName}", "timeless");
        Assert.Equal(HttpStatusCode.OK, (await Kit.App.GetAsync("/api/traces/" + spans[0].TraceId)).Status);
    }
}
