using Serverless.Tracing.Model;

namespace Serverless.Tracing.Frames;

/// <summary>
/// Reads frames one after the other (<see cref="FrameFormat"/>) without making an object per span. Used by one reader at a
/// time; what it hands out holds until the next call.
/// </summary>
/// <remarks>Damage never leads beyond the bytes given: it is a <see cref="FrameFormatException"/>.</remarks>
public sealed partial class FrameReader
{
    private readonly ItemPool<TextPlace> _texts = new();
    private readonly ItemPool<FrameAttribute> _attributes = new();
    private readonly ItemPool<FrameEndpoint> _endpoints = new();
    private readonly ItemPool<FrameResource> _resources = new();
    private readonly ItemPool<FrameScope> _scopes = new();
    private readonly ItemPool<(int First, int Count)> _shapes = new();
    private readonly ItemPool<(int Key, AttributeType Type)> _shapeKeys = new();
    private readonly ItemPool<FrameEvent> _events = new();
    private readonly ItemPool<FrameLink> _links = new();

    private ReadOnlyMemory<byte> _bytes;
    private ulong? _traceLow;
    private byte[] _unpacked = new byte[1024];
    private int _unpackedLength;
    private ulong _unit;
    private ulong _base;
    private readonly int[] _columnAt = new int[FrameFormat.Columns];
    private readonly int[] _columnEnd = new int[FrameFormat.Columns];
    private int _idsAt;
    private int _frameEnd;
    private int _spansRead;
    private int _tableAttributes;

    /// <summary>The trace that the frame's spans belong to.</summary>
    public TraceId TraceId { get; private set; }

    /// <summary>The protocol that they came by.</summary>
    public SpanProtocol Protocol { get; private set; }

    /// <summary>How many spans the frame has.</summary>
    public int SpanCount { get; private set; }

    /// <summary>How many texts the frame has, the empty one (id 0) included.</summary>
    public int TextCount => _texts.Count;

    /// <summary>How many resources the frame has.</summary>
    public int ResourceCount => _resources.Count;

    /// <summary>How many scopes the frame has.</summary>
    public int ScopeCount => _scopes.Count;

    /// <summary>How many endpoints the frame has.</summary>
    public int EndpointCount => _endpoints.Count;

    /// <summary>Where the frame lies in the bytes given, without the id before it.</summary>
    public Range Extent { get; private set; }

    /// <summary>Sets the bytes to read frames from, each with its trace's id before it.</summary>
    public void Open(ReadOnlyMemory<byte> frames)
    {
        _bytes = frames;
        _frameEnd = 0;
        _traceLow = null;
    }

    /// <summary>Sets the bytes to read frames from that are stored under the low 64 bits of their traces' ids.</summary>
    public void Open(ReadOnlyMemory<byte> frames, ulong traceLow)
    {
        Open(frames);
        _traceLow = traceLow;
    }

    /// <summary>Where the next span of the frame lies.</summary>
    internal FramePosition Position => new(
        _spansRead, _columnAt[FrameFormat.Structure], _columnAt[FrameFormat.Texts], _columnAt[FrameFormat.Numbers], _columnAt[FrameFormat.Extras]);

    /// <summary>Goes to a place that <see cref="Position"/> told of this frame, in the same bytes.</summary>
    internal void Seek(in FramePosition position)
    {
        _spansRead = position.Span;
        _columnAt[FrameFormat.Structure] = position.Structure;
        _columnAt[FrameFormat.Texts] = position.Texts;
        _columnAt[FrameFormat.Numbers] = position.Numbers;
        _columnAt[FrameFormat.Extras] = position.Extras;
    }

    /// <summary>Goes to the next frame; false after the last one.</summary>
    public bool ReadFrame()
    {
        if (_frameEnd == _bytes.Length)
            return false;
        var source = new ByteSource(_bytes.Span[_frameEnd..]);
        var low = _traceLow ?? source.Fixed64();
        var start = _frameEnd + source.Position;
        var length = source.Index(source.Remaining + 1);
        if (length > source.Remaining)
            throw new FrameFormatException(_frameEnd, "a frame that is longer than what is left");
        var bodyAt = _frameEnd + source.Position;
        Extent = start..(bodyAt + length);
        _frameEnd = bodyAt + length;
        ReadHeader(bodyAt, length, low);
        return true;
    }

