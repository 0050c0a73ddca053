using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>An attribute's value while it is read: a number's bits, or the id of a text or bytes.</summary>
internal struct OtlpValue
{
    public AttributeType Type;
    public long Bits;

    public OtlpValue(AttributeType type, long bits)
    {
        Type = type;
        Bits = bits;
    }

    public static OtlpValue Of(bool value) => new(value ? AttributeType.True : AttributeType.False, 0);
}
