using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Thrift;

namespace Serverless.Tracing.Protocols.Jaeger;

/// <summary>What the readers of one batch share: the span batch that they fill, the limits, the counts, known keys and scratch memory.</summary>
internal sealed class JaegerDecodeContext
{
    private SpanBatch? _batch;
    private int _spans;
    private int _truncated;
    private int _rejected;
    private string? _rejectedReason;

    /// <summary>The span batch that is filled.</summary>
    public SpanBatch Batch => _batch!;

    /// <summary>The request's limits.</summary>
    public DecodeLimits Limits { get; private set; } = DecodeLimits.Default;

    /// <summary>The references of the span that is being read: which is the parent is known only at its end.</summary>
    public List<JaegerReference> References { get; } = [];

    /// <summary>Something of the process or span that is being read was over a limit.</summary>
    public SpanMarks Cut { get; set; }

    public int ServiceNameKey { get; private set; }

    public int ClientIdKey { get; private set; }

    public int SpanKindKey { get; private set; }

    public int ErrorKey { get; private set; }

    public int StatusCodeKey { get; private set; }

    public int StatusDescriptionKey { get; private set; }

    public int TraceStateKey { get; private set; }

    public int EventKey { get; private set; }

    public int ReferenceTypeKey { get; private set; }

    public int ChildOf { get; private set; }

    public int FollowsFrom { get; private set; }

    public void Begin(SpanBatch batch, DecodeLimits limits)
    {
        _batch = batch;
        Limits = limits;
        limits.Apply(batch);
        _spans = 0;
        _truncated = 0;
        _rejected = 0;
        _rejectedReason = null;
        ServiceNameKey = batch.Intern("service.name"u8);
        ClientIdKey = batch.Intern("client-uuid"u8);
        SpanKindKey = batch.Intern("span.kind"u8);
        ErrorKey = batch.Intern("error"u8);
        StatusCodeKey = batch.Intern("otel.status_code"u8);
        StatusDescriptionKey = batch.Intern("otel.status_description"u8);
        TraceStateKey = batch.Intern("w3c.tracestate"u8);
        EventKey = batch.Intern("event"u8);
        ReferenceTypeKey = batch.Intern("opentracing.ref_type"u8);
        ChildOf = batch.Intern("child_of"u8);
        FollowsFrom = batch.Intern("follows_from"u8);
    }

    public DecodeResult End()
    {
        var result = new DecodeResult(Batch.SpanCount, _rejected, _truncated, _rejectedReason);
        _batch = null;
        return result;
    }

    /// <summary>Counts a span; false where there are more than a request may bring.</summary>
    public bool TryCountSpan() => ++_spans <= Limits.MaxSpans;

    /// <summary>True where the list is full: the item is to be skipped and counted as left out.</summary>
    public bool IsFull(in ItemList list, int most, SpanMarks cut, ref uint leftOut)
    {
        if (list.Count < most)
            return false;
        leftOut++;
        Cut |= cut;
        return true;
    }

    /// <summary>Takes back the span added last and counts it as rejected.</summary>
    public void Reject(int index, string field, int offset)
    {
        Batch.RemoveLastSpan();
        if (++_rejected == 1)
            _rejectedReason = $"spans[{index}].{field} at byte {offset}: an id of zero";
    }

    /// <summary>Marks a span of which something was cut.</summary>
    public void MarkTruncated(ref SpanEntry span, SpanMarks cut)
    {
        _truncated += (span.Marks & SpanMarks.Truncated) != 0 ? 0 : 1;
        span.Marks |= SpanMarks.Truncated | cut;
    }

    /// <summary>Reads a name or key.</summary>
    public int ReadName<TReader>(ref TReader reader, ThriftType type)
        where TReader : struct, IThriftReader, allows ref struct
    {
        var utf8 = reader.ReadBytes(type);
        if (utf8.Length > Limits.MaxNameBytes)
            return CutName(ref reader, utf8);
        if (!Batch.TryInternText(utf8, out var id))
            reader.FailUtf8(utf8);
        return id;
    }

    /// <summary>Interns a text that was read before.</summary>
    /// <remarks>
    /// Clients that bound the length of values (jaeger-client-go: 256 bytes) cut them at a byte, also inside a character; the rest of
    /// such a character is cut off here.
    /// </remarks>
    public int InternValue<TReader>(ref TReader reader, ReadOnlySpan<byte> utf8, int offset)
        where TReader : struct, IThriftReader, allows ref struct
    {
        if (utf8.Length <= Limits.MaxValueBytes && Batch.TryInternText(utf8, out var id))
            return id;
        var valid = Utf8.IsValid(utf8) ? utf8.Length : Utf8Text.FirstInvalid(utf8);
        if (valid < utf8.Length && Rune.DecodeFromUtf8(utf8[valid..], out _, out _) != OperationStatus.NeedMoreData)
            reader.Fail(offset + valid, "invalid UTF-8");
        Cut |= SpanMarks.CutValue;
        Batch.TryInternText(Utf8Text.Cut(utf8[..valid], Limits.MaxValueBytes), out id);
        return id;
    }

    /// <summary>A tag of bytes, empty where they are longer than values may be.</summary>
    public JaegerTag InternBinary(int key, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= Limits.MaxValueBytes)
            return new JaegerTag(key, AttributeType.Bytes, Batch.Intern(bytes));
        Cut |= SpanMarks.CutValue;
        return new JaegerTag(key, AttributeType.Empty, 0);
    }

    private int CutName<TReader>(ref TReader reader, ReadOnlySpan<byte> utf8)
        where TReader : struct, IThriftReader, allows ref struct
    {
        if (!Utf8.IsValid(utf8))
            reader.FailUtf8(utf8);
        Cut |= SpanMarks.CutName;
        Batch.TryInternText(Utf8Text.Cut(utf8, Limits.MaxNameBytes), out var id);
        return id;
    }
}
