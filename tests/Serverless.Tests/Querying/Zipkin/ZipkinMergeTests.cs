using System.Globalization;
using System.Net;

namespace Serverless.Tests.Querying.Zipkin;

/// <summary>
/// Zipkin's rules of merging (<c>TraceTest</c>, <c>SpanTest</c>, Lens's <c>span-cleaner.test.js</c>) over HTTP: reports are posted, the trace is read. A
/// span is written as <c>id&lt;parent kind service@address|address:port&gt;remote</c>, where a dot stands for none and kinds are C, S, P, X (consumer) and -,
/// and then: <c>*</c> shared, <c>+</c> debug, <c>t1</c> timestamp, <c>d1</c> duration, <c>n:name</c>, <c>3:annotation</c>, <c>key=tag</c>.
/// </summary>
public sealed class ZipkinMergeTests(ZipkinKit kit) : IClassFixture<ZipkinKit>
{
    private static readonly (string Name, string Reports, string Spans)[] Cases =
    [
        ("backfillsMissingParentIdOnSharedSpan", "a S front; b<a C front; b S back *", "a S front; b<a C front; b<a S back *"),
        ("backfillsMissingSharedFlag", "a S front; b<a C front@1.2.3.4; b<a S back@5.6.7.8", "a S front; b<a C front@1.2.3.4; b<a S back@5.6.7.8 *"),
        (
            "mergesWhenMissingEndpoints",
            "a - . service=front span.kind=SERVER; b<a - . t1 service=front span.kind=CLIENT; b<a S back *; b<a - . d10",
            "a - . service=front span.kind=SERVER; b<a - . t1 d10 service=front span.kind=CLIENT; b<a S back *"),
        (
            "doesntMergeSharedSpansOnDifferentIPs",
            "a S front; b<a C front t1 3:brave.flush; b<a S back@1.2.3.4 *; b<a S back@1.2.3.5 *; b<a C front d10",
            "a S front; b<a C front t1 d10 3:brave.flush; b<a S back@1.2.3.4 *; b<a S back@1.2.3.5 *"),
        (
            "doesntMergeSharedSpansOnDifferentIPs, late data without a kind",
            "a S front; b<a C front t1; b<a S back@1.2.3.4 *; b<a S back@1.2.3.5 *; b<a - front d10",
            "a S front; b<a C front t1 d10; b<a S back@1.2.3.4 *; b<a S back@1.2.3.5 *"),
        (
            "putsRandomDataOnFirstSpanWithEndpoint",
            "a S front; b<a C .; b<a - front t1 3:brave.flush; b<a S back@1.2.3.4 *; b<a S back@1.2.3.5 *; b<a - . d10",
            "a S front; b<a C front t1 d10 3:brave.flush; b<a S back@1.2.3.4 *; b<a S back@1.2.3.5 *"),
        (
            "putsRandomDataOnFirstSpanWithEndpoint, without parent and endpoint",
            "a S front; b<a C front t1; b<a S back@1.2.3.4 *; b<a S back@1.2.3.5 *; b - . d10",
            "a S front; b<a C front t1 d10; b<a S back@1.2.3.4 *; b<a S back@1.2.3.5 *"),
        (
            "mergesIncompleteEndpoints", "a S front; b<a C front; b<a C .@1.2.3.4; b<a S .@1.2.3.5 *; b<a S back *",
            "a S front; b<a C front@1.2.3.4; b<a S back@1.2.3.5 *"),
        (
            "mergesIncompleteEndpoints, without kinds", "a S front; b<a C front; b<a - .@1.2.3.4; b<a S back *; b<a - .@1.2.3.5 *",
            "a S front; b<a C front@1.2.3.4; b<a S back@1.2.3.5 *"),
        ("deletesSelfReferencingParentId", "a<a S front; b<a C front", "a S front; b<a C front"),
        ("worksWhenMissingParentSpan", "b<a S back@1.2.3.4; c<a S back", "b<a S back@1.2.3.4; c<a S back"),
        (
            "cleanupComparator_transitiveKindComparison", "a - b *; a C b; a - a; a - .; a C a; a - b *; a C b; a - a; a - .; a C a",
            "a C a; a C b; a - a; a - b *"),
        ("constructsTraceTree_dedupes", "a - .; a - .; a - .", "a - ."),
        (
            "merges incomplete data",
            "2 S back@192.168.99.101:9000>front * t100 d10; 2 - .>back d207 403:wr; 2 C front@127.0.0.1:8080 t99 238:ws http.path=/api n:get",
            "2 S back@192.168.99.101:9000>front * t100 d10; 2 C front@127.0.0.1:8080>back t99 d207 238:ws 403:wr http.path=/api n:get"),
        ("annotationsSortByTimestamp, annotationsDedupe", "a - . 2:b 2:b 1:a; a - .; a - . 1:a 3:b", "a - . 1:a 2:b 3:b"),
        ("builder_merge_annotations_concat", "2 - . 1:a 1:b; 2 - . 1:b 1:c", "2 - . 1:a 1:b 1:c"),
        ("builder_merge_tags_concat", "2 - . 1=a 2=a; 2 - . 2=a 3=a", "2 - . 1=a 2=a 3=a"),
        ("builder_merge_flags", "2 S a * t1; 2 S a * + d2", "2 S a * + t1 d2"),
        ("builder_merge_localEndpoint", "2 - .; 2 - front", "2 - front"),
        ("builder_merge_localEndpoint_merge", "2 - a; 2 - .@192.168.99.101; 2 - .@2001:db8::c001; 2 - .@:80", "2 - a@192.168.99.101|2001:db8::c001:80"),
        ("builder_merge_remoteEndpoint_merge", "2 - .>a; 2 - .>.@192.168.99.101; 2 - .>.@2001:db8::c001; 2 - .>.@:80", "2 - .>a@192.168.99.101|2001:db8::c001:80"),
        ("should not delete valid shared flag on root span", "1 S . * t2; 1 C . t1", "1 S . * t2; 1 C . t1"),
        ("clean: no shared clients", "2 C . *", "2 C ."),
        ("lateDuration", "2<1 C front t50 n:get http.path=/api; 2 - front t50 d200", "2<1 C front t50 d200 n:get http.path=/api"),
        ("absentWhenNoTimestamp", "1 S back n:get; 1 S back n:get t7 d1", "1 S back n:get t7 d1"),
        (
            "spanWithProblematicData", """1 S back t1 d1 n:get http.path=/api; 1 S back t1 d1 n:{"foo":"bar"} http.path.morepath=/api/api""",
            """1 S back t1 d1 n:{"foo":"bar"} http.path=/api http.path.morepath=/api/api"""),
        ("getTrace_deduplicates", "1 S back t1 d1 n:get; 1 S back t1 d1 n:get", "1 S back t1 d1 n:get"),
    ];

