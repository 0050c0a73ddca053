namespace Serverless.Tests.Querying.Zipkin;

/// <summary>The search, by the cases of Zipkin's storage kit (<c>zipkin2.storage.ITSpanStore</c>, <c>ITSpanStoreHeavy</c>).</summary>
public sealed class ZipkinSpanStoreTests(ZipkinKit kit) : KitTest(kit), IClassFixture<ZipkinKit>
{
    [Fact]
    public async Task Nothing_is_found_where_there_is_nothing_to_find()
    {
        await Kit.AcceptAsync(new KitSpan(Kit.NewTraceId(), "1"));

        foreach (var more in new[] { "", "&remoteServiceName=remotey", "&spanName=methodcall", "&annotationQuery=custom", "&annotationQuery=BAH%3DBEH" })
            await Kit.AssertFindsAsync(Query($"serviceName=nobody{more}"));
    }

    [Fact]
    public async Task Spans_are_grouped_by_their_trace_however_they_came()
    {
        var a1 = NewSpan();
        var a2 = a1 with { Id = "2", Timestamp = a1.Timestamp + 1_000 };
        var (b1, b2) = (a1 with { TraceId = Kit.NewTraceId() }, a2);
        b2 = a2 with { TraceId = b1.TraceId };
        await Kit.AcceptAsync(a1, b1, a2, b2);

        await Kit.AssertFindsAsync(Query(), [a1, a2], [b1, b2]);
    }

    [Fact]
    public async Task Bits_above_the_low_64_make_another_trace()
    {
        var id = Kit.NewTraceId();
        var first = new KitSpan(id[16..], "1") { Tags = [("foo", "1")], Timestamp = Today * 1_000, Local = Frontend };
        var second = first with { TraceId = id, Tags = [("foo", "2")] };
        var third = first with { TraceId = "1" + id[16..], Tags = [("foo", "3")] };
        await Kit.AcceptAsync(first, second, third);

        foreach (var span in new[] { first, second, third })
            await Kit.AssertFindsAsync(Query($"serviceName={Frontend.ServiceName}&annotationQuery=foo%3D{span.Tags[0].Value}"), [span]);
    }

