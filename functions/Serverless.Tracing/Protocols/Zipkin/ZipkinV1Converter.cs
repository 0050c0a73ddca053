using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using static Serverless.Tracing.Protocols.Zipkin.ZipkinV1Core;
using static Serverless.Tracing.Protocols.Zipkin.ZipkinV1Span;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>
/// Makes of a v1 span the spans of v2 that it stands for, one for each service that had a part in it, by the rules of Zipkin's
/// V1SpanConverter.
/// </summary>
/// <remarks>
/// Zipkin keeps of binary annotations those of type STRING, as tags, and the addresses sa, ca and ma. All others become
/// attributes of their types here: integers, doubles, booleans and bytes as they are. Further things that Zipkin loses are kept: a core
/// annotation that comes again (retries of ws) as an annotation, a duration without a timestamp, and a text that is
/// the value of an address.
/// </remarks>
internal sealed class ZipkinV1Converter(ZipkinDecodeContext context)
{
    private readonly ZipkinV1Order _order = new();
    private readonly ZipkinV1Parts _parts = new(context);
    private readonly Annotation[] _core = new Annotation[ZipkinV1Names.CoreCount];

    private ZipkinV1Span _source = null!;
    private uint _has;

    private SpanBatch Batch => context.Batch;

    /// <summary>Adds the spans to the batch.</summary>
    /// <returns>False where there are more than the request may bring.</returns>
    public bool TryConvert(ZipkinV1Span source, int mostSpans)
    {
        _source = source;
        _order.Batch = Batch;
        _has = 0;
        _parts.Begin(mostSpans);
        PlaceAnnotations();
        AddMissingStart(ClientReceive, ClientSend);
        AddMissingStart(ServerSend, ServerReceive);
        ConvertCall();
        ConvertMessage();
        PlaceBinaryAnnotations();
        if (_parts.AreTooMany)
            return false;
        foreach (ref var part in _parts.Items)
            AddSpan(ref part);
        return true;
    }

    /// <summary>Ends a body: gives memory back that an unusual one made it take.</summary>
    public void End()
    {
        _source = null!;
        _order.Batch = null!;
        _parts.End();
    }

    private void PlaceAnnotations()
    {
        _order.Sort(_source.Annotations.Items);
        foreach (ref readonly var annotation in _source.Annotations.Items)
        {
            ref var part = ref _parts.Of(annotation.Endpoint);
            // Zipkin's rule: without a host it is an annotation like any other.
            if (annotation.Core == None || annotation.Endpoint == 0)
            {
                _parts.AddEvent(ref part, annotation);
                continue;
            }

            var kind = KindOf(annotation.Core);
            if (kind != SpanKind.Unspecified)
                part.Kind = kind;
            if (Has(annotation.Core) && Core(annotation.Core).Timestamp != annotation.Timestamp)
                _parts.AddEvent(ref _parts.Of(Core(annotation.Core).Endpoint), Core(annotation.Core));
            SetCore(annotation);
        }
    }

    /// <summary>Where events are bridged to spans the beginning may be missing, but it is the span's if the end is.</summary>
    private void AddMissingStart(ZipkinV1Core end, ZipkinV1Core start)
    {
        if (!Has(start) && Has(end) && _source.Timestamp != 0 && _source.Duration != 0
            && _source.Timestamp + _source.Duration == Core(end).Timestamp)
            SetCore(Core(end) with { Timestamp = _source.Timestamp, Core = start });
    }

    private void ConvertCall()
    {
        if (Has(ClientSend) && Has(ServerReceive))
            ConvertBothSides();
        else if (Has(ClientSend) && Has(ClientReceive))
            SetTimes(ClientSend, ClientReceive);
        else if (Has(ServerReceive) && Has(ServerSend))
            SetTimes(ServerReceive, ServerSend);
        else
            ConvertIncompleteCall();

        // v1 had no flag for it: a server that shares its client's span left the times to the client.
        if (!Has(ClientSend) && Has(ServerReceive) && (_source.Timestamp == 0 || (Has(ServerSend) && _source.Duration == 0)))
            _parts.Of(Core(ServerReceive).Endpoint).IsShared = true;
    }

    private void ConvertBothSides()
    {
        // The client owns the span's times.
        SetTimes(ClientSend, ClientReceive);
        if (!Has(ClientReceive) && _source.Duration == 0)
            _parts.Of(Core(ClientSend).Endpoint).Duration = 0;
        ref var server = ref SecondPart(ClientSend, SpanKind.Client, ServerReceive, SpanKind.Server);
        server.IsShared = true;
        server.Timestamp = Core(ServerReceive).Timestamp;
        if (Has(ServerSend))
            server.Duration = Between(ServerReceive, ServerSend);
    }

