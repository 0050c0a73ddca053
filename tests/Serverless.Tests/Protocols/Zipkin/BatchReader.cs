using System.Buffers.Binary;
using System.Net;
using System.Text;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Protocols.Zipkin;

/// <summary>Reads a batch back as spans, so that tests can say what they expect in the model's terms.</summary>
internal sealed class BatchReader(SpanBatch batch)
{
    private readonly Dictionary<int, Resource> _resources = [];

    public static Span[] Read(SpanBatch batch)
    {
        var reader = new BatchReader(batch);
        return [.. Enumerable.Range(0, batch.SpanCount).Select(reader.Span)];
    }

    private Span Span(int index)
    {
        var entry = batch.Span(index);
        return new Span
        {
            TraceId = new TraceId(entry.TraceHigh, entry.TraceLow),
            Id = new SpanId(entry.Id),
            ParentId = new SpanId(entry.ParentId),
            Kind = entry.Kind,
            Name = Text(entry.Name),
            StartNs = entry.StartNs,
            DurationNs = entry.DurationNs,
            Status = entry.Status,
            Resource = ResourceOf(entry.Resource),
            Attributes = Attributes(entry.Attributes),
            Events = Events(entry.Events),
            DroppedAttributes = entry.DroppedAttributes,
            DroppedEvents = entry.DroppedEvents,
            RemoteEndpoint = entry.RemoteEndpoint == 0 ? null : EndpointOf(entry.RemoteEndpoint),
            Marks = entry.Marks,
            Protocol = batch.Protocol,
        };
    }

    private Resource ResourceOf(int index)
    {
        if (_resources.TryGetValue(index, out var known))
            return known;
        var item = batch.Resources[index];
        return _resources[index] = new Resource
        {
            ServiceName = Text(item.ServiceName),
            Attributes = Attributes(item.Attributes),
            LocalEndpoint = item.LocalEndpoint == 0 ? null : EndpointOf(item.LocalEndpoint),
        };
    }

    private Endpoint EndpointOf(int number)
    {
        var item = batch.Endpoints[number - 1];
        var bytes = new byte[16];
        IPAddress? ipv4 = null;
        IPAddress? ipv6 = null;
        if (item.Ipv4 is { } v4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, v4);
            ipv4 = new IPAddress(bytes.AsSpan(0, 4));
        }

        if (item.Ipv6 is { } v6)
        {
            BinaryPrimitives.WriteUInt128BigEndian(bytes, v6);
            ipv6 = new IPAddress(bytes);
        }

        return new Endpoint(Text(item.ServiceName), ipv4, ipv6, item.Port);
    }

    private List<SpanAttribute> Attributes(ItemList list)
    {
        var read = new List<SpanAttribute>();
        for (var at = list.First; at != 0; at = batch.Attributes[at - 1].Next)
        {
            var item = batch.Attributes[at - 1];
            Assert.Equal(AttributeType.String, item.Type);
            read.Add(new SpanAttribute(Text(item.Key), AttributeValue.Of(Text((int)item.Bits))));
        }

        Assert.Equal(list.Count, read.Count);
        return read;
    }

    private List<SpanEvent> Events(ItemList list)
    {
        var read = new List<SpanEvent>();
        for (var at = list.First; at != 0; at = batch.Events[at - 1].Next)
        {
            var item = batch.Events[at - 1];
            read.Add(new SpanEvent(item.TimeNs, Text(item.Name), Attributes(item.Attributes), item.DroppedAttributes));
        }

        Assert.Equal(list.Count, read.Count);
        return read;
    }

    private string Text(int id) => Encoding.UTF8.GetString(batch.Text(id));
}
