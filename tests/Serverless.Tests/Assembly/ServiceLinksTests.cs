using Serverless.Tests.Protocols.Zipkin;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using static Serverless.Tests.Assembly.SampleSpan;

namespace Serverless.Tests.Assembly;

public sealed class ServiceLinksTests
{
    [Fact]
    public void The_servers_report_of_a_call_counts_and_a_client_at_the_end_links_to_what_it_names()
    {
        Assert.Equal(
            ["app>db 1 1", "web>app 1 0"],
            Zipkin(Server(1, 0, "web"), Client(2, 1, "web", "app"), Shared(2, 1, "app", "web"), Client(3, 2, "app", "db", error: true)));
    }

    [Fact]
    public void A_server_half_whose_client_was_lost_links_from_the_name_that_it_knows()
    {
        Assert.Equal(
            ["app>db 1 1", "web>app 1 0"], Zipkin(Server(1, 0, "web"), Shared(2, 0, "app", "web"), Client(3, 2, "app", "db", error: true)));
    }

    [Fact]
    public void A_server_half_that_was_not_told_its_parent_links_from_its_client()
    {
        Assert.Equal(["arn>link 1 0"], Zipkin(Server(1, 0, "arn"), Client(2, 1, "arn", "link"), Shared(2, 0, "link", "arn")));
    }

    [Theory]
    [InlineData("kafka", "kafka", "kafka>consumer 1 0", "producer>kafka 1 0")]
    [InlineData("kafka1", "kafka2", "kafka2>consumer 1 0", "producer>kafka1 1 0")]
    [InlineData(null, "kafka", "kafka>consumer 1 0")]
    [InlineData("kafka", null, "producer>kafka 1 0")]
    [InlineData(null, null)]
    public void Messages_link_to_their_broker_and_never_directly(string? sentTo, string? takenFrom, params string[] links)
    {
        Assert.Equal(links, Zipkin(Make(1, 0, "producer", SpanKind.Producer, sentTo), Make(2, 1, "consumer", SpanKind.Consumer, takenFrom)));
    }

    [Fact]
    public void A_server_below_a_producer_is_a_call()
    {
        Assert.Equal(["producer>server 1 0"], Zipkin(Make(1, 0, "producer", SpanKind.Producer), Server(2, 1, "server")));
        Assert.Equal(["producer>server 1 0"], Zipkin(Make(1, 0, "producer", SpanKind.Producer), Shared(1, 0, "server")));
    }

    [Fact]
    public void A_client_above_a_consumer_does_not_link()
    {
        Assert.Empty(Zipkin(Client(1, 0, "client"), Make(2, 1, "consumer", SpanKind.Consumer)));
    }

    [Fact]
    public void A_span_alone_links_where_it_names_both_sides()
    {
        Assert.Equal(["client>server 1 0"], Zipkin(Server(1, 0, "server", "client")));
        Assert.Equal(["client>server 1 0"], Zipkin(Client(1, 0, "client", "server")));
        Assert.Equal(["service>service 1 0"], Zipkin(Client(1, 0, "service", "service")));
        Assert.All<Span>(
            [Server(1, 0, ""), Server(1, 0, "server"), Server(1, 0, "", "client"), Client(1, 0, ""), Client(1, 0, "client"), Client(1, 0, "", "server")],
            span => Assert.Empty(Zipkin(span)));
    }

