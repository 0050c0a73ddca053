using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Tests.Protocols.Zipkin;

namespace Serverless.Tests.Querying.Zipkin;

/// <summary>
/// Every case of Zipkin's linker (<c>DependencyLinkerTest</c>, and Lens's <c>dependency-linker.test.js</c>) over HTTP: spans are posted, links are
/// asked for. A span is written as <c>id&lt;parent kind local&gt;remote flags</c>: C, S, P (producer), X (consumer) or -; a dot for a service
/// that is not named; <c>*</c> for shared, <c>!</c> for the tag error. A link is <c>parent&gt;child calls errors</c>.
/// </summary>
public sealed class ZipkinLinkerTests(DependenciesApp shared) : IClassFixture<DependenciesApp>
{
    private const long DayMs = 86_400_000;

    private static readonly (string Name, string Spans, string Links)[] Cases =
    [
        ("linksSpans", "c<b C app>db !; b<a S app>web *; b<a C web>app; a S web", "app>db 1 1, web>app 1"),
        ("linksSpans_serverMissingParentId", "b S link>arn *; b<a C arn>link; a S arn", "arn>link 1"),
        ("lateParentIdInSharedSpan", "c<b C app>db !; b<a S app>web *; b C web>app; a S web", "app>db 1 1, web>app 1"),
        ("lostChildAndNoParentIdInSharedSpan", "c<b C app>db !; b C web>app; a S web", "app>db 1 1, web>app 1"),
        ("messagingSpansDontLinkWithoutBroker_consumer", "a P producer; b<a X consumer>kafka", "kafka>consumer 1"),
        ("messagingSpansDontLinkWithoutBroker_producer", "a P producer>kafka; b<a X consumer", "producer>kafka 1"),
        ("messagingWithBroker_both_sides_same", "a P producer>kafka; b<a X consumer>kafka", "kafka>consumer 1, producer>kafka 1"),
        ("messagingWithBroker_different", "a P producer>kafka1; b<a X consumer>kafka2", "kafka2>consumer 1, producer>kafka1 1"),
        ("messagingWithoutBroker_noLinks", "a P producer; b<a X consumer", ""),
        ("producerLinksToServer_childSpan", "a P producer; b<a S server", "producer>server 1"),
        ("producerLinksToServer_sameSpan", "a P producer; a S server *", "producer>server 1"),
        ("clientDoesntLinkToConsumer_child", "a C client; b<a X consumer", ""),
        ("linksSpansDirectedByKind, server", "a S server>client", "client>server 1"),
        ("linksSpansDirectedByKind, client", "a C client>server *", "client>server 1"),
        ("linksSpansDirectedByKind, both", "a S server>client; a C client>server *", "client>server 1"),
        ("callsAgainstTheSameLinkIncreasesCallCount_span", "a S client; b<a C .>server; c<a C .>server", "client>server 2"),
        ("singleHostSpansResultInASingleCallCount", "a C client; b<a S server", "client>server 1"),
        ("singleHostSpansResultInASingleErrorCount", "a C client !; b<a S server !", "client>server 1 1"),
        ("singleHostSpansResultInASingleErrorCount_sameId", "a C client !; a S server *!", "client>server 1 1"),
        ("shared, but of another id", "a C client !; b S server *!", "client>server 1 1"),
        ("singleHostSpansResultInASingleCallCount_defersNameToServer", "a C client>elephant; b<a S server", "client>server 1"),
        ("singleHostSpans_multipleChildren", "a C client; b<a S server>client !; c<a S server>client", "client>server 2 1"),
        ("singleHostSpans_multipleChildren, without remote", "a C client; b<a S server; c<a S server !", "client>server 2 1"),
        ("singleHostSpans_multipleChildren_defersNameToServer", "a C client>elephant; b<a S server; c<a S server", "client>server 2"),
        ("intermediatedClientSpansMissingLocalServiceName", "a S client; b<a - .; c<b C server; d<b C server", "client>server 2"),
        ("tolerates missing localEndpoint in between", "a S front; b<a - .; c<b C front>back; d<b C front>back", "front>back 2"),
        ("leaves without remote", "b<a S front; c<b C front; d<b C front", ""),
        ("errorsOnUninstrumentedLinks", "a S client; b<a - .; c<b C server !; d<b C server !", "client>server 2"),
        ("errors from uninstrumented links, without a root", "b<a C front; c<b C back !; d<b C back !", "front>back 2"),
        ("errorsOnInstrumentedLinks", "a S foo; b<a - .; c<b C bar>baz !; d<b C bar>baz", "bar>baz 2 1, foo>bar 2"),
        ("linkWithErrorIsLogged", "c<b C foo>bar !", "foo>bar 1 1"),
        ("uninstrumented servers", "a S front; b<a C front>back; c<a C front>back", "front>back 2"),
        ("uninstrumented servers, with errors", "a S front; b<a C front>back; c<a C front>back !", "front>back 2 1"),
        ("linksLoopbackSpans, server", "a S service>service", "service>service 1"),
        ("linksLoopbackSpans, client", "b C service>service", "service>service 1"),
        ("loopback of two", "a C front; b<a S front", "front>front 1"),
        ("noSpanKindTreatedSameAsClient", "a - some>web; b<a - web>app; c<b - app>db", "app>db 1, some>web 1, web>app 1"),
        ("noSpanKindWithError", "a - some>web; b<a - web>app !; c<b - app>db", "app>db 1, some>web 1, web>app 1 1"),
        ("without kinds and root", "b<a - web>app; c<b - app>db !", "app>db 1 1, web>app 1"),
        ("cannotLinkSingleSpanWithoutBothServiceNames, 1", "a S .", ""),
        ("cannotLinkSingleSpanWithoutBothServiceNames, 2", "a S server", ""),
        ("cannotLinkSingleSpanWithoutBothServiceNames, 3", "a S .>client", ""),
        ("cannotLinkSingleSpanWithoutBothServiceNames, 4", "a C .", ""),
        ("cannotLinkSingleSpanWithoutBothServiceNames, 5", "a C client", ""),
        ("cannotLinkSingleSpanWithoutBothServiceNames, 6", "a C .>server", ""),
        ("doesntLinkUnrelatedSpansWhenMissingRootSpan", "b<a S service1; c<a S service2", ""),
        ("linksRelatedSpansWhenMissingRootSpan", "b<a S service1; c<b S service2", "service1>service2 1"),
        ("tolerates a missing root", "b<a C web>app; b<a S app>web *", "web>app 1"),
        ("linksSingleHostSpans", "a C web; b<a S app", "web>app 1"),
        ("linksSingleHostSpans_errorOnClient", "a C web !; b<a S app", "web>app 1 1"),
        ("missingSpan", "a S web; b<a C app", "web>app 1"),
        ("a self reference is none (deletesSelfReferencingParentId)", "a<a S web; b<a C web>app", "web>app 1"),
        ("a server that does not say that it is shared", "a S web; b<a C web>app; b<a S app>web", "web>app 1"),
        ("a second root is the first's, which has the lower id (SpanNode)", "a S web; b S app", "web>app 1"),
        ("missing parents are the root's (SpanNode)", "a S web; c<b S app; d<b S app", "web>app 2"),
    ];