    /// <summary>Reads the next span of the frame; false after the last one.</summary>
    public bool ReadSpan(out FrameSpan span)
    {
        span = default;
        if (_spansRead == SpanCount)
            return false;
        _attributes.TruncateTo(_tableAttributes);
        _events.TruncateTo(0);
        _links.TruncateTo(0);
        span.Id = IdAt(_spansRead++);
        var head = ReadStructure(ref span);
        ReadTimes(ref span);
        ReadValues(ref span);
        if ((head & FrameFormat.HeadHasExtras) != 0)
            ReadExtras(ref span);
        if ((span.Marks & SpanMarks.NoStart) != 0)
            span.StartNs = 0;
        return true;
    }

    /// <summary>The bytes of a text of the frame.</summary>
    public ReadOnlySpan<byte> Text(int id)
    {
        ref readonly var text = ref _texts[id];
        return TextForm.IsPacked(text.Form) ? _unpacked.AsSpan(text.Offset, text.Length) : _bytes.Span.Slice(text.Offset, text.Length);
    }

    /// <summary>Whether a text looks as if other traces had it too.</summary>
    internal bool IsRepeated(int id) => _texts[id].Form == TextForm.Plain;

    /// <summary>One of the attributes in a range.</summary>
    public FrameAttribute Attribute(AttributeRange range, int index) => _attributes[range.First + index];

    /// <summary>A resource of the frame.</summary>
    public FrameResource Resource(int index) => _resources[index];

    /// <summary>A scope of the frame, numbered from 1.</summary>
    public FrameScope Scope(int number) => _scopes[number - 1];

    /// <summary>An endpoint of the frame, numbered from 1.</summary>
    public FrameEndpoint Endpoint(int number) => _endpoints[number - 1];

    /// <summary>How many events the span read last has.</summary>
    public int EventCount => _events.Count;

    /// <summary>An event of the span read last.</summary>
    public FrameEvent Event(int index) => _events[index];

    /// <summary>How many links the span read last has.</summary>
    public int LinkCount => _links.Count;

    /// <summary>A link of the span read last.</summary>
    public FrameLink Link(int index) => _links[index];

    private ulong IdAt(int index) => new ByteSource(_bytes.Span.Slice(_idsAt + (index * 8), 8)).Fixed64();

    private void ReadHeader(int bodyAt, int length, ulong traceLow)
    {
        var source = new ByteSource(_bytes.Span.Slice(bodyAt, length));
        var version = source.Byte();
        if (version != FrameFormat.Version)
            throw new FrameFormatException(bodyAt, $"version {version} where {FrameFormat.Version} was expected");
        var flags = source.Byte();
        Protocol = (SpanProtocol)source.Byte();
        TraceId = new TraceId((flags & FrameFormat.WideTraceId) != 0 ? source.Fixed64() : 0, traceLow);
        _unit = (flags & FrameFormat.Microseconds) != 0 ? FrameFormat.NanosecondsPerMicrosecond : 1;
        _base = source.Varint();
        ReadTexts(ref source, bodyAt);
        _attributes.TruncateTo(0);
        ReadEndpoints(ref source);
        ReadResources(ref source);
        ReadScopes(ref source);
        ReadShapes(ref source);
        _tableAttributes = _attributes.Count;
        SpanCount = source.Count();
        for (var column = 0; column < FrameFormat.Columns; column++)
        {
            var columnLength = source.Count();
            _columnAt[column] = bodyAt + source.Position;
            source.Bytes(columnLength);
            _columnEnd[column] = bodyAt + source.Position;
        }

        _idsAt = bodyAt + source.Position;
        if ((long)SpanCount * 8 > source.Remaining)
            throw new FrameFormatException(_idsAt, $"{SpanCount} spans, more than fit");
        if (!PackedTimes.IsComplete(_bytes.Span[_columnAt[FrameFormat.Times].._columnEnd[FrameFormat.Times]], SpanCount))
            throw new FrameFormatException(_columnAt[FrameFormat.Times], $"times of {SpanCount} spans that are cut off");
        _spansRead = 0;
    }

    private ByteSource Column(int column) => new(_bytes.Span[_columnAt[column].._columnEnd[column]]);

    private int ReadStructure(ref FrameSpan span)
    {
        var source = Column(FrameFormat.Structure);
        var head = source.Byte();
        span.Kind = (SpanKind)(head & FrameFormat.HeadKindMask);
        span.Status = (SpanStatus)((head & FrameFormat.HeadStatusMask) >> FrameFormat.HeadStatusShift);
        if ((head & FrameFormat.HeadIsRoot) == 0)
        {
            var parent = source.Index(SpanCount + 1);
            span.ParentId = parent == 0 ? source.Fixed64() : IdAt(parent - 1);
        }

        span.Resource = source.Index(_resources.Count);
        span.Scope = source.Index(_scopes.Count + 1);
        span.Name = source.Index(_texts.Count);
        span.Shape = source.Index(_shapes.Count);
        _columnAt[FrameFormat.Structure] += source.Position;
        return head;
    }