    private void ConvertIncompleteCall()
    {
        foreach (ref var part in _parts.Items)
        {
            var (start, end) = part.Kind switch
            {
                SpanKind.Client => (ClientSend, ClientReceive),
                SpanKind.Server => (ServerReceive, ServerSend),
                _ => (None, None),
            };
            if (Has(start))
                part.Timestamp = Core(start).Timestamp;
            if (Has(end))
                _parts.AddEvent(ref part, Core(end));
        }

        if (_source.Timestamp != 0)
            _parts.First.Timestamp = _source.Timestamp;
        _parts.First.Duration = _source.Duration;
    }

    private void ConvertMessage()
    {
        if (Has(MessageSend) && Has(MessageReceive))
        {
            // They should not be in one span.
            ref var consumer = ref SecondPart(MessageSend, SpanKind.Producer, MessageReceive, SpanKind.Consumer);
            consumer.IsShared = true;
            consumer.Timestamp = Core(Has(WireReceive) ? WireReceive : MessageReceive).Timestamp;
            if (Has(WireReceive))
                consumer.Duration = Between(WireReceive, MessageReceive);
            ref var producer = ref _parts.Of(Core(MessageSend).Endpoint);
            producer.Timestamp = Core(MessageSend).Timestamp;
            producer.Duration = Has(WireSend) ? Between(MessageSend, WireSend) : 0;
            return;
        }

        if (Has(MessageSend))
            SetTimes(MessageSend, WireSend);
        else if (Has(MessageReceive) && Has(WireReceive))
            SetTimes(WireReceive, MessageReceive);
        else if (Has(MessageReceive))
            SetTimes(MessageReceive, None);
        if (!Has(MessageSend))
            AddAsEvent(WireSend);
        if (!Has(MessageReceive))
            AddAsEvent(WireReceive);
    }

    private void PlaceBinaryAnnotations()
    {
        int client = 0, server = 0, broker = 0;
        var annotations = _source.BinaryAnnotations.Items;
        ClaimFirstPart(annotations);
        for (var i = 0; i < annotations.Length; i++)
        {
            ref var annotation = ref annotations[i];
            if (IsAddress(annotation))
            {
                ref var address = ref server;
                if (annotation.Meaning == ZipkinV1Key.ClientAddress)
                    address = ref client;
                else if (annotation.Meaning == ZipkinV1Key.MessageAddress)
                    address = ref broker;
                address = annotation.Endpoint;
                if (annotation.Type == AttributeType.String && !IsYes(Batch.Text((int)annotation.Bits)))
                    ZipkinV1Parts.AddTag(ref _parts.First, annotations, i);
                continue;
            }

            // The host of an address is not the one that has set it.
            ref var part = ref _parts.Of(IsAddressKey(annotation) ? 0 : annotation.Endpoint);
            // An empty lc only says where a local span ran.
            if (annotation is not { Meaning: ZipkinV1Key.LocalComponent, Type: AttributeType.String, Bits: 0 })
                ZipkinV1Parts.AddTag(ref part, annotations, i);
        }

        PlaceAddresses(client, server, broker);
    }

    private void PlaceAddresses(int client, int server, int broker)
    {
        var isCall = Has(ClientSend) || Has(ClientReceive) || Has(ServerSend) || Has(ServerReceive);
        if (!isCall && (client != 0 || server != 0))
        {
            ref var part = ref _parts.Of(server != 0 ? client : 0);
            part.Remote = server != 0 ? server : client;
            if (server == 0)
                part.Kind = SpanKind.Server;
            return;
        }

        var serverSide = Has(ServerReceive) ? ServerReceive : ServerSend;
        if (client != 0 && Has(serverSide) && client != Core(serverSide).Endpoint)
        {
            // Finagle gives the client's port with the server's own name, which would be a call to itself.
            var isOwnName = _parts.ServiceOf(client) == _parts.ServiceOf(Core(serverSide).Endpoint);
            _parts.Of(Core(serverSide).Endpoint).Remote = isOwnName ? _parts.WithoutService(client) : client;
        }

        var clientSide = Has(ClientSend) ? ClientSend : ClientReceive;
        if (server != 0 && Has(clientSide))
            _parts.Of(Core(clientSide).Endpoint).Remote = server;
        if (broker != 0 && Has(MessageSend))
            _parts.Of(Core(MessageSend).Endpoint).Remote = broker;
        if (broker != 0 && Has(MessageReceive))
            _parts.Of(Core(MessageReceive).Endpoint).Remote = broker;
    }