    private static int s_runs;

    private readonly long _todayMs = new DateTimeOffset(DateTimeOffset.UtcNow.UtcDateTime.Date, TimeSpan.Zero).ToUnixTimeMilliseconds();

    public enum Times
    {
        Equal,
        Ascending,
        Descending,
    }

    [Theory]
    [InlineData(Times.Equal, KitFormat.JsonV2, false)]
    [InlineData(Times.Ascending, KitFormat.JsonV2, false)]
    [InlineData(Times.Descending, KitFormat.JsonV2, false)]
    [InlineData(Times.Equal, KitFormat.Proto3, false)]
    [InlineData(Times.Descending, KitFormat.JsonV2, true)]
    [InlineData(Times.Ascending, KitFormat.Proto3, true)]
    public async Task Each_case_links_as_Zipkin_does_whatever_the_times_and_however_the_spans_come(Times times, KitFormat format, bool isOneByOne)
    {
        var run = Interlocked.Increment(ref s_runs);
        var traces = Cases.Select((one, i) => Trace(one.Spans, $"-{run}-{i}", times)).ToArray();
        if (!isOneByOne)
            await PostAsync(format, traces.SelectMany(trace => trace));
        for (var i = 0; isOneByOne && traces.Any(trace => trace.Length > i); i++)
            await PostAsync(format, traces.Where(trace => trace.Length > i).Select(trace => trace[i]));

        string[] expected = [.. Cases.Select(one => $"{one.Name}: {one.Links}")];
        string[] found = [];
        var path = string.Create(CultureInfo.InvariantCulture, $"/api/v2/dependencies?endTs={_todayMs + 60_000}&lookback={DayMs}");
        var deadline = DateTime.UtcNow.AddSeconds(60);
        do
        {
            var links = await shared.App.GetJsonAsync(path);
            found = [.. Cases.Select((one, i) => $"{one.Name}: {Links(links, $"-{run}-{i}")}")];
        }
        while (!found.SequenceEqual(expected) && DateTime.UtcNow < deadline);

        Assert.Equal(string.Join('\n', expected), string.Join('\n', found));
    }

