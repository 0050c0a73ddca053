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

    private readonly TraceGroups _traces = new();
    private readonly FrameTables _tables = new();
    private readonly Dictionary<ulong, int> _spanIds = new(SeededComparers.Instance);
    private readonly ByteSink _head = new();
    private readonly ByteSink _ids = new();
    private readonly ByteSink _structure = new();
    private readonly ByteSink _times = new();
    private readonly List<(ulong Start, long Duration)> _spanTimes = [];
    private readonly ByteSink _textValues = new();
    private readonly ByteSink _numbers = new();
    private readonly ByteSink _extras = new();
    private readonly ByteSink[] _columns;
    private readonly ByteSink[] _all;

    private SpanBatch _batch = null!;
    private ulong _unit;
    private ulong _base;

    /// <summary>A writer that has written nothing yet.</summary>
    public FrameWriter()
    {
        _columns = [_structure, _times, _textValues, _numbers, _extras];
        _all = [_head, _ids, .. _columns];
    }

    /// <summary>Appends a frame for each trace of the batch.</summary>
    /// <exception cref="FramesTooLargeException">They would take more room than the frames of one request may.</exception>
    public void Write(SpanBatch batch, FrameBuffer output)
    {
        _batch = batch;
        _tables.BeginBatch(batch);
        try
        {
            _traces.Group(batch);
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
        _tables.Trim(LargestKeptBytes, LargestKeptItems);
        _spanIds.Clear();
        if (_spanIds.Capacity > LargestKeptItems)
            _spanIds.TrimExcess();
        _spanTimes.Clear();
        if (_spanTimes.Capacity > LargestKeptItems)
            _spanTimes.TrimExcess();
        _traces.Reset(LargestKeptItems);
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
        _tables.WriteTo(_head);
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
        var frame = output.AddFrame(trace.Low, IdBytes + prefixLength + body, trace.Count, trace.First);
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

    private void Begin(in TraceGroup trace)
    {
        foreach (var sink in _all)
            sink.Reset();
        _spanTimes.Clear();
        _tables.BeginFrame();

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
            _tables.Resource(span.Resource);
            if (span.Scope != 0)
                _tables.Scope(span.Scope);
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
        _structure.Varint(_tables.Resource(span.Resource));
        _structure.Varint(span.Scope == 0 ? 0 : _tables.Scope(span.Scope));
        _structure.Varint(_tables.Text(span.Name));
        _structure.Varint(_tables.Shape(span.Attributes));
        _spanTimes.Add((
            (span.Marks & SpanMarks.NoStart) != 0 ? 0 : (span.StartNs - _base) / _unit, span.DurationNs / (long)_unit));
        for (var i = span.Attributes.First; i != 0;)
        {
            ref readonly var attribute = ref _batch.Attributes[i - 1];
            if (attribute.Type is AttributeType.True or AttributeType.False)
                _numbers.Byte(attribute.Type == AttributeType.True ? (byte)1 : (byte)0);
            else
                _tables.WriteValue(_textValues, _numbers, attribute);
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
            _extras.Varint(_tables.Text(span.TraceState));
        if ((extras & SpanExtras.StatusMessage) != 0)
            _extras.Varint(_tables.Text(span.StatusMessage));
        if ((extras & SpanExtras.RemoteEndpoint) != 0)
            _extras.Varint(_tables.Endpoint(span.RemoteEndpoint));
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
            _extras.Varint(_tables.Text(item.Name));
            _extras.Varint(item.DroppedAttributes);
            _tables.WriteAttributes(_extras, item.Attributes);
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
            _extras.Varint(_tables.Text(item.TraceState));
            _extras.Varint(item.Flags);
            _extras.Varint(item.DroppedAttributes);
            _tables.WriteAttributes(_extras, item.Attributes);
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
}
