using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Frames;

/// <summary>Writes span objects into frames as a decoder would, and describes them as text that shows every field.</summary>
internal static class SpanFrames
{
    /// <summary>The frames of some spans, one for each trace.</summary>
    public static byte[] Of(IEnumerable<Span> spans, SpanProtocol protocol = SpanProtocol.Otlp)
    {
        var batch = new SpanBatch();
        batch.Reset(protocol);
        Fill(batch, spans);
        var buffer = new FrameBuffer();
        new FrameWriter().Write(batch, buffer);
        return buffer.Written.ToArray();
    }

    public static void Fill(SpanBatch batch, IEnumerable<Span> spans)
    {
        var resources = new Dictionary<Resource, int>();
        var scopes = new Dictionary<InstrumentationScope, int>();
        foreach (var span in spans)
        {
            ref var entry = ref batch.AddSpan();
            entry.TraceHigh = span.TraceId.High;
            entry.TraceLow = span.TraceId.Low;
            entry.Id = span.Id.Value;
            entry.ParentId = span.ParentId.Value;
            entry.Kind = span.Kind;
            entry.Name = Text(batch, span.Name);
            entry.StartNs = span.StartNs;
            entry.DurationNs = span.DurationNs;
            entry.Status = span.Status;
            entry.StatusMessage = Text(batch, span.StatusMessage);
            entry.Flags = span.Flags;
            entry.TraceState = Text(batch, span.TraceState);
            if (!resources.TryGetValue(span.Resource, out entry.Resource))
                resources.Add(span.Resource, entry.Resource = AddResource(batch, span.Resource));
            if (span.Scope is not null && !scopes.TryGetValue(span.Scope, out entry.Scope))
            {
                scopes.Add(span.Scope, entry.Scope = batch.AddScope());
                batch.SetScope(
                    entry.Scope, Text(batch, span.Scope.Name), Text(batch, span.Scope.Version), List(batch, span.Scope.Attributes),
                    span.Scope.DroppedAttributes, Text(batch, span.Scope.SchemaUrl));
            }

            entry.Attributes = List(batch, span.Attributes);
            foreach (var item in span.Events)
                batch.AddEvent(ref entry.Events, item.TimeNs, Text(batch, item.Name), List(batch, item.Attributes), item.DroppedAttributes);
            foreach (var link in span.Links)
                batch.AddLink(
                    ref entry.Links, link.TraceId, link.SpanId.Value, Text(batch, link.TraceState), List(batch, link.Attributes),
                    link.DroppedAttributes, link.Flags);
            entry.DroppedAttributes = span.DroppedAttributes;
            entry.DroppedEvents = span.DroppedEvents;
            entry.DroppedLinks = span.DroppedLinks;
            entry.RemoteEndpoint = span.RemoteEndpoint is null ? 0 : AddEndpoint(batch, span.RemoteEndpoint);
            entry.Marks = span.Marks;
        }
    }

    public static List<Span> Decode(ReadOnlyMemory<byte> frames)
    {
        var spans = new List<Span>();
        SpanDecoder.Decode(frames, spans);
        return spans;
    }

    /// <summary>All that a span holds, as text.</summary>
    public static string Describe(Span span) => string.Join('\n',
        $"{span.TraceId.ToHex32()} {span.Id} <- {span.ParentId} {span.Kind} {span.Protocol} [{span.Marks}]",
        $"name {Quote(span.Name)} start {span.StartNs} duration {span.DurationNs}",
        $"status {span.Status} {Quote(span.StatusMessage)} flags {span.Flags} state {Quote(span.TraceState)}",
        $"dropped {span.DroppedAttributes} {span.DroppedEvents} {span.DroppedLinks} remote {Describe(span.RemoteEndpoint)}",
        $"resource {Quote(span.Resource.ServiceName)} {Quote(span.Resource.SchemaUrl)} {span.Resource.DroppedAttributes} "
            + $"{Describe(span.Resource.LocalEndpoint)} {Describe(span.Resource.Attributes)}",
        span.Scope is null ? "no scope" : $"scope {Quote(span.Scope.Name)} {Quote(span.Scope.Version)} {Quote(span.Scope.SchemaUrl)} "
            + $"{span.Scope.DroppedAttributes} {Describe(span.Scope.Attributes)}",
        $"attributes {Describe(span.Attributes)}",
        "events " + string.Join("; ", span.Events.Select(e => $"{e.TimeNs} {Quote(e.Name)} {e.DroppedAttributes} {Describe(e.Attributes)}")),
        "links " + string.Join("; ", span.Links.Select(l =>
            $"{l.TraceId.ToHex32()} {l.SpanId} {Quote(l.TraceState)} {l.Flags} {l.DroppedAttributes} {Describe(l.Attributes)}")));

    public static string Describe(IEnumerable<Span> spans) => string.Join("\n\n", spans.Select(Describe));

