namespace Serverless.Tests.Querying.Zipkin;

/// <summary>The names, by the cases of Zipkin's storage kit (<c>zipkin2.storage.ITServiceAndSpanNames</c>).</summary>
public sealed class ZipkinNamesTests(ZipkinKit kit) : KitTest(kit), IClassFixture<ZipkinKit>
{
    [Fact]
    public async Task Services_are_those_of_local_endpoints()
    {
        await Kit.AcceptAsync(NewClientSpan(), new KitSpan(Kit.NewTraceId(), "a"));

        var services = (await Kit.App.GetAsync("/api/v2/services")).Json.EnumerateArray().Select(name => name.GetString()!).ToArray();
        Assert.Contains(Frontend.ServiceName!, services);
        Assert.DoesNotContain(Backend.ServiceName!, services);
        Assert.DoesNotContain("", services);
        Assert.Equal(services.Order(StringComparer.Ordinal), services);
    }

    [Fact]
    public async Task Names_are_those_of_the_service_in_any_case()
    {
        await Kit.AssertNamesAsync($"/api/v2/spans?serviceName={Frontend.ServiceName}");
        await Kit.AssertNamesAsync($"/api/v2/remoteServices?serviceName={Frontend.ServiceName}");
        await Kit.AcceptAsync(NewClientSpan());

        foreach (var service in new[] { Frontend.ServiceName, Frontend.ServiceName!.ToUpperInvariant() })
        {
            await Kit.AssertNamesAsync($"/api/v2/spans?serviceName={service}", "get");
            await Kit.AssertNamesAsync($"/zipkin/api/v2/remoteServices?serviceName={service}", Backend.ServiceName!);
        }

        foreach (var other in new[] { Frontend.ServiceName + "1", Backend.ServiceName })
        {
            await Kit.AssertNamesAsync($"/api/v2/spans?serviceName={other}");
            await Kit.AssertNamesAsync($"/api/v2/remoteServices?serviceName={other}");
        }
    }

    [Theory]
    [InlineData(KitFormat.JsonV2)]
    [InlineData(KitFormat.Proto3)]
    [InlineData(KitFormat.JsonV1)]
    [InlineData(KitFormat.Thrift)]
    public async Task All_of_50_names_are_told_each_once_and_sorted(KitFormat format)
    {
        string[] names = [.. Enumerable.Range(0, 50).Select(i => $"yak{i:00}")];
        KitSpan[] spans = [.. names.Reverse().Select((name, i) => NewClientSpan() with { Id = (i + 1).ToString("x"), Name = name, Remote = new KitEndpoint(name) })];
        await Kit.AcceptAsync(format, [.. spans, .. spans.Select(span => span with { TraceId = Kit.NewTraceId() })]);

        await Kit.AssertNamesAsync($"/api/v2/spans?serviceName={Frontend.ServiceName}", names);
        await Kit.AssertNamesAsync($"/api/v2/remoteServices?serviceName={Frontend.ServiceName}", names);
    }

    [Fact]
    public async Task A_span_without_names_adds_none()
    {
        await Kit.AcceptAsync(new KitSpan(Kit.NewTraceId(), "a") { Local = Frontend });

        await Kit.AssertNamesAsync($"/api/v2/spans?serviceName={Frontend.ServiceName}");
        await Kit.AssertNamesAsync($"/api/v2/remoteServices?serviceName={Frontend.ServiceName}");
    }

    [Fact]
    public async Task Names_may_have_any_letters()
    {
        await Kit.AcceptAsync(NewClientSpan() with { Local = new KitEndpoint("个人信息服务\t"), Remote = new KitEndpoint("späň") });

        await Kit.AssertNamesAsync("/api/v2/spans?serviceName=" + Escape("个人信息服务\t"), "get");
        await Kit.AssertNamesAsync("/api/v2/remoteServices?serviceName=" + Escape("个人信息服务\t"), "späň");
        Assert.Contains("\"个人信息服务\\t\"", (await Kit.App.GetAsync("/api/v2/services")).Text, StringComparison.Ordinal);
    }
}
