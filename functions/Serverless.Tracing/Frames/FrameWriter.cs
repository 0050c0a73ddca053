using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Frames;

/// <summary>
/// Groups the spans of a batch by trace and writes a frame for each (<see cref="FrameFormat"/>). Keeps its memory; used by
/// one request at a time.
/// </summary>
public sealed class FrameWriter
{
    private const int LinearSearchSpans = 16;
    private const int IdBytes = 8;
    private const int LargestKeptBytes = 1 << 20;
    private const int LargestKeptItems = 1 << 16;

    /// <summary>A trace that would take more than this, uncompressed, becomes several frames, so that each fits an event.</summary>
    internal const int MaxFrameBytes = 256 * 1024;

    private readonly Dictionary<TraceId, int> _traceIds = new(SeededComparers.Instance);
    private readonly Dictionary<ulong, int> _spanIds = new(SeededComparers.Instance);
    private readonly ItemPool<TraceGroup> _traces = new();
    private readonly ShapeTable _shapes = new();
    private readonly LocalIds _localTexts = new();
    private readonly LocalIds _localResources = new();
    private readonly LocalIds _localScopes = new();
    private readonly LocalIds _localEndpoints = new();
    private readonly LocalIds _localShapes = new();
    private readonly ByteSink _head = new();
    private readonly ByteSink _texts = new();
    private readonly ByteSink _textLengths = new();
    private readonly ByteSink _resources = new();
    private readonly ByteSink _scopes = new();
    private readonly ByteSink _endpoints = new();
    private readonly ByteSink _shapeKeys = new();
    private readonly ByteSink _variableTexts = new();
    private readonly ByteSink _ids = new();
    private readonly ByteSink _structure = new();
    private readonly ByteSink _times = new();
    private readonly List<(ulong Start, long Duration)> _spanTimes = [];
    private readonly ByteSink _textValues = new();
    private readonly ByteSink _numbers = new();
    private readonly ByteSink _extras = new();
    private readonly ByteSink[] _columns;
    private readonly ByteSink[] _all;
    private readonly LocalIds[] _local;

    private SpanBatch _batch = null!;
    private ulong _unit;
    private ulong _base;

    /// <summary>A writer that has written nothing yet.</summary>
    public FrameWriter()
    {
        _columns = [_structure, _times, _textValues, _numbers, _extras];
        _all = [_head, _texts, _variableTexts, _textLengths, _resources, _scopes, _endpoints, _shapeKeys, _ids, .. _columns];
        _local = [_localTexts, _localResources, _localScopes, _localEndpoints, _localShapes];
    }

    /// <summary>Appends a frame for each trace of the batch.</summary>
    /// <exception cref="FramesTooLargeException">They would take more room than the frames of one request may.</exception>
    public void Write(SpanBatch batch, FrameBuffer output)
    {
        _batch = batch;
        _shapes.Reset();
        try
        {
            GroupByTrace();
            for (var i = 0; i < _traces.Count; i++)
                WriteFrame(_traces[i], output);
        }
        finally
        {
            _batch = null!;
            Trim();
        }
    }

    /// <summary>Gives memory back that an unusual request made it take.</summary>
    private void Trim()
    {
        foreach (var sink in _all)
            sink.Trim(LargestKeptBytes);
        foreach (var ids in _local)
            ids.Trim(LargestKeptItems);
        _traceIds.Clear();
        if (_traceIds.Capacity > LargestKeptItems)
            _traceIds.TrimExcess();
        _spanIds.Clear();
        if (_spanIds.Capacity > LargestKeptItems)
            _spanIds.TrimExcess();
        _spanTimes.Clear();
        if (_spanTimes.Capacity > LargestKeptItems)
            _spanTimes.TrimExcess();
        _traces.Reset(LargestKeptItems);
    }