    [Fact]
    public void A_client_without_a_name_of_its_own_is_of_the_service_above()
    {
        Assert.Equal(["client>server 2 0"], Zipkin(Server(1, 0, "client"), Client(2, 1, "", "server"), Client(3, 1, "", "server")));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void The_error_of_either_side_counts_once(bool ofClient, bool ofServer)
    {
        Assert.Equal(["client>server 1 1"], Zipkin(Client(1, 0, "client", error: ofClient), Server(2, 1, "server", error: ofServer)));
        Assert.Equal(["client>server 1 1"], Zipkin(Client(1, 0, "client", error: ofClient), Shared(1, 0, "server", error: ofServer)));
    }

    [Fact]
    public void The_server_names_itself_whatever_its_client_calls_it()
    {
        Assert.Equal(["client>server 2 0"], Zipkin(Client(1, 0, "client", "elsewhere"), Server(2, 1, "server"), Server(3, 1, "server")));
    }

    [Fact]
    public void Work_in_between_is_passed_over()
    {
        Assert.Equal(
            ["foo>bar 2 0"], Zipkin(Server(1, 0, "foo"), Make(2, 1, "", SpanKind.Unspecified), Client(3, 2, "bar"), Client(4, 2, "bar", error: true)));
        Assert.Equal(
            ["bar>baz 2 1", "foo>bar 2 0"],
            Zipkin(Server(1, 0, "foo"), Make(2, 1, "", SpanKind.Unspecified), Client(3, 2, "bar", "baz", error: true), Client(4, 2, "bar", "baz")));
    }

    [Fact]
    public void A_span_without_a_kind_that_names_the_other_side_is_a_clients()
    {
        Assert.Equal(
            ["app>db 1 0", "some-client>web 1 0", "web>app 1 1"],
            Zipkin(
                Make(1, 0, "some-client", SpanKind.Unspecified, "web"), Make(2, 1, "web", SpanKind.Unspecified, "app", error: true),
                Make(3, 2, "app", SpanKind.Unspecified, "db")));
    }

    [Fact]
    public void Where_the_root_is_missing_only_spans_that_name_each_other_link()
    {
        Assert.Empty(Zipkin(Server(2, 1, "service1"), Server(3, 1, "service2")));
        Assert.Equal(["service1>service2 1 0"], Zipkin(Server(2, 1, "service1"), Server(3, 2, "service2")));
    }

    [Fact]
    public void Where_only_a_span_in_between_is_missing_the_root_is_the_caller()
    {
        Assert.Equal(["frontend>backend 1 0"], Zipkin(Server(1, 0, "frontend"), Client(22, 21, "backend")));
        Assert.Equal(["frontend>backend 1 0"], Zipkin(Server(1, 0, "frontend"), Server(22, 21, "backend")));
    }

    [Fact]
    public void The_duration_is_the_callers_where_it_reported_it()
    {
        var links = ServiceLinks.Of(TraceTree.Build(
            [Client(1, 0, "a", took: 50), Server(2, 1, "b", took: 30), Client(3, 2, "b", "db", took: 7), Client(4, 2, "b", "db", took: null)]));

        Assert.Equal([new ServiceLink("a", "b", 1, 0, 1, 50_000), new ServiceLink("b", "db", 2, 0, 1, 7_000)], links);
    }

    [Theory]
    [InlineData("db", "peer.service", "db", "server.address", "10.0.0.1", "db.system", "mysql")]
    [InlineData("orders-db", "server.address", "orders-db", "db.system", "mysql")]
    [InlineData("mysql", "server.address", "10.0.0.1", "db.system", "mysql")]
    [InlineData("postgresql", "db.system.name", "postgresql", "db.namespace", "orders")]
    [InlineData("api.example.com", "net.peer.name", "api.example.com")]
    public void OpenTelemetrys_clients_name_the_other_side_in_their_attributes(string child, params string[] tags)
    {
        Assert.Equal([$"shop>{child} 1 0"], Links(Of(1, service: "shop", kind: SpanKind.Server), Of(2, 1, "shop", SpanKind.Client, tags: Pairs(tags))));
        Assert.Equal([$"shop>{child} 1 0"], Links(Of(2, 0, "shop", SpanKind.Client, protocol: SpanProtocol.Jaeger, tags: Pairs(tags))));
    }

    [Fact]
    public void OpenTelemetrys_messages_link_to_the_system_that_carries_them()
    {
        Assert.Equal(
            ["kafka>mail 1 0", "shop>kafka 1 0"],
            Links(
                Of(1, 0, "shop", SpanKind.Producer, tags: [("server.address", "broker-0"), ("messaging.system", "kafka")]),
                Of(2, 1, "mail", SpanKind.Consumer, tags: [("messaging.system", "kafka"), ("server.address", "broker-1")])));
    }

    [Fact]
    public void What_an_OpenTelemetry_client_does_itself_does_not_hide_its_call()
    {
        Assert.Equal(["shop>db 1 0"], Links(Of(1, 0, "shop", SpanKind.Client, tags: [("peer.service", "db")]), Of(2, 1, "shop")));
        Assert.Equal(
            ["shop>db 1 0"],
            Links(
                Of(1, 0, "shop", SpanKind.Client, tags: [("peer.service", "pool")]), Of(2, 1, "shop"),
                Of(3, 2, "shop", SpanKind.Client, tags: [("peer.service", "db")])));
    }

    [Fact]
    public void An_internal_span_never_links()
    {
        Assert.Empty(Links(Of(1, 0, "shop", tags: [("peer.service", "db")])));
    }

    [Theory]
    [InlineData(SpanKind.Unspecified)]
    [InlineData(SpanKind.Internal)]
    public void Without_kinds_a_span_below_one_of_another_service_is_a_call(SpanKind kind)
    {
        Assert.Equal(
            ["a>b 2 1", "b>c 1 0"],
            Links(
                Of(1, 0, "a", kind), Of(2, 1, "b", kind), Of(3, 1, "b", kind, error: true), Of(4, 3, "b", kind), Of(5, 4, "c", kind), Of(6, 4, "", kind)));
        Assert.Empty(Links(Of(1, 0, "a", kind, protocol: SpanProtocol.Zipkin), Of(2, 1, "b", kind, protocol: SpanProtocol.Zipkin)));
    }

    [Fact]
    public void Where_only_some_spans_have_kinds_each_call_counts_once()
    {
        Assert.Equal(["a>b 1 0"], Links(Of(1, 0, "a", SpanKind.Client), Of(2, 1, "b")));
        Assert.Equal(["a>b 1 0"], Links(Of(1, 0, "a", SpanKind.Client), Of(2, 1, "b"), Of(3, 2, "b", SpanKind.Server)));
        Assert.Equal(["a>b 1 0"], Links(Of(1, 0, "a"), Of(2, 1, "b", SpanKind.Server)));
        Assert.Equal(["a>b 1 0", "b>db 1 0"], Links(Of(1, 0, "a"), Of(2, 1, "b", SpanKind.Client, tags: [("peer.service", "db")])));
        Assert.Equal(
            ["a>m 1 0", "m>b 1 0"], Links(Of(1, 0, "a", SpanKind.Server), Of(2, 1, "m"), Of(3, 2, "b", SpanKind.Client)));
        Assert.Equal(
            ["a>b 1 0", "b>db 1 0"],
            Links(Of(1, 0, "a", SpanKind.Server), Of(2, 1, "b"), Of(3, 2, "b", SpanKind.Client, tags: [("peer.service", "db")])));
        Assert.Equal(
            ["a>b 1 0", "b>c 1 0"],
            Links(
                Of(1, 0, "a", SpanKind.Unspecified, tags: [("peer.service", "b")]), Of(2, 1, "b", SpanKind.Unspecified, tags: [("peer.service", "c")])));
    }

    [Fact]
    public void Links_of_several_traces_add_up()
    {
        var tree = TraceTree.Build([Client(1, 0, "a", "b", error: true, took: 5)]);
        var links = new ServiceLinks();
        links.Add(tree);
        links.Add(tree);
        links.Add(ServiceLinks.Of(tree));

        Assert.Equal([new ServiceLink("a", "b", 3, 3, 3, 15_000)], links.ToList());
    }

    [Theory]
    [InlineData("bookinfo-64bit.json", "reviews.default>ratings.default 1 0")]
    [InlineData("bookinfo-128bit.json")]
    public void A_mesh_links_by_its_sidecars(string file, params string[] more)
    {
        Assert.Equal(
            ["istio-ingressgateway.istio-system>productpage.default 1 0", "productpage.default>details.default 1 0", "productpage.default>reviews.default 1 0", .. more],
            Links(ZipkinCorpus.Decode(ZipkinCorpus.Read(file))));
    }

    [Fact]
    public void A_chain_of_100_000_local_spans_with_a_call_at_each_is_linked()
    {
        Span[] spans =
        [
            .. Enumerable.Range(1, 50_000).Select(i => Of((ulong)i, (ulong)i - 1, "shop", at: i)),
            .. Enumerable.Range(1, 50_000).Select(i => Of((ulong)i + 50_000, (ulong)i, "shop", SpanKind.Client, i, tags: [("peer.service", "db")])),
        ];

        Assert.Equal(["shop>db 50000 0"], Links(spans));
    }

    private static IEnumerable<string> Zipkin(params Span[] spans) => Links(spans);

    private static IEnumerable<string> Links(params Span[] spans) => ServiceLinks.Of(TraceTree.Build(SpanMerger.Merge(spans)))
        .Select(link => $"{link.Parent}>{link.Child} {link.Calls} {link.Errors}");

    private static Span Server(ulong id, ulong parent, string service, string? remote = null, bool error = false, long? took = 10) =>
        Make(id, parent, service, SpanKind.Server, remote, error, took: took);

    private static Span Shared(ulong id, ulong parent, string service, string? remote = null, bool error = false) =>
        Make(id, parent, service, SpanKind.Server, remote, error, true);

    private static Span Client(ulong id, ulong parent, string service, string? remote = null, bool error = false, long? took = 10) =>
        Make(id, parent, service, SpanKind.Client, remote, error, took: took);

    private static Span Make(
        ulong id, ulong parent, string service, SpanKind kind, string? remote = null, bool error = false, bool shared = false, long? took = 10) =>
        Of(id, parent, service, kind, (long)id, took, error: error, shared: shared, remote: remote, protocol: SpanProtocol.Zipkin);

    private static (string, string)[] Pairs(string[] tags) => [.. tags.Chunk(2).Select(pair => (pair[0], pair[1]))];
}