    [Fact]
    public async Task The_limit_keeps_the_traces_nearest_to_the_end()
    {
        KitSpan Span(string name, int i, long at) => new(Kit.NewTraceId(), (i + 1).ToString("x"))
        {
            Name = name, Timestamp = at * 1_000, Duration = 1, Local = new KitEndpoint($"{Frontend.ServiceName}-{i}", "127.0.0.1"),
        };
        KitSpan[] early = [.. Enumerable.Range(1, 10).Select(i => Span("early", i, Today - i))];
        KitSpan[] late = [.. Enumerable.Range(1, 10).Select(i => Span("late", i, Today + 100 - i))];
        await Kit.AcceptAsync(early);
        await Kit.AcceptAsync(late);

        await Kit.AssertFindsAsync(Query(), [.. early.Concat(late).Select(span => new[] { span })]);
        await Kit.AssertFindsAsync(Query(limit: 10), [.. late.Select(span => new[] { span })]);
        await Kit.AssertFindsAsync(Query(endTs: Today + 100, lookback: 100), [.. late.Select(span => new[] { span })]);
        await Kit.AssertFindsAsync(Query(endTs: Today), [.. early.Select(span => new[] { span })]);
        var newestFirst = (await Kit.App.GetJsonAsync("/api/v2/traces?" + Query())).EnumerateArray().Select(trace => trace[0].GetProperty("timestamp").GetInt64()).ToArray();
        Assert.Equal(newestFirst.OrderDescending(), newestFirst);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Services_on_both_sides_are_found_by_their_whole_names(bool isBesideTheShortId)
    {
        var span = NewClientSpan();
        if (isBesideTheShortId)
            await Kit.AcceptAsync(NewSpan() with { TraceId = span.TraceId[16..], Local = new KitEndpoint("foo" + Frontend.ServiceName), Remote = new KitEndpoint("bar" + Frontend.ServiceName) });
        await Kit.AcceptAsync(span);

        await Kit.AssertFindsAsync(Query($"serviceName={Frontend.ServiceName}1"));
        await Kit.AssertFindsAsync(Query($"serviceName={Frontend.ServiceName}"), [span]);
        await Kit.AssertFindsAsync(Query($"serviceName={Frontend.ServiceName}&remoteServiceName={Backend.ServiceName}1"));
        await Kit.AssertFindsAsync(Query($"serviceName={Frontend.ServiceName}&remoteServiceName={Backend.ServiceName}"), [span]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Names_of_spans_are_found_whole_with_and_without_a_service(bool isBesideTheShortId)
    {
        var span = NewClientSpan();
        if (isBesideTheShortId)
            await Kit.AcceptAsync(span with { TraceId = span.TraceId[16..], Name = "bar" });
        await Kit.AcceptAsync(span);

        await Kit.AssertFindsAsync(Query("spanName=get1"));
        await Kit.AssertFindsAsync(Query($"serviceName={Frontend.ServiceName}&spanName=get1"));
        await Kit.AssertFindsAsync(Query("spanName=get"), [span]);
        await Kit.AssertFindsAsync(Query($"serviceName={Frontend.ServiceName}&spanName=get"), [span]);
    }

    [Theory]
    [InlineData(KitFormat.JsonV2)]
    [InlineData(KitFormat.Proto3)]
    [InlineData(KitFormat.JsonV1)]
    [InlineData(KitFormat.Thrift)]
    public async Task Tags_and_durations_are_found_whatever_the_format(KitFormat format)
    {
        var span = NewClientSpan();
        await Kit.AcceptAsync(format, span);

        await Kit.AssertTraceAsync(span.TraceId, span);
        await Kit.AssertFindsAsync(Query("annotationQuery=foo%3Dbar"));
        await Kit.AssertFindsAsync(Query("annotationQuery=" + Escape("http.path=/api and clnt/finagle.version=6.45.0")), [span]);
        await Kit.AssertFindsAsync(Query("minDuration=200001"));
        await Kit.AssertFindsAsync(Query("minDuration=200000"), [span]);
        await Kit.AssertFindsAsync(Query("minDuration=199998&maxDuration=199999"));
        await Kit.AssertFindsAsync(Query("minDuration=200000&maxDuration=200000"), [span]);
    }

    [Fact]
    public async Task A_duration_that_comes_later_is_found()
    {
        var span = NewClientSpan();
        await Kit.AcceptAsync(span with { Duration = 0 });
        await Kit.AcceptAsync(new KitSpan(span.TraceId, span.Id) { Timestamp = span.Timestamp, Duration = span.Duration, Local = span.Local });

        await Kit.AssertFindsAsync(Query("minDuration=200001"));
        await Kit.AssertFindsAsync(Query("minDuration=200000"), [span]);
    }

    [Fact]
    public async Task An_empty_tag_is_there_and_has_no_other_value()
    {
        var span = new KitSpan(Kit.NewTraceId(), "1") { Timestamp = Today * 1_000, Local = new KitEndpoint(Frontend.ServiceName), Kind = "CLIENT", Tags = [("error", "")] };
        await Kit.AcceptAsync(span);

        await Kit.AssertFindsAsync(Query($"serviceName={Frontend.ServiceName}"), [span]);
        await Kit.AssertFindsAsync(Query($"serviceName={Frontend.ServiceName}&annotationQuery=error"), [span]);
        await Kit.AssertFindsAsync(Query($"serviceName={Frontend.ServiceName}&annotationQuery=error%3D1"));
        await Kit.AssertTraceAsync(span.TraceId, span);
    }

    [Fact]
    public async Task A_long_value_is_read_back_whole()
    {
        var span = NewSpan() with { Name = "big", Tags = [("a", new string('a', 1_024))] };
        await Kit.AcceptAsync(span);

        await Kit.AssertFindsAsync(Query(), [span]);
        await Kit.AssertTraceAsync(span.TraceId, span);
    }

    [Fact]
    public async Task A_span_whose_parts_have_different_names_is_found_by_each()
    {
        var part = NewSpan() with { Tags = [("http.path", "/api")] };
        await Kit.AcceptAsync(part);
        await Kit.AcceptAsync(part with { Name = "{\"foo\":\"bar\"}", Tags = [("http.path.morepath", "/api/api")] });

        // Zipkin's stores answer with both parts; here they are one span.
        var merged = part with { Name = "{\"foo\":\"bar\"}", Tags = [("http.path.morepath", "/api/api"), ("http.path", "/api")] };
        await Kit.AssertFindsAsync(Query($"serviceName={Backend.ServiceName}&spanName={Escape("{\"foo\":\"bar\"}")}"), [merged]);
        await Kit.AssertFindsAsync(Query($"serviceName={Backend.ServiceName}&spanName={Escape("get /foo")}"), [merged]);
        await Kit.AssertTraceAsync(part.TraceId, merged);
    }

    [Fact]
    public async Task Durations_count_for_the_spans_of_the_service_asked_for()
    {
        var at = (Today - 3) * 1_000;
        var (id1, id2, id3) = (Kit.NewTraceId(), Kit.NewTraceId(), Kit.NewTraceId());
        KitSpan Span(string trace, string id, string? parent, string name, long start, long took, KitEndpoint local, KitEndpoint remote) => new(trace, id)
        {
            ParentId = parent, Name = name, Timestamp = at + start, Duration = took, Local = local, Remote = remote, Tags = [("lc", "archiver")],
        };
        KitSpan[] first = [Span(id1, "1", null, "targz", 100, 200_000, Frontend, Db), Span(id1, "2", "1", "tar", 200, 150_000, Backend, Backend), Span(id1, "3", "1", "gz", 250, 50_000, Db, Frontend)];
        KitSpan[] second = [Span(id2, "1", null, "targz", 110, 200_000, Db, Frontend), Span(id2, "2", "1", "tar", 210, 150_000, Backend, Backend), Span(id2, "3", "1", "gz", 260, 50_000, Frontend, Backend)];
        KitSpan[] third = [Span(id3, "3", null, "zip", 130, 50_000, Backend, Backend) with { Annotations = [(at + 130, "zip")] }];
        await Kit.AcceptAsync(first);
        await Kit.AcceptAsync(second);
        await Kit.AcceptAsync(third);
        string Of(KitEndpoint service, string more) => Query($"serviceName={service.ServiceName}&{more}", endTs: Today);

        await Kit.AssertFindsAsync(Of(Frontend, "minDuration=200000"), first);
        await Kit.AssertFindsAsync(Of(Db, "minDuration=200000"), second);
        await Kit.AssertFindsAsync(Of(Backend, "minDuration=50000&maxDuration=150000"), first, second, third);
        await Kit.AssertFindsAsync(Of(Frontend, $"remoteServiceName={Backend.ServiceName}&minDuration=50000&maxDuration=50000"), second);
        await Kit.AssertFindsAsync(Of(Backend, $"remoteServiceName={Backend.ServiceName}&spanName=zip&minDuration=50000&maxDuration=50000"), third);
        await Kit.AssertFindsAsync(Of(Backend, "minDuration=50000&maxDuration=50000"), third);
    }

    [Fact]
    public async Task A_trace_without_a_timestamp_is_not_found_until_it_has_one()
    {
        var span = NewSpan() with { Remote = Frontend };
        await Kit.AcceptAsync(span with { Timestamp = 0, Duration = 0 });
        string[] queries = ["", "&spanName=" + Escape("get /foo"), $"&remoteServiceName={Frontend.ServiceName}"];
        foreach (var more in queries)
            await Kit.AssertFindsAsync(Query($"serviceName={Backend.ServiceName}{more}"));

        await Kit.AcceptAsync(span);
        foreach (var more in queries)
            await Kit.AssertFindsAsync(Query($"serviceName={Backend.ServiceName}{more}"), [span]);
    }

    [Theory]
    [InlineData(KitFormat.JsonV2)]
    [InlineData(KitFormat.Proto3)]
    public async Task Debug_of_one_half_of_a_shared_span_is_not_that_of_the_other(KitFormat format)
    {
        var client = NewClientSpan() with { IsDebug = true };
        var server = client with { Kind = "SERVER", IsDebug = false, IsShared = true };
        await Kit.AcceptAsync(format, client, server);

        await Kit.AssertFindsAsync(Query(), [client, server]);
        await Kit.AssertTraceAsync(client.TraceId, client, server);
        var many = await Kit.App.GetAsync($"/api/v2/traceMany?traceIds={client.TraceId},{Kit.NewTraceId()}");
        Assert.Equal(ZipkinKit.Lines([[client, server]]), ZipkinKit.Lines(many));
    }

    [Fact]
    public async Task Annotations_and_tags_asked_for_together_must_all_be_there()
    {
        KitSpan Span(int i, string[] values, bool hasTag) => new(Kit.NewTraceId(), i.ToString("x"))
        {
            Name = "call" + i, Timestamp = (Today + i) * 1_000, Local = Frontend, Annotations = [.. values.Select(value => ((Today + i) * 1_000, value))],
            Tags = hasTag ? [("baz", "qux")] : [],
        };
        KitSpan[] foo = [Span(1, ["foo"], false)], barFoo = [Span(2, ["bar", "foo"], false)], fooTag = [Span(3, ["foo"], true)], all = [Span(4, ["bar", "foo"], true)];
        await Kit.AcceptAsync([.. foo, .. barFoo, .. fooTag, .. all]);
        string Asking(string text) => Query($"serviceName={Frontend.ServiceName}&annotationQuery={Escape(text)}");

        await Kit.AssertFindsAsync(Asking("foo"), foo, barFoo, fooTag, all);
        await Kit.AssertFindsAsync(Asking("foo and bar"), barFoo, all);
        await Kit.AssertFindsAsync(Asking("foo and bar and baz=qux"), all);
        await Kit.AssertFindsAsync(Asking("baz"), fooTag, all);
        await Kit.AssertFindsAsync(Asking("  baz = qux   and foo"), fooTag, all);
        await Kit.AssertFindsAsync(Asking("baz and baz=other"));
        await Kit.AssertFindsAsync(Asking("baz=other and baz=qux"), fooTag, all);
        await Kit.AssertFindsAsync(Asking("FOO"));
    }

    [Fact]
    public async Task Only_data_that_the_service_itself_reported_count_for_it()
    {
        KitSpan[] Trace(int i, KitEndpoint client, KitEndpoint server, string word)
        {
            var at = (Today + (10 * i)) * 1_000;
            var span = new KitSpan(Kit.NewTraceId(), i.ToString("x"))
            {
                Name = "call", Kind = "CLIENT", Timestamp = at, Duration = 3_000, Local = client, Annotations = [(at + 500, word)], Tags = [("local", word), (word + "-b", word)],
            };
            return [span, span with { Kind = "SERVER", IsShared = true, Local = server, Timestamp = at + 1_000, Duration = 1_000, Annotations = [], Tags = [] }];
        }

        var web = Trace(1, Frontend, Backend, "web");
        var app = Trace(2, Backend, Frontend, "app");
        await Kit.AcceptAsync([.. web, .. app]);
        string Of(KitEndpoint service, string text) => Query($"serviceName={service.ServiceName}&annotationQuery={Escape(text)}");

        await Kit.AssertTraceAsync(web[0].TraceId, web);
        await Kit.AssertFindsAsync(Query(), web, app);
        foreach (var text in new[] { "web", "web-b", "local=web" })
        {
            await Kit.AssertFindsAsync(Of(Frontend, text), web);
            await Kit.AssertFindsAsync(Of(Backend, text));
        }

        foreach (var text in new[] { "app", "app-b", "local=app" })
        {
            await Kit.AssertFindsAsync(Of(Backend, text), app);
            await Kit.AssertFindsAsync(Of(Frontend, text));
        }
    }

    [Fact]
    public async Task Time_is_that_of_the_trace_and_both_ends_count()
    {
        var first = NewSpan() with { Timestamp = (Today + 1) * 1_000 };
        var second = first with { TraceId = Kit.NewTraceId(), Timestamp = (Today + 2) * 1_000 };
        await Kit.AcceptAsync(first, second);

        await Kit.AssertFindsAsync(Query(endTs: Today));
        await Kit.AssertFindsAsync(Query(endTs: Today + 1), [first]);
        await Kit.AssertFindsAsync(Query(endTs: Today + 2), [first], [second]);
        await Kit.AssertFindsAsync(Query(endTs: Today + 3), [first], [second]);
        await Kit.AssertFindsAsync(Query(endTs: Today + 1, lookback: 1), [first]);
        await Kit.AssertFindsAsync(Query(endTs: Today + 2, lookback: 1), [first], [second]);
        await Kit.AssertFindsAsync(Query(endTs: Today + 3, lookback: 1), [second]);
        await Kit.AssertFindsAsync(Query(limit: 1), [second]);
    }

    [Fact]
    public async Task The_sub_millisecond_part_of_a_timestamp_is_after_the_end()
    {
        var span = NewSpan() with { Timestamp = (Today * 1_000) + 1 };
        await Kit.AcceptAsync(span);

        await Kit.AssertFindsAsync(Query(endTs: Today));
        await Kit.AssertFindsAsync(Query(endTs: Today + 1, lookback: 1), [span]);
    }

    [Fact]
    public async Task A_whole_trace_is_found_where_only_its_root_lies_in_the_time()
    {
        var trace = NewTrace();
        await Kit.AcceptAsync(trace);

        await Kit.AssertFindsAsync(Query(endTs: Today + 1, lookback: 1), trace);
        await Kit.AssertFindsAsync(Query(endTs: Today + 350, lookback: 350), trace);
        await Kit.AssertFindsAsync(Query(endTs: Today + 350, lookback: 300));
    }

    [Fact]
    public async Task Without_a_root_the_earliest_timestamp_counts()
    {
        var late = NewSpan() with { Id = "2", ParentId = "1", Timestamp = (Today + 500) * 1_000 };
        var early = late with { Id = "3", Timestamp = Today * 1_000 };
        await Kit.AcceptAsync(late, early);

        await Kit.AssertFindsAsync(Query(endTs: Today + 1, lookback: 1), [late, early]);
        await Kit.AssertFindsAsync(Query(endTs: Today + 501, lookback: 2));
    }

    [Fact]
    public async Task Case_makes_no_difference_to_names()
    {
        var span = NewClientSpan();
        await Kit.AcceptAsync(span);
        var service = Frontend.ServiceName!.ToUpperInvariant();

        await Kit.AssertFindsAsync(Query($"serviceName={service}&remoteServiceName={Backend.ServiceName!.ToUpperInvariant()}"), [span]);
        await Kit.AssertFindsAsync(Query($"serviceName={service}&spanName=GET"), [span]);
    }

    [Theory]
    [InlineData("serviceName=&remoteServiceName=&spanName=&annotationQuery=")]
    [InlineData("spanName=all")]
    [InlineData("annotationQuery=%3Dbar")]
    public async Task What_is_empty_is_not_asked(string query)
    {
        var span = NewClientSpan();
        await Kit.AcceptAsync(span);

        await Kit.AssertFindsAsync(Query(query), [span]);
    }

    [Fact]
    public async Task The_limit_counts_traces_not_spans()
    {
        var first = NewSpan();
        KitSpan[] spans = [first with { Id = "ffff" }, .. Enumerable.Range(1, 100).Select(i => first with { ParentId = "ffff", Id = i.ToString("x"), Timestamp = (Today + i) * 1_000, Duration = 10 })];
        await Kit.AcceptAsync(spans);

        await Kit.AssertFindsAsync(Query(limit: 1), spans);
        await Kit.AssertTraceAsync(first.TraceId, spans);
    }

    [Fact]
    public async Task A_thousand_traces_are_found_at_once()
    {
        KitSpan[] spans = [.. Enumerable.Range(0, 1_000).Select(i => NewSpan() with { Timestamp = (Today + i) * 1_000, Duration = 10, Remote = Frontend })];
        await Kit.AcceptAsync(spans);

        foreach (var more in new[] { "", $"&remoteServiceName={Frontend.ServiceName}", "&spanName=get+%2Ffoo", "&annotationQuery=http.method%3DGET" })
        {
            var found = await Kit.App.GetJsonAsync("/api/v2/traces?" + Query($"serviceName={Backend.ServiceName}{more}", limit: 1_000));
            Assert.Equal(1_000, found.GetArrayLength());
        }
    }

    /// <summary>Zipkin's <c>QueryRequestTest</c>: what of the spans differs from the test's, the query, and whether it finds the trace.</summary>
    [Theory]
    [InlineData("", "lookback=60", true)]
    [InlineData("", "endTs+70", false)]
    [InlineData("", "endTs+60", true)]
    [InlineData("", "endTs-1", false)]
    [InlineData("child", "", true)]
    [InlineData("children", "", true)]
    [InlineData("timeless", "", false)]
    [InlineData("", "serviceName=aloha", false)]
    [InlineData("", "spanName=aloha", false)]
    [InlineData("name", "spanName=aloha", true)]
    [InlineData("", "remoteServiceName=db", false)]
    [InlineData("remote", "remoteServiceName=db", true)]
    [InlineData("99", "minDuration=100", false)]
    [InlineData("100", "minDuration=100", true)]
    [InlineData("99", "minDuration=100&maxDuration=110", false)]
    [InlineData("100", "minDuration=100&maxDuration=110", true)]
    [InlineData("111", "minDuration=100&maxDuration=110", false)]
    [InlineData("remote nameless", "remoteServiceName=db", true)]
    [InlineData("name nameless", "spanName=aloha", true)]
    [InlineData("100 nameless", "minDuration=100", true)]
    [InlineData("tag nameless", "annotationQuery=baz%3Dqux", true)]
    [InlineData("tag nameless", "annotationQuery=baz%3Dqux&serviceName=app", false)]
    public async Task A_query_tests_a_trace_as_Zipkins_does(string spans, string query, bool isFound)
    {
        var span = new KitSpan(Kit.NewTraceId(), "10") { Name = "receive", Kind = "CONSUMER", Timestamp = Today * 1_000, Local = Frontend };
        List<KitSpan> trace = [span];
        foreach (var word in spans.Split(' '))
        {
            trace = word switch
            {
                "child" => [span with { Id = "2", ParentId = "10", Timestamp = 0 }, span],
                "children" => [span with { Id = "2", ParentId = "10", Timestamp = span.Timestamp + 86_400_000_000 }, span with { Id = "3", ParentId = "10" }],
                "timeless" => [span with { Timestamp = 0 }],
                "name" => [span with { Name = "aloha" }],
                "remote" => [span with { Remote = new KitEndpoint("db") }],
                "tag" => [span with { Tags = [("baz", "qux")] }],
                "nameless" => [trace[0] with { Local = new KitEndpoint(null, "127.0.0.1") }],
                "" => trace,
                _ => [span with { Duration = long.Parse(word, System.Globalization.CultureInfo.InvariantCulture) }],
            };
        }

        await Kit.AcceptAsync([.. trace]);
        var shift = query.StartsWith("endTs", StringComparison.Ordinal) ? long.Parse(query[5..], System.Globalization.CultureInfo.InvariantCulture) : 0;
        var asked = query.Contains('=', StringComparison.Ordinal) && !query.StartsWith("lookback", StringComparison.Ordinal) ? query : "";
        await Kit.AssertFindsAsync(Query(asked, Today + shift, 60, 10), isFound ? [[.. trace]] : []);
    }
}
