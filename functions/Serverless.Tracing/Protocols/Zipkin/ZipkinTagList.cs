using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>
/// Adds the tags of one span after the other to a batch, as Zipkin's map of tags takes them: a key that comes again takes the later
/// value, and the key <c>error</c> makes the span a failed one.
/// </summary>
internal sealed class ZipkinTagList
{
    private const int LargestKept = 1 << 16;

    private ZipkinDecodeContext _context = null!;
    private int _errorKey;
    private int _first;

    // By the key's text id, the attribute that last had the key; it counts only if that lies within the current span.
    private int[] _tagOfKey = new int[1024];

    /// <summary>Begins a body.</summary>
    public void Begin(ZipkinDecodeContext context)
    {
        _context = context;
        _errorKey = context.Batch.Intern("error"u8);
    }

    /// <summary>Begins a span; no other one's attributes may be added until its tags are complete.</summary>
    public void BeginSpan() => _first = _context.Batch.Attributes.Count;

    /// <summary>Adds a tag with a text value; key and value are text ids.</summary>
    public void Add(ref SpanEntry span, int key, int value) => Add(ref span, key, AttributeType.String, value);

    /// <summary>Adds a tag, or counts it as dropped where the span has as many as it may have.</summary>
    public void Add(ref SpanEntry span, int key, AttributeType type, long bits)
    {
        if (key == _errorKey && type != AttributeType.False)
            span.Status = SpanStatus.Error;
        var attributes = _context.Batch.Attributes;
        if (key >= _tagOfKey.Length)
            Array.Resize(ref _tagOfKey, Math.Max(_tagOfKey.Length * 2, key + 1));
        var known = _tagOfKey[key];
        if (known >= _first && known < attributes.Count && attributes[known].Key == key)
        {
            attributes[known].Type = type;
            attributes[known].Bits = bits;
            return;
        }

        if (span.Attributes.Count == _context.Limits.MaxAttributes)
        {
            span.DroppedAttributes++;
            _context.Cut |= SpanMarks.CutAttributes;
            return;
        }

        _tagOfKey[key] = attributes.Count;
        _context.Batch.Add(ref span.Attributes, key, type, bits);
    }

    /// <summary>Ends a body: lets go of the batch and of an unusually large table.</summary>
    public void End()
    {
        _context = null!;
        if (_tagOfKey.Length > LargestKept)
            _tagOfKey = new int[1024];
    }
}
