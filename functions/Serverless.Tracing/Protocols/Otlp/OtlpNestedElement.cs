using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>
/// An element of a list or map while it is read. The value that comes last counts, as in any protobuf <c>oneof</c>;
/// but a list or map that comes in pieces is one.
/// </summary>
internal struct OtlpNestedElement(OtlpDecodeContext context)
{
    private readonly int _start = context.Nested.Position;
    private AttributeType _type;
    private int _container;

    /// <summary>Makes room for a value that is no list or map: what was written for the element before is forgotten.</summary>
    public void Become(OtlpDecodeContext context, AttributeType type)
    {
        context.Nested.TruncateTo(_start);
        _type = type;
    }

    /// <summary>Begins a list or map, or goes on with one.</summary>
    public void BecomeContainer(OtlpDecodeContext context, AttributeType type)
    {
        if (_type == type)
            return;
        Become(context, type);
        _container = context.Nested.BeginContainer(type);
    }

    /// <summary>Ends the element.</summary>
    public readonly void End(OtlpDecodeContext context)
    {
        if (_type == AttributeType.Empty)
            context.Nested.Empty();
        else if (_type is AttributeType.Array or AttributeType.Map)
            context.Nested.EndContainer(_container);
    }
}