    private void GroupByTrace()
    {
        var last = -1;
        for (var i = 0; i < _batch.Spans.Count; i++)
        {
            ref var span = ref _batch.Spans[i];
            span.NextInTrace = 0;
            if (last < 0 || _traces[last].Low != span.TraceLow || _traces[last].High != span.TraceHigh)
            {
                var id = new TraceId(span.TraceHigh, span.TraceLow);
                if (!_traceIds.TryGetValue(id, out last))
                {
                    _traceIds.Add(id, last = _traces.Count);
                    _traces.Add() = new TraceGroup { High = span.TraceHigh, Low = span.TraceLow, First = i, Last = i };
                }
            }

            ref var trace = ref _traces[last];
            if (trace.Count++ > 0)
                _batch.Spans[trace.Last].NextInTrace = i + 1;
            trace.Last = i;
        }
    }

    private void WriteFrame(in TraceGroup trace, FrameBuffer output)
    {
        Begin(trace);
        WriteResources(trace);
        for (var (i, left) = (trace.First, trace.Count); left > 0; left--, i = _batch.Spans[i].NextInTrace - 1)
            WriteSpan(ref _batch.Spans[i], trace);

        PackedTimes.Write(CollectionsMarshal.AsSpan(_spanTimes), _times);
        _head.Byte(FrameFormat.Version);
        _head.Byte((byte)((trace.High != 0 ? FrameFormat.WideTraceId : 0) | (_unit == 1 ? 0 : FrameFormat.Microseconds)));
        _head.Byte((byte)_batch.Protocol);
        if (trace.High != 0)
            _head.Fixed64(trace.High);
        _head.Varint(_base / _unit);
        _head.Varint(_localTexts.Count);
        _head.Bytes(_textLengths.Written);
        _head.Bytes(_texts.Written);
        _head.Bytes(_variableTexts.Written);
        Section(_localEndpoints.Count, _endpoints);
        Section(_localResources.Count, _resources);
        Section(_localScopes.Count, _scopes);
        Section(_localShapes.Count, _shapeKeys);
        _head.Varint(trace.Count);
        foreach (var column in _columns)
        {
            _head.Varint(column.Length);
            _head.Bytes(column.Written);
        }

        var body = _head.Length + _ids.Length;
        if (body > MaxFrameBytes && trace.Count > 1)
        {
            WriteParts(trace, (body / MaxFrameBytes) + 1, output);
            return;
        }

        Span<byte> prefix = stackalloc byte[Varints.MaxBytes];
        var prefixLength = Varints.Write(prefix, (ulong)body);
        var frame = output.AddFrame(trace.Low, IdBytes + prefixLength + body, trace.Count);
        BinaryPrimitives.WriteUInt64LittleEndian(frame, trace.Low);
        frame = frame[IdBytes..];
        prefix[..prefixLength].CopyTo(frame);
        _head.Written.CopyTo(frame[prefixLength..]);
        _ids.Written.CopyTo(frame[(prefixLength + _head.Length)..]);
    }

    /// <summary>Writes a trace as several frames of about as many spans each, which may have to be cut further.</summary>
    private void WriteParts(in TraceGroup trace, int parts, FrameBuffer output)
    {
        var most = (trace.Count + parts - 1) / parts;
        for (var (first, left) = (trace.First, trace.Count); left > 0;)
        {
            var part = trace;
            part.First = first;
            part.Count = Math.Min(most, left);
            for (var i = 0; i < part.Count; i++)
                first = _batch.Spans[first].NextInTrace - 1;
            WriteFrame(part, output);
            left -= part.Count;
        }
    }

    private void Section(int count, ByteSink items)
    {
        _head.Varint(count);
        _head.Bytes(items.Written);
    }