    /// <summary>Zipkin goes through the tags in order of their keys, and the first that has a host gives it to a span without one.</summary>
    private void ClaimFirstPart(ReadOnlySpan<BinaryAnnotation> annotations)
    {
        if (_parts.First.Local != 0)
            return;
        var first = -1;
        for (var i = 0; i < annotations.Length; i++)
        {
            ref readonly var annotation = ref annotations[i];
            if (annotation.Endpoint != 0 && !IsAddressKey(annotation)
                && (first < 0 || Batch.Text(annotation.Key).SequenceCompareTo(Batch.Text(annotations[first].Key)) < 0))
                first = i;
        }

        if (first >= 0)
            _parts.Of(annotations[first].Endpoint);
    }

    private void AddSpan(ref ZipkinV1Part part)
    {
        var cut = context.Cut;
        context.Cut |= part.Cut;
        ref var span = ref context.BeginSpan();
        span.TraceHigh = _source.TraceHigh;
        span.TraceLow = _source.TraceLow;
        span.Id = _source.Id;
        span.ParentId = _source.ParentId;
        span.Name = _source.Name;
        span.Kind = part.Kind;
        span.Events = part.Events;
        span.DroppedEvents = part.DroppedEvents;
        context.SetStart(ref span, part.Timestamp);
        context.SetDuration(ref span, part.Duration);
        ZipkinDecodeContext.Mark(ref span, SpanMarks.Debug, _source.IsDebug);
        ZipkinDecodeContext.Mark(ref span, SpanMarks.Shared, part.IsShared);
        for (var i = part.FirstTag; i != 0;)
        {
            ref readonly var tag = ref _source.BinaryAnnotations[i - 1];
            context.Tags.Add(ref span, tag.Key, tag.Type, tag.Bits);
            i = tag.Next;
        }

        context.Complete(ref span, _parts.EndpointOf(part.Local), _parts.EndpointOf(part.Remote));
        context.Cut = cut;
    }

    /// <summary>The part of the call's other side; a service that calls itself gets a second part for it.</summary>
    private ref ZipkinV1Part SecondPart(ZipkinV1Core first, SpanKind firstKind, ZipkinV1Core second, SpanKind secondKind)
    {
        var endpoint = Core(second).Endpoint;
        if (_parts.ServiceOf(Core(first).Endpoint) != _parts.ServiceOf(endpoint))
            return ref _parts.Of(endpoint);
        _parts.Of(Core(first).Endpoint).Kind = firstKind;
        ref var part = ref _parts.Add(endpoint);
        part.Kind = secondKind;
        return ref part;
    }

    private void SetTimes(ZipkinV1Core start, ZipkinV1Core end)
    {
        ref var part = ref _parts.Of(Core(start).Endpoint);
        var isKnown = _source.Timestamp != 0 && _source.Duration != 0;
        part.Timestamp = isKnown ? _source.Timestamp : Core(start).Timestamp;
        if (isKnown)
            part.Duration = _source.Duration;
        else if (Has(end))
            part.Duration = Between(start, end);
    }

    // A time of 0 is none.
    private long Between(ZipkinV1Core start, ZipkinV1Core end) =>
        Core(start).Timestamp > 0 ? Math.Max(Core(end).Timestamp - Core(start).Timestamp, 0) : 0;

    private void AddAsEvent(ZipkinV1Core core)
    {
        if (Has(core))
            _parts.AddEvent(ref _parts.Of(Core(core).Endpoint), Core(core));
    }

    // Strictly it is the boolean true, but there are senders that write "1".
    private static bool IsAddress(in BinaryAnnotation annotation) =>
        IsAddressKey(annotation) && annotation.Endpoint != 0 && annotation.Type is AttributeType.True or AttributeType.String;

    private static bool IsAddressKey(in BinaryAnnotation annotation) =>
        annotation.Meaning is ZipkinV1Key.ClientAddress or ZipkinV1Key.ServerAddress or ZipkinV1Key.MessageAddress;

    private static bool IsYes(ReadOnlySpan<byte> text) =>
        text.IsEmpty || text.SequenceEqual("1"u8) || text.SequenceEqual("true"u8);

    private bool Has(ZipkinV1Core core) => (_has & (1u << (int)core)) != 0;

    private ref readonly Annotation Core(ZipkinV1Core core) => ref _core[(int)core];

    private void SetCore(in Annotation annotation)
    {
        _has |= 1u << (int)annotation.Core;
        _core[(int)annotation.Core] = annotation;
    }

    private static SpanKind KindOf(ZipkinV1Core core) => core switch
    {
        ClientSend or ClientReceive => SpanKind.Client,
        ServerSend or ServerReceive => SpanKind.Server,
        MessageSend => SpanKind.Producer,
        MessageReceive => SpanKind.Consumer,
        _ => SpanKind.Unspecified,
    };
}
