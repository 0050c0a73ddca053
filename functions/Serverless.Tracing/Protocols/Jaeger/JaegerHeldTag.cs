using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Jaeger;

/// <summary>
/// A tag that stands for a field: the first is held back until it is known whether the field says all of it. Where there are several,
/// or one that is no text, all of them are attributes too, because the field prints only where no attribute has its key.
/// </summary>
internal struct JaegerHeldTag
{
    /// <summary>The id of the first text, or 0.</summary>
    public int Text { get; private set; }

    /// <summary>Whether the text is not among the attributes.</summary>
    public bool IsHeld { get; private set; }

    private bool _isAttribute;

    public void Add(SpanBatch batch, in JaegerTag tag, ref ItemList list)
    {
        var text = tag.Type == AttributeType.String ? tag.Text : 0;
        if (text != 0 && !IsHeld && !_isAttribute)
        {
            Text = text;
            IsHeld = true;
            return;
        }

        Release(batch, tag.Key, ref list);
        _isAttribute = true;
        if (Text == 0)
            Text = text;
        tag.AddTo(batch, ref list);
    }

    /// <summary>Makes an attribute of the text, if it is not one.</summary>
    public void Release(SpanBatch batch, int key, ref ItemList list)
    {
        if (!IsHeld)
            return;
        IsHeld = false;
        batch.AddString(ref list, key, Text);
    }
}