    private void Begin(in TraceGroup trace)
    {
        foreach (var sink in _all)
            sink.Reset();
        _spanTimes.Clear();
        _localTexts.Begin(_batch.Texts.Count);
        _localResources.Begin(_batch.Resources.Count);
        _localScopes.Begin(_batch.Scopes.Count);
        _localEndpoints.Begin(_batch.Endpoints.Count);
        _localShapes.Begin(_shapes.Count + 1);

        _base = ulong.MaxValue;
        var whole = true;
        _spanIds.Clear();
        for (var (i, index) = (trace.First, 0); index < trace.Count; index++)
        {
            ref readonly var span = ref _batch.Spans[i];
            if ((span.Marks & SpanMarks.NoStart) == 0)
                _base = Math.Min(_base, span.StartNs);
            whole = whole && HasWholeMicroseconds(span);
            _ids.Fixed64(span.Id);
            if (trace.Count > LinearSearchSpans)
                _spanIds.TryAdd(span.Id, index);
            i = span.NextInTrace - 1;
        }

        _base = _base == ulong.MaxValue ? 0 : _base;
        _unit = whole ? FrameFormat.NanosecondsPerMicrosecond : 1;
    }

    /// <summary>The start as readers see it, whatever a decoder left in the field of a span without one.</summary>
    private static ulong StartOf(in SpanEntry span) => (span.Marks & SpanMarks.NoStart) != 0 ? 0 : span.StartNs;

    /// <summary>Resources and scopes first: their texts are the ones that repeat most.</summary>
    private void WriteResources(in TraceGroup trace)
    {
        for (var (i, left) = (trace.First, trace.Count); left > 0; left--)
        {
            ref readonly var span = ref _batch.Spans[i];
            Resource(span.Resource);
            if (span.Scope != 0)
                Scope(span.Scope);
            i = span.NextInTrace - 1;
        }
    }

    private bool HasWholeMicroseconds(in SpanEntry span)
    {
        const ulong Unit = FrameFormat.NanosecondsPerMicrosecond;
        if (StartOf(span) % Unit != 0 || span.DurationNs % (long)Unit != 0)
            return false;
        for (var i = span.Events.First; i != 0;)
        {
            ref readonly var item = ref _batch.Events[i - 1];
            if (item.TimeNs % Unit != 0)
                return false;
            i = item.Next;
        }

        return true;
    }

    private void WriteSpan(ref SpanEntry span, in TraceGroup trace)
    {
        var extras = Extras(span);
        var head = (int)span.Kind | ((int)span.Status << FrameFormat.HeadStatusShift);
        if (span.ParentId == 0)
            head |= FrameFormat.HeadIsRoot;
        if (extras != SpanExtras.None)
            head |= FrameFormat.HeadHasExtras;
        _structure.Byte((byte)head);
        if (span.ParentId != 0)
            WriteParent(span.ParentId, trace);
        _structure.Varint(Resource(span.Resource));
        _structure.Varint(span.Scope == 0 ? 0 : Scope(span.Scope));
        _structure.Varint(Text(span.Name));
        _structure.Varint(Shape(span.Attributes));
        _spanTimes.Add((
            (span.Marks & SpanMarks.NoStart) != 0 ? 0 : (span.StartNs - _base) / _unit, span.DurationNs / (long)_unit));
        for (var i = span.Attributes.First; i != 0;)
        {
            ref readonly var attribute = ref _batch.Attributes[i - 1];
            if (attribute.Type is AttributeType.True or AttributeType.False)
                _numbers.Byte(attribute.Type == AttributeType.True ? (byte)1 : (byte)0);
            else
                WriteValue(_textValues, _numbers, attribute);
            i = attribute.Next;
        }

        if (extras != SpanExtras.None)
            WriteExtras(span, extras);
    }

    private static SpanExtras Extras(in SpanEntry span) =>
        (span.Marks != 0 ? SpanExtras.Marks : 0)
        | (span.Flags != 0 ? SpanExtras.Flags : 0)
        | (span.TraceState != 0 ? SpanExtras.TraceState : 0)
        | (span.StatusMessage != 0 ? SpanExtras.StatusMessage : 0)
        | (span.RemoteEndpoint != 0 ? SpanExtras.RemoteEndpoint : 0)
        | (span.DroppedAttributes != 0 ? SpanExtras.DroppedAttributes : 0)
        | (span.DroppedEvents != 0 ? SpanExtras.DroppedEvents : 0)
        | (span.DroppedLinks != 0 ? SpanExtras.DroppedLinks : 0)
        | (span.Events.Count != 0 ? SpanExtras.Events : 0)
        | (span.Links.Count != 0 ? SpanExtras.Links : 0);

