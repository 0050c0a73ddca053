using System.Text;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Jaeger;

/// <summary>The tags of a span that stand for its fields.</summary>
internal struct JaegerSpanTags
{
    private JaegerHeldTag _kind;
    private JaegerHeldTag _statusCode;
    private JaegerHeldTag _statusDescription;
    private JaegerHeldTag _traceState;
    private bool _errorIsHeld;
    private bool _errorIsAttribute;
    private bool _isError;

    /// <summary>Takes a tag of the span: notes what it stands for, or makes an attribute of it.</summary>
    public void Add(JaegerDecodeContext context, in JaegerTag tag, ref ItemList list)
    {
        if (tag.Key == context.SpanKindKey)
            _kind.Add(context.Batch, tag, ref list);
        else if (tag.Key == context.ErrorKey)
            AddError(context, tag, ref list);
        else if (tag.Key == context.StatusCodeKey)
            _statusCode.Add(context.Batch, tag, ref list);
        else if (tag.Key == context.StatusDescriptionKey)
            _statusDescription.Add(context.Batch, tag, ref list);
        else if (tag.Key == context.TraceStateKey)
            _traceState.Add(context.Batch, tag, ref list);
        else
            tag.AddTo(context.Batch, ref list);
    }

    /// <summary>Fills in the fields, and makes attributes of the tags that they do not say.</summary>
    public void Complete(JaegerDecodeContext context, ref SpanEntry span)
    {
        var batch = context.Batch;
        span.TraceState = _traceState.Text;
        span.StatusMessage = _statusDescription.Text;
        span.Kind = KindOf(batch.Text(_kind.Text), out var isExact);
        if (!isExact)
            _kind.Release(batch, context.SpanKindKey, ref span.Attributes);
        var code = batch.Text(_statusCode.Text);
        span.Status = _isError || Ascii.EqualsIgnoreCase(code, "ERROR"u8) ? SpanStatus.Error
            : Ascii.EqualsIgnoreCase(code, "OK"u8) ? SpanStatus.Ok
            : SpanStatus.Unset;
        if (span.Status != SpanStatus.Ok || !code.SequenceEqual("OK"u8))
            _statusCode.Release(batch, context.StatusCodeKey, ref span.Attributes);
    }

    // Jaeger UI takes for an error what is true in JavaScript; "false" is what some clients send for no error.
    private void AddError(JaegerDecodeContext context, in JaegerTag tag, ref ItemList list)
    {
        var text = tag.Type == AttributeType.String ? context.Batch.Text(tag.Text) : default;
        _isError |= tag.Type == AttributeType.True || (!text.IsEmpty && !Ascii.EqualsIgnoreCase(text, "false"u8));
        if (tag.Type == AttributeType.True && !_errorIsHeld && !_errorIsAttribute)
        {
            _errorIsHeld = true;
            return;
        }

        if (_errorIsHeld)
            context.Batch.AddBoolean(ref list, tag.Key, true);
        _errorIsHeld = false;
        _errorIsAttribute = true;
        tag.AddTo(context.Batch, ref list);
    }

    private static SpanKind KindOf(ReadOnlySpan<byte> text, out bool isExact)
    {
        isExact = false;
        if (text.IsEmpty)
            return SpanKind.Unspecified;
        return Is(text, "server"u8, ref isExact) ? SpanKind.Server
            : Is(text, "client"u8, ref isExact) ? SpanKind.Client
            : Is(text, "producer"u8, ref isExact) ? SpanKind.Producer
            : Is(text, "consumer"u8, ref isExact) ? SpanKind.Consumer
            : Is(text, "internal"u8, ref isExact) ? SpanKind.Internal
            : SpanKind.Unspecified;
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> kind, ref bool isExact)
    {
        isExact = text.SequenceEqual(kind);
        return isExact || Ascii.EqualsIgnoreCase(text, kind);
    }
}