    private static string Describe(IReadOnlyList<SpanAttribute> attributes) =>
        "{" + string.Join(", ", attributes.Select(a => $"{Quote(a.Key)}={Describe(a.Value)}")) + "}";

    private static string Describe(AttributeValue value) => value.Type switch
    {
        AttributeType.String => Quote(value.Text),
        AttributeType.Int64 => "i" + value.Int64.ToString(CultureInfo.InvariantCulture),
        AttributeType.Double => "d" + BitConverter.DoubleToInt64Bits(value.Double).ToString("x16", CultureInfo.InvariantCulture),
        AttributeType.Bytes => "x" + Convert.ToHexString(value.Bytes),
        AttributeType.Array => "[" + string.Join(", ", value.Items.Select(Describe)) + "]",
        AttributeType.Map => Describe(value.Entries),
        _ => value.Type.ToString(),
    };

    private static string Describe(Endpoint? endpoint) =>
        endpoint is null ? "none" : $"{Quote(endpoint.ServiceName)}/{endpoint.Ipv4}/{endpoint.Ipv6}:{endpoint.Port}";

    private static string Quote(string text) => '"' + text + '"';

    private static int AddResource(SpanBatch batch, Resource resource)
    {
        if (resource.LocalEndpoint is { } local)
        {
            return batch.AddEndpointResource(
                Text(batch, "service.name"), Text(batch, local.ServiceName), Ipv4(local.Ipv4), Ipv6(local.Ipv6), (ushort)local.Port);
        }

        var number = batch.AddResource();
        batch.SetResource(
            number, Text(batch, resource.ServiceName), List(batch, resource.Attributes), resource.DroppedAttributes,
            Text(batch, resource.SchemaUrl));
        return number;
    }

    private static int AddEndpoint(SpanBatch batch, Endpoint endpoint) =>
        batch.AddEndpoint(Text(batch, endpoint.ServiceName), Ipv4(endpoint.Ipv4), Ipv6(endpoint.Ipv6), (ushort)endpoint.Port);

    private static uint? Ipv4(IPAddress? address) =>
        address is null ? null : BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());

    private static UInt128? Ipv6(IPAddress? address) =>
        address is null ? null : BinaryPrimitives.ReadUInt128BigEndian(address.GetAddressBytes());

    private static int Text(SpanBatch batch, string text)
    {
        Assert.True(batch.TryInternText(Encoding.UTF8.GetBytes(text), out var id));
        return id;
    }

    private static ItemList List(SpanBatch batch, IReadOnlyList<SpanAttribute> attributes)
    {
        var list = default(ItemList);
        foreach (var attribute in attributes)
            Add(batch, ref list, Text(batch, attribute.Key), attribute.Value);
        return list;
    }

    private static void Add(SpanBatch batch, ref ItemList list, int key, AttributeValue value)
    {
        switch (value.Type)
        {
            case AttributeType.String:
                batch.AddString(ref list, key, Text(batch, value.Text));
                break;
            case AttributeType.True or AttributeType.False:
                batch.AddBoolean(ref list, key, value.Type == AttributeType.True);
                break;
            case AttributeType.Int64:
                batch.AddInt64(ref list, key, value.Int64);
                break;
            case AttributeType.Double:
                batch.AddDouble(ref list, key, value.Double);
                break;
            case AttributeType.Bytes:
                batch.AddEncoded(ref list, key, AttributeType.Bytes, batch.Intern(value.Bytes));
                break;
            case AttributeType.Array or AttributeType.Map:
                var nested = new NestedValueWriter();
                Write(nested, value);
                batch.AddEncoded(ref list, key, value.Type, batch.Intern(nested.Written));
                break;
            default:
                batch.AddEmpty(ref list, key);
                break;
        }
    }

    private static void Write(NestedValueWriter to, AttributeValue container)
    {
        if (container.Type == AttributeType.Array)
        {
            foreach (var item in container.Items)
                WriteElement(to, item);
            return;
        }

        foreach (var entry in container.Entries)
        {
            to.Key(Encoding.UTF8.GetBytes(entry.Key));
            WriteElement(to, entry.Value);
        }
    }

    private static void WriteElement(NestedValueWriter to, AttributeValue value)
    {
        switch (value.Type)
        {
            case AttributeType.String:
                to.String(Encoding.UTF8.GetBytes(value.Text));
                break;
            case AttributeType.True or AttributeType.False:
                to.Boolean(value.Type == AttributeType.True);
                break;
            case AttributeType.Int64:
                to.Int64(value.Int64);
                break;
            case AttributeType.Double:
                to.Double(value.Double);
                break;
            case AttributeType.Bytes:
                to.Bytes(value.Bytes);
                break;
            case AttributeType.Array or AttributeType.Map:
                var start = to.BeginContainer(value.Type);
                Write(to, value);
                to.EndContainer(start);
                break;
            default:
                to.Empty();
                break;
        }
    }
}