    private void WriteExtras(in SpanEntry span, SpanExtras extras)
    {
        _extras.Varint((int)extras);
        if ((extras & SpanExtras.Marks) != 0)
            _extras.Varint((int)span.Marks);
        if ((extras & SpanExtras.Flags) != 0)
            _extras.Varint(span.Flags);
        if ((extras & SpanExtras.TraceState) != 0)
            _extras.Varint(Text(span.TraceState));
        if ((extras & SpanExtras.StatusMessage) != 0)
            _extras.Varint(Text(span.StatusMessage));
        if ((extras & SpanExtras.RemoteEndpoint) != 0)
            _extras.Varint(Endpoint(span.RemoteEndpoint));
        if ((extras & SpanExtras.DroppedAttributes) != 0)
            _extras.Varint(span.DroppedAttributes);
        if ((extras & SpanExtras.DroppedEvents) != 0)
            _extras.Varint(span.DroppedEvents);
        if ((extras & SpanExtras.DroppedLinks) != 0)
            _extras.Varint(span.DroppedLinks);
        if ((extras & SpanExtras.Events) != 0)
            WriteEvents(span);
        if ((extras & SpanExtras.Links) != 0)
            WriteLinks(span);
    }

    private void WriteEvents(in SpanEntry span)
    {
        var start = StartOf(span) / _unit;
        _extras.Varint(span.Events.Count);
        for (var i = span.Events.First; i != 0;)
        {
            ref readonly var item = ref _batch.Events[i - 1];
            // As signed numbers in the frame's unit, so that any two 64-bit times have a difference that wraps back.
            _extras.Varint(Varints.ZigZag((long)((item.TimeNs / _unit) - start)));
            _extras.Varint(Text(item.Name));
            _extras.Varint(item.DroppedAttributes);
            WriteAttributes(_extras, item.Attributes);
            i = item.Next;
        }
    }

    private void WriteLinks(in SpanEntry span)
    {
        _extras.Varint(span.Links.Count);
        for (var i = span.Links.First; i != 0;)
        {
            ref readonly var item = ref _batch.Links[i - 1];
            _extras.Fixed64(item.TraceHigh);
            _extras.Fixed64(item.TraceLow);
            _extras.Fixed64(item.SpanId);
            _extras.Varint(Text(item.TraceState));
            _extras.Varint(item.Flags);
            _extras.Varint(item.DroppedAttributes);
            WriteAttributes(_extras, item.Attributes);
            i = item.Next;
        }
    }

    private void WriteParent(ulong parent, in TraceGroup trace)
    {
        var index = IndexOf(parent, trace);
        _structure.Varint(index + 1);
        if (index < 0)
            _structure.Fixed64(parent);
    }

    private int IndexOf(ulong id, in TraceGroup trace)
    {
        if (trace.Count > LinearSearchSpans)
            return _spanIds.TryGetValue(id, out var index) ? index : -1;
        for (var i = 0; i < trace.Count; i++)
        {
            if (BinaryPrimitives.ReadUInt64LittleEndian(_ids.Written[(i * 8)..]) == id)
                return i;
        }

        return -1;
    }

    private int Text(int text)
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

    private int Shape(in ItemList attributes)
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

    private int Resource(int resource)
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

    private int Scope(int scope)
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

    private int Endpoint(int endpoint)
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

    private void WriteAttributes(ByteSink to, in ItemList list)
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

    private void WriteValue(ByteSink texts, ByteSink numbers, in AttributeItem attribute)
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

    private struct TraceGroup
    {
        public ulong High;
        public ulong Low;
        public int First;
        public int Last;
        public int Count;
    }
}