    private void ReadTimes(ref FrameSpan span)
    {
        var times = _bytes.Span[_columnAt[FrameFormat.Times].._columnEnd[FrameFormat.Times]];
        var (start, duration) = PackedTimes.Read(times, _spansRead - 1);
        span.StartNs = unchecked((_base + start) * _unit);
        span.DurationNs = unchecked(duration * (long)_unit);
    }

    private void ReadValues(ref FrameSpan span)
    {
        var (firstKey, keys) = _shapes[span.Shape];
        span.Attributes = new AttributeRange(_attributes.Count, keys);
        if (keys == 0)
            return;
        var texts = Column(FrameFormat.Texts);
        var numbers = Column(FrameFormat.Numbers);
        for (var i = 0; i < keys; i++)
        {
            var (key, type) = _shapeKeys[firstKey + i];
            if (type == AttributeType.True && numbers.Byte() == 0)
                type = AttributeType.False;
            _attributes.Add() = new FrameAttribute(key, type, ReadValue(ref texts, ref numbers, type));
        }

        _columnAt[FrameFormat.Texts] += texts.Position;
        _columnAt[FrameFormat.Numbers] += numbers.Position;
    }

    private void ReadExtras(ref FrameSpan span)
    {
        var source = Column(FrameFormat.Extras);
        var extras = (SpanExtras)source.UInt32();
        if ((extras & SpanExtras.Marks) != 0)
            span.Marks = (SpanMarks)source.UInt32();
        if ((extras & SpanExtras.Flags) != 0)
            span.Flags = source.UInt32();
        if ((extras & SpanExtras.TraceState) != 0)
            span.TraceState = source.Index(_texts.Count);
        if ((extras & SpanExtras.StatusMessage) != 0)
            span.StatusMessage = source.Index(_texts.Count);
        if ((extras & SpanExtras.RemoteEndpoint) != 0)
            span.RemoteEndpoint = source.Index(_endpoints.Count + 1);
        if ((extras & SpanExtras.DroppedAttributes) != 0)
            span.DroppedAttributes = source.UInt32();
        if ((extras & SpanExtras.DroppedEvents) != 0)
            span.DroppedEvents = source.UInt32();
        if ((extras & SpanExtras.DroppedLinks) != 0)
            span.DroppedLinks = source.UInt32();
        var start = (span.Marks & SpanMarks.NoStart) != 0 ? 0 : span.StartNs / _unit;
        for (var left = (extras & SpanExtras.Events) != 0 ? source.Count() : 0; left > 0; left--)
        {
            var time = unchecked((start + (ulong)Varints.UnZigZag(source.Varint())) * _unit);
            _events.Add() = new FrameEvent(time, source.Index(_texts.Count), source.UInt32(), ReadAttributes(ref source));
        }

        for (var left = (extras & SpanExtras.Links) != 0 ? source.Count() : 0; left > 0; left--)
        {
            var high = source.Fixed64();
            var id = new TraceId(high, source.Fixed64());
            _links.Add() = new FrameLink(
                id, source.Fixed64(), source.Index(_texts.Count), source.UInt32(), source.UInt32(), ReadAttributes(ref source));
        }

        _columnAt[FrameFormat.Extras] += source.Position;
    }

    private AttributeRange ReadAttributes(ref ByteSource source)
    {
        var count = source.Count();
        var range = new AttributeRange(_attributes.Count, count);
        for (; count > 0; count--)
        {
            var key = source.Index(_texts.Count);
            var type = ReadType(ref source);
            _attributes.Add() = new FrameAttribute(key, type, ReadValue(ref source, ref source, type));
        }

        return range;
    }

    private long ReadValue(ref ByteSource texts, ref ByteSource numbers, AttributeType type) => type switch
    {
        AttributeType.Empty or AttributeType.True or AttributeType.False => 0,
        AttributeType.Int64 => Varints.UnZigZag(numbers.Varint()),
        AttributeType.Double => (long)numbers.Fixed64(),
        _ => texts.Index(_texts.Count),
    };

    private static AttributeType ReadType(ref ByteSource source) => (AttributeType)source.Index((int)AttributeType.Map + 1);
}
