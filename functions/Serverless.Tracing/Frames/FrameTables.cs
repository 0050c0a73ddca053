using System.Buffers.Binary;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Frames;

/// <summary>
/// What the spans of a frame refer to: its texts, endpoints, resources, scopes and shapes, each numbered and written once, at its
/// first use in the frame.
/// </summary>
internal sealed class FrameTables
{
    private readonly ShapeTable _shapes = new();
    private readonly LocalIds _localTexts = new();
    private readonly LocalIds _localResources = new();
    private readonly LocalIds _localScopes = new();
    private readonly LocalIds _localEndpoints = new();
    private readonly LocalIds _localShapes = new();
    private readonly ByteSink _textLengths = new();
    private readonly ByteSink _texts = new();
    private readonly ByteSink _variableTexts = new();
    private readonly ByteSink _resources = new();
    private readonly ByteSink _scopes = new();
    private readonly ByteSink _endpoints = new();
    private readonly ByteSink _shapeKeys = new();
    private readonly ByteSink[] _sinks;
    private readonly LocalIds[] _ids;

    private SpanBatch _batch = null!;

    public FrameTables()
    {
        _sinks = [_textLengths, _texts, _variableTexts, _resources, _scopes, _endpoints, _shapeKeys];
        _ids = [_localTexts, _localResources, _localScopes, _localEndpoints, _localShapes];
    }

    /// <summary>Begins the frames of a batch.</summary>
    public void BeginBatch(SpanBatch batch)
    {
        _batch = batch;
        _shapes.Reset();
    }

    /// <summary>Begins a frame.</summary>
    public void BeginFrame()
    {
        foreach (var sink in _sinks)
            sink.Reset();
        _localTexts.Begin(_batch.Texts.Count);
        _localResources.Begin(_batch.Resources.Count);
        _localScopes.Begin(_batch.Scopes.Count);
        _localEndpoints.Begin(_batch.Endpoints.Count);
        _localShapes.Begin(_shapes.Count + 1);
    }

    /// <summary>Writes the tables of the frame, as they stand in it.</summary>
    public void WriteTo(ByteSink to)
    {
        to.Varint(_localTexts.Count);
        to.Bytes(_textLengths.Written);
        to.Bytes(_texts.Written);
        to.Bytes(_variableTexts.Written);
        Section(to, _localEndpoints.Count, _endpoints);
        Section(to, _localResources.Count, _resources);
        Section(to, _localScopes.Count, _scopes);
        Section(to, _localShapes.Count, _shapeKeys);
    }

    /// <summary>Gives memory back that an unusual request made it take.</summary>
    public void Trim(int keepBytes, int keepItems)
    {
        _batch = null!;
        foreach (var sink in _sinks)
            sink.Trim(keepBytes);
        foreach (var ids in _ids)
            ids.Trim(keepItems);
    }

    /// <summary>The number of a text in the frame.</summary>
    public int Text(int text)
    {
        if (text == 0)
            return 0;
        if (_localTexts.Add(text, out var local))
        {
            var bytes = _batch.Texts[text];
            var form = _batch.Texts.FormOf(text);
            _textLengths.Varint(((ulong)bytes.Length << TextForm.Bits) | form);
            if (TextForm.IsPacked(form))
                TextForm.Pack(bytes, _variableTexts);
            else if (form == TextForm.Variable)
                _variableTexts.Bytes(bytes);
            else
                _texts.Bytes(bytes);
        }

        return local + 1;
    }

    /// <summary>The number of the shape of a list of attributes, 0 for none.</summary>
    public int Shape(in ItemList attributes)
    {
        var shape = _shapes.Add(_batch.Attributes, attributes);
        if (shape == 0)
            return 0;
        _localShapes.Cover(_shapes.Count);
        if (_localShapes.Add(shape, out var local))
        {
            _shapeKeys.Varint(attributes.Count);
            for (var i = 0; i < attributes.Count; i++)
            {
                ref readonly var key = ref _shapes.Key(shape, i);
                _shapeKeys.Varint(Text(key.Key));
                _shapeKeys.Byte((byte)key.Type);
            }
        }

        return local + 1;
    }

    /// <summary>The index of a resource in the frame.</summary>
    public int Resource(int resource)
    {
        if (_localResources.Add(resource, out var local))
        {
            ref readonly var item = ref _batch.Resources[resource];
            _resources.Varint(Text(item.ServiceName));
            _resources.Varint(Text(item.SchemaUrl));
            _resources.Varint(item.LocalEndpoint == 0 ? 0 : Endpoint(item.LocalEndpoint));
            _resources.Varint(item.DroppedAttributes);
            WriteAttributes(_resources, item.Attributes);
        }

        return local;
    }

    /// <summary>The number of a scope in the frame.</summary>
    public int Scope(int scope)
    {
        if (_localScopes.Add(scope - 1, out var local))
        {
            ref readonly var item = ref _batch.Scopes[scope - 1];
            _scopes.Varint(Text(item.Name));
            _scopes.Varint(Text(item.Version));
            _scopes.Varint(Text(item.SchemaUrl));
            _scopes.Varint(item.DroppedAttributes);
            WriteAttributes(_scopes, item.Attributes);
        }

        return local + 1;
    }

    /// <summary>The number of an endpoint in the frame.</summary>
    public int Endpoint(int endpoint)
    {
        if (_localEndpoints.Add(endpoint - 1, out var local))
        {
            ref readonly var item = ref _batch.Endpoints[endpoint - 1];
            _endpoints.Varint(Text(item.ServiceName));
            _endpoints.Byte((byte)((item.Ipv4 is null ? 0 : FrameFormat.HasIpv4) | (item.Ipv6 is null ? 0 : FrameFormat.HasIpv6)));
            Span<byte> address = stackalloc byte[16];
            if (item.Ipv4 is { } ipv4)
            {
                BinaryPrimitives.WriteUInt32BigEndian(address, ipv4);
                _endpoints.Bytes(address[..4]);
            }

            if (item.Ipv6 is { } ipv6)
            {
                BinaryPrimitives.WriteUInt128BigEndian(address, ipv6);
                _endpoints.Bytes(address);
            }

            _endpoints.Varint(item.Port);
        }

        return local + 1;
    }

    /// <summary>Writes a list of attributes with their keys.</summary>
    public void WriteAttributes(ByteSink to, in ItemList list)
    {
        to.Varint(list.Count);
        for (var i = list.First; i != 0;)
        {
            ref readonly var attribute = ref _batch.Attributes[i - 1];
            to.Varint(Text(attribute.Key));
            to.Byte((byte)attribute.Type);
            WriteValue(to, to, attribute);
            i = attribute.Next;
        }
    }

    /// <summary>Writes an attribute's value: the number of a text, or a number.</summary>
    public void WriteValue(ByteSink texts, ByteSink numbers, in AttributeItem attribute)
    {
        switch (attribute.Type)
        {
            case AttributeType.Empty or AttributeType.True or AttributeType.False:
                break;
            case AttributeType.Int64:
                numbers.Varint(Varints.ZigZag(attribute.Bits));
                break;
            case AttributeType.Double:
                numbers.Fixed64((ulong)attribute.Bits);
                break;
            default:
                texts.Varint(Text((int)attribute.Bits));
                break;
        }
    }

    private static void Section(ByteSink to, int count, ByteSink items)
    {
        to.Varint(count);
        to.Bytes(items.Written);
    }
}
