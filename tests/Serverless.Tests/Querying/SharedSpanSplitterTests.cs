using System.Reflection;
using Serverless.Tests.Assembly;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Querying;

public sealed class SharedSpanSplitterTests
{
    private static readonly Span Root = Of(1, 0, SpanKind.Server, "gateway");
    private static readonly Span Client = Of(2, 1, SpanKind.Client, "gateway");
    private static readonly Span Server = Of(2, 1, SpanKind.Server, "details", SpanMarks.Shared | SpanMarks.Debug);

    [Fact]
    public void The_server_half_gets_its_own_id_and_is_the_clients_child()
    {
        var split = SharedSpanSplitter.Split([Root, Client, Server]);
        Assert.Same(Root, split[0]);
        Assert.Same(Client, split[1]);
        var server = split[2];
        Assert.DoesNotContain(server.Id, new[] { Root.Id, Client.Id, default });
        Assert.Equal(Client.Id, server.ParentId);
        Assert.Equal(SpanMarks.Debug, server.Marks);
    }

    [Fact]
    public void Everything_else_of_a_copied_span_stays()
    {
        var original = new Span
        {
            TraceId = new TraceId(1, Client.TraceId.Low), Id = Client.Id, ParentId = Root.Id, Kind = SpanKind.Server, Name = "GET /", StartNs = 3, DurationNs = 4,
            Status = SpanStatus.Error, StatusMessage = "bad", Flags = 5, TraceState = "a=b", Resource = new Resource { ServiceName = "details" },
            Scope = new InstrumentationScope { Name = "lib" }, Attributes = [new SpanAttribute("k", AttributeValue.Of("v"))],
            Events = [new SpanEvent(6, "e", [], 0)], Links = [new SpanLink(default, default, "", [], 0, 0)],
            DroppedAttributes = 7, DroppedEvents = 8, DroppedLinks = 9, RemoteEndpoint = new Endpoint("x", null, null, 1),
            Marks = SpanMarks.Truncated, Protocol = SpanProtocol.Zipkin,
        };
        var copy = SharedSpanSplitter.Split([Client, original])[1];
        Assert.NotSame(original, copy);
        string[] changed = [nameof(Span.Id), nameof(Span.ParentId)];
        foreach (var property in typeof(Span).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => !changed.Contains(p.Name)))
        {
            Assert.Equal(property.GetValue(original), property.GetValue(copy));
            if (property.CanWrite)
                Assert.NotEqual(property.GetValue(new Span()), property.GetValue(original));
        }
    }

    [Fact]
    public void Children_of_the_shared_id_go_to_the_half_of_their_service_and_else_to_the_servers()
    {
        var ofServer = Of(3, 2, SpanKind.Client, "details");
        var ofClient = Of(4, 2, SpanKind.Internal, "gateway");
        var ofAnother = Of(5, 2, SpanKind.Server, "ratings");
        var split = SharedSpanSplitter.Split([ofServer, Server, ofClient, Client, ofAnother]);
        Assert.Equal(split[1].Id, split[0].ParentId);
        Assert.Equal(new SpanId(3), split[0].Id);
        Assert.Same(ofClient, split[2]);
        Assert.Equal(split[1].Id, split[4].ParentId);
    }

    [Fact]
    public void Whatever_the_trace_each_span_names_the_parent_that_it_is_under_in_the_tree()
    {
        for (var seed = 0; seed < 1_000; seed++)
        {
            var tree = TraceTree.Build(SpanMerger.Merge(SampleGraphs.Make(seed)));
            var split = SharedSpanSplitter.Split(tree.Spans);
            Assert.Equal(tree.Count, split.Count);
            for (var i = 0; i < split.Count; i++)
            {
                var parent = tree.ParentOf(i);
                // Where a span names no parent, and only refers to it, it is left alone.
                if (parent >= 0 && (!tree[i].ParentId.IsZero || tree[parent].Id == tree[i].Id))
                    Assert.Equal(split[parent].Id, split[i].ParentId);
                if (tree.IsServerHalf(i) && parent >= 0 && tree[parent].Id == tree[i].Id)
                    Assert.Single(split, other => other.Id == split[i].Id);
            }
        }
    }

    [Fact]
    public void A_chain_of_shared_spans_stays_a_chain()
    {
        var nextClient = Of(3, 2, SpanKind.Client, "details");
        var nextServer = Of(3, 2, SpanKind.Server, "ratings", SpanMarks.Shared);
        var split = SharedSpanSplitter.Split([Client, Server, nextClient, nextServer]);
        Assert.Equal(Client.Id, split[1].ParentId);
        Assert.Equal(split[1].Id, split[2].ParentId);
        Assert.Equal(nextClient.Id, split[2].Id);
        Assert.Equal(nextClient.Id, split[3].ParentId);
        Assert.Equal(4, split.Select(span => span.Id).Distinct().Count());
    }

    [Fact]
    public void Halves_of_several_services_get_ids_of_their_own()
    {
        var other = Of(2, 1, SpanKind.Server, "reviews", SpanMarks.Shared);
        var childOfOther = Of(3, 2, SpanKind.Internal, "reviews");
        var split = SharedSpanSplitter.Split([Client, Server, other, childOfOther]);
        Assert.NotEqual(split[1].Id, split[2].Id);
        Assert.Equal([Client.Id, Client.Id, split[2].Id], split.Skip(1).Select(span => span.ParentId));
    }

    [Fact]
    public void The_new_id_is_the_same_each_time_and_whatever_the_order()
    {
        var forward = SharedSpanSplitter.Split([Root, Client, Server])[2].Id;
        var backward = SharedSpanSplitter.Split([Server, Client, Root])[0].Id;
        Assert.Equal(forward, backward);
    }

    [Fact]
    public void A_new_id_is_none_that_the_trace_uses()
    {
        var first = SharedSpanSplitter.Split([Client, Server])[1].Id;
        var taken = new Span { TraceId = Client.TraceId, Id = new SpanId(9), ParentId = first, Resource = Client.Resource };
        Assert.NotEqual(first, SharedSpanSplitter.Split([Client, Server, taken])[1].Id);
    }

    [Fact]
    public void A_server_span_without_its_client_keeps_its_id()
    {
        IReadOnlyList<Span> trace = [Root, Server];
        Assert.Same(trace, SharedSpanSplitter.Split(trace));
    }

    [Fact]
    public void A_trace_without_shared_ids_is_given_back_as_it_is()
    {
        IReadOnlyList<Span> trace = [Root, Client, Of(3, 2, SpanKind.Server, "details")];
        Assert.Same(trace, SharedSpanSplitter.Split(trace));
        IReadOnlyList<Span> clients = [Client];
        Assert.Same(clients, SharedSpanSplitter.Split(clients));
    }

    private static Span Of(ulong id, ulong parent, SpanKind kind, string service, SpanMarks marks = SpanMarks.None) => new()
    {
        TraceId = new TraceId(0, 7),
        Id = new SpanId(id),
        ParentId = new SpanId(parent),
        Kind = kind,
        Resource = new Resource { ServiceName = service },
        Marks = marks,
    };
}