    /// <summary>In what way reports are sent.</summary>
    public enum Sent
    {
        InOrder,
        Reversed,
        OneByOne,
        OneByOneReversed,
    }

    [Theory]
    [InlineData(Sent.InOrder, KitFormat.JsonV2)]
    [InlineData(Sent.Reversed, KitFormat.JsonV2)]
    [InlineData(Sent.OneByOne, KitFormat.JsonV2)]
    [InlineData(Sent.OneByOneReversed, KitFormat.Proto3)]
    public async Task Each_case_merges_as_in_Zipkin_whatever_the_order_of_the_reports(Sent sent, KitFormat format)
    {
        var traces = Cases.Select(one => Spans(one.Reports, kit.NewTraceId())).ToArray();
        if (sent is Sent.Reversed or Sent.OneByOneReversed)
            Array.ForEach(traces, Array.Reverse);
        if (sent is Sent.InOrder or Sent.Reversed)
            await PostAsync(format, traces.SelectMany(trace => trace));
        else
            for (var i = 0; traces.Any(trace => trace.Length > i); i++)
                await PostAsync(format, traces.Where(trace => trace.Length > i).Select(trace => trace[i]));

        foreach (var (one, trace) in Cases.Zip(traces))
        {
            var expected = Lines(Spans(one.Spans, trace[0].TraceId).Select(span => span.ToString()));
            var answer = await UntilAsync($"/api/v2/trace/{trace[0].TraceId}", found => LinesOf(found) == expected);
            Assert.Equal($"{one.Name}\n{expected}", $"{one.Name}\n{LinesOf(answer)}");
        }
    }

