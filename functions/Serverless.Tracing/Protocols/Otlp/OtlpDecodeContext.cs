using System.Numerics;
using System.Text.Unicode;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>What the readers of one request share: the batch that they fill, the limits, the counts and scratch memory.</summary>
internal sealed class OtlpDecodeContext
{
    private const int LargestKeptBytes = 1 << 20;

    private SpanBatch? _batch;
    private byte[] _buffer = new byte[1024];
    private int _spans;
    private int _truncated;
    private int _rejected;

    /// <summary>The batch that is filled.</summary>
    public SpanBatch Batch => _batch!;

    /// <summary>The request's limits.</summary>
    public DecodeLimits Limits { get; private set; } = DecodeLimits.Default;

    /// <summary>The list or map that is being read.</summary>
    public NestedValueWriter Nested { get; } = new();

    /// <summary>The list or map that is being read is longer than values may be.</summary>
    public bool IsNestedTooLong { get; set; }

    /// <summary>What of the resource, scope or span that is being read was over a limit.</summary>
    public SpanMarks Cut { get; set; }

    /// <summary>Where and why the first span was rejected.</summary>
    public string? RejectedReason { get; set; }

    public void Begin(SpanBatch batch, DecodeLimits limits)
    {
        _batch = batch;
        Limits = limits;
        limits.Apply(batch);
        _spans = 0;
        _truncated = 0;
        _rejected = 0;
        RejectedReason = null;
        if (_buffer.Length > LargestKeptBytes)
            _buffer = new byte[1024];
    }

    public DecodeResult End()
    {
        var result = new DecodeResult(Batch.SpanCount, _rejected, _truncated, RejectedReason);
        _batch = null;
        return result;
    }

    /// <summary>Interns a name or key, cut to its limit; false where it is not UTF-8.</summary>
    public bool TryInternName(ReadOnlySpan<byte> utf8, out int id) => TryIntern(utf8, Limits.MaxNameBytes, SpanMarks.CutName, out id);

    /// <summary>Interns a text, cut to its limit; false where it is not UTF-8.</summary>
    public bool TryInternValue(ReadOnlySpan<byte> utf8, out int id) => TryIntern(utf8, Limits.MaxValueBytes, SpanMarks.CutValue, out id);

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
    /// <returns>True for the first one, whose reason is wanted for <see cref="RejectedReason"/>.</returns>
    public bool Reject()
    {
        Batch.RemoveLastSpan();
        return ++_rejected == 1;
    }

    /// <summary>Marks a span of which something was cut.</summary>
    public void MarkTruncated(ref SpanEntry span, SpanMarks cut)
    {
        _truncated += (span.Marks & SpanMarks.Truncated) != 0 ? 0 : 1;
        span.Marks |= SpanMarks.Truncated | cut;
    }

    /// <summary>Adds an attribute that has been read; a list or map is taken from <see cref="Nested"/>.</summary>
    public void Add(ref ItemList list, int key, in OtlpValue value)
    {
        switch (value.Type)
        {
            case AttributeType.Int64:
                Batch.AddInt64(ref list, key, value.Bits);
                break;
            case AttributeType.Double:
                Batch.AddDouble(ref list, key, BitConverter.Int64BitsToDouble(value.Bits));
                break;
            case AttributeType.Array or AttributeType.Map:
                if (IsNestedTooLong || Nested.Position > Limits.MaxValueBytes)
                {
                    Cut |= SpanMarks.CutValue;
                    Batch.AddEmpty(ref list, key);
                }
                else
                    Batch.AddEncoded(ref list, key, value.Type, Batch.Intern(Nested.Written));
                break;
            default:
                Batch.AddEncoded(ref list, key, value.Type, (int)value.Bits);
                break;
        }
    }

    /// <summary>
    /// Begins a list or map as the value of an attribute; one that comes in pieces is one, as protobuf merges messages, and
    /// anything else before it is forgotten.
    /// </summary>
    public OtlpValue BeginNested(in OtlpValue before, AttributeType type)
    {
        if (before.Type == type)
            return before;
        Nested.Reset();
        IsNestedTooLong = false;
        return new OtlpValue(type, 0);
    }

    /// <summary>A value of bytes, empty where they are longer than values may be.</summary>
    public OtlpValue InternBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= Limits.MaxValueBytes)
            return new OtlpValue(AttributeType.Bytes, Batch.Intern(bytes));
        Cut |= SpanMarks.CutValue;
        return default;
    }

    /// <summary>A buffer of at least so many bytes, the same one until a longer one is needed.</summary>
    public byte[] GetBuffer(int size)
    {
        if (_buffer.Length < size)
            Array.Resize(ref _buffer, (int)Math.Min(BitOperations.RoundUpToPowerOf2((uint)size), (uint)Array.MaxLength));
        return _buffer;
    }

    /// <summary>True where the list or map has become, or would with so many more bytes, longer than values may be.</summary>
    public bool IsNestedFull(int more = 0)
    {
        if (Nested.Position > Limits.MaxValueBytes || more > Limits.MaxValueBytes)
            IsNestedTooLong = true;
        return IsNestedTooLong;
    }

    /// <summary>Puts the key before the map's element that began at a position.</summary>
    public void InsertNestedKey(int start, ReadOnlySpan<byte> key)
    {
        if (key.Length > Limits.MaxNameBytes)
        {
            Cut |= SpanMarks.CutName;
            key = Utf8Text.Cut(key, Limits.MaxNameBytes);
        }

        Nested.InsertKey(start, key);
    }

    private bool TryIntern(ReadOnlySpan<byte> utf8, int maxBytes, SpanMarks cut, out int id)
    {
        if (utf8.Length > maxBytes)
        {
            id = 0;
            if (!Utf8.IsValid(utf8))
                return false;
            Cut |= cut;
            utf8 = Utf8Text.Cut(utf8, maxBytes);
        }

        return Batch.TryInternText(utf8, out id);
    }
}