    private static string Links(JsonElement links, string suffix) => string.Join(", ", links.EnumerateArray()
        .Where(link => link.GetProperty("parent").GetString()!.EndsWith(suffix, StringComparison.Ordinal))
        .Select(link => $"{Plain(link, "parent")}>{Plain(link, "child")} {link.GetProperty("callCount")}"
            + (link.TryGetProperty("errorCount", out var errors) ? $" {errors}" : ""))
        .Order(StringComparer.Ordinal));

    private static string Plain(JsonElement link, string name)
    {
        var service = link.GetProperty(name).GetString()!;
        return service[..service.IndexOf('-', StringComparison.Ordinal)];
    }

    private async Task PostAsync(KitFormat format, IEnumerable<JsonObject> spans)
    {
        var json = new JsonArray([.. spans.Select(span => span.DeepClone())]).ToJsonString();
        using var content = format == KitFormat.Proto3 ? new ByteArrayContent(ZipkinFormats.Proto3(json)) : new StringContent(json);
        content.Headers.ContentType = new(format == KitFormat.Proto3 ? "application/x-protobuf" : "application/json");
        using var response = await shared.App.Client.PostAsync("/api/v2/spans", content, CancellationToken.None);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    private JsonObject[] Trace(string spans, string suffix, Times times)
    {
        var trace = Guid.NewGuid().ToString("N");
        var texts = spans.Split("; ");
        return [.. texts.Select((text, i) => Span(trace, text.Split(' '), suffix, times switch { Times.Ascending => i, Times.Descending => texts.Length - i, _ => 0 }))];
    }

    private JsonObject Span(string trace, string[] words, string suffix, long at)
    {
        var (ids, services) = (words[0].Split('<'), words[2].Split('>'));
        var flags = words.Length > 3 ? words[3] : "";
        var span = new JsonObject { ["traceId"] = trace, ["id"] = ids[0].PadLeft(16, '0'), ["timestamp"] = (_todayMs + at) * 1_000 };
        if (ids.Length > 1)
            span["parentId"] = ids[1].PadLeft(16, '0');
        if (words[1] != "-")
            span["kind"] = words[1] switch { "C" => "CLIENT", "S" => "SERVER", "P" => "PRODUCER", _ => "CONSUMER" };
        if (services[0] != ".")
            span["localEndpoint"] = new JsonObject { ["serviceName"] = services[0] + suffix };
        if (services.Length > 1)
            span["remoteEndpoint"] = new JsonObject { ["serviceName"] = services[1] + suffix };
        if (flags.Contains('*', StringComparison.Ordinal))
            span["shared"] = true;
        if (flags.Contains('!', StringComparison.Ordinal))
            span["tags"] = new JsonObject { ["error"] = "" };
        return span;
    }
}