    [Fact]
    public async Task A_span_reported_under_both_widths_is_one_of_the_wider_where_ids_are_lenient()
    {
        var id = kit.NewTraceId();
        var (wide, narrow) = (new KitSpan(id, "3") { Name = "get" }, new KitSpan(id[16..], "3") { Duration = 5 });
        var server = new KitSpan(id[16..], "4") { ParentId = "3", Kind = "SERVER", Local = new KitEndpoint("back") };
        await PostAsync(KitFormat.JsonV2, [narrow, wide, server]);
        await PostAsync(KitFormat.JsonV2, [wide, server with { TraceId = id }]);

        var expected = Lines([(wide with { Duration = 5 }).ToString(), (server with { TraceId = id }).ToString()]);
        foreach (var asked in new[] { id, id[16..] })
        {
            var answer = await UntilAsync($"/api/v2/trace/{asked}?strictTraceId=false", found => LinesOf(found) == expected);
            Assert.Equal(expected, LinesOf(answer));
        }

        Assert.Equal(Lines([narrow.ToString(), server.ToString()]), LinesOf(await kit.App.GetAsync("/api/v2/trace/" + id[16..])));
    }

    private async Task PostAsync(KitFormat format, IEnumerable<KitSpan> spans) =>
        Assert.Equal(HttpStatusCode.Accepted, await kit.PostAsync(format, [.. spans]));

    // The last answer where the wait is in vain, to be compared.
    private async Task<QueryAnswer> UntilAsync(string path, Func<QueryAnswer, bool> isExpected)
    {
        var deadline = DateTime.UtcNow.AddSeconds(20);
        QueryAnswer answer;
        do
            answer = await kit.App.GetAsync(path);
        while (!isExpected(answer) && DateTime.UtcNow < deadline);
        return answer;
    }

    private static string LinesOf(QueryAnswer answer) =>
        answer.Status == HttpStatusCode.OK ? Lines(answer.Json.EnumerateArray().Select(span => span.GetRawText())) : answer.Text;

    private static string Lines(IEnumerable<string> spans) => string.Join('\n', spans.Select(Sorted).Order(StringComparer.Ordinal));

    // Tags have no order.
    private static string Sorted(string span)
    {
        var json = System.Text.Json.Nodes.JsonNode.Parse(span)!.AsObject();
        if (json["tags"] is System.Text.Json.Nodes.JsonObject tags)
            json["tags"] = new System.Text.Json.Nodes.JsonObject(tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => KeyValuePair.Create(tag.Key, tag.Value?.DeepClone())));
        return json.ToJsonString();
    }

    private static KitSpan[] Spans(string texts, string trace) => [.. texts.Split("; ").Select(text => Span(text.Split(' '), trace))];

    private static KitSpan Span(string[] words, string trace)
    {
        var (ids, sides) = (words[0].Split('<'), words[2].Split('>'));
        var span = new KitSpan(trace, ids[0])
        {
            ParentId = ids.Length > 1 ? ids[1] : null,
            Kind = words[1] switch { "C" => "CLIENT", "S" => "SERVER", "P" => "PRODUCER", "X" => "CONSUMER", _ => null },
            Local = EndpointOf(sides[0]),
            Remote = sides.Length > 1 ? EndpointOf(sides[1]) : null,
            IsShared = words.Contains("*"),
            IsDebug = words.Contains("+"),
        };
        foreach (var word in words.Skip(3))
        {
            if (word.StartsWith("n:", StringComparison.Ordinal))
                span = span with { Name = word[2..] };
            else if (word.Contains('=', StringComparison.Ordinal))
                span = span with { Tags = [.. span.Tags, (word.Split('=')[0], word.Split('=')[1])] };
            else if (word.Contains(':', StringComparison.Ordinal))
                span = span with { Annotations = [.. span.Annotations, (Number(word.Split(':')[0]), word.Split(':')[1])] };
            else if (word[0] == 't')
                span = span with { Timestamp = Number(word[1..]) };
            else if (word[0] == 'd')
                span = span with { Duration = Number(word[1..]) };
        }

        return span;
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static KitEndpoint? EndpointOf(string text)
    {
        if (text == ".")
            return null;
        var at = text.Split('@');
        var service = at[0] == "." ? null : at[0];
        if (at.Length == 1)
            return new KitEndpoint(service);
        var addresses = at[1].Split('|');
        var ipv4 = addresses[0].Contains('.', StringComparison.Ordinal) ? addresses[0].Split(':')[0] : null;
        var rest = addresses[^1];
        var isV6 = rest.StartsWith("2001:", StringComparison.Ordinal);
        const string V6 = "2001:db8::c001";
        var port = isV6 ? rest[V6.Length..] : rest[(ipv4?.Length ?? 0)..];
        return new KitEndpoint(service, ipv4, isV6 ? V6 : null, port.Length > 1 ? (int)Number(port[1..]) : 0);
    }
}
