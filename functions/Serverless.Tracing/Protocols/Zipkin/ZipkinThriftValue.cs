using System.Buffers.Binary;
using Serverless.Tracing.Model;
using static Serverless.Tracing.Protocols.Zipkin.ZipkinThrift;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>Reads the value of a binary annotation, which is bytes that another field says the type of.</summary>
internal static class ZipkinThriftValue
{
    /// <summary>
    /// Reads a value; what has another length than its type, or none that is known, is bytes, and bytes over the limit are left out.
    /// </summary>
    /// <returns>False for a text that is not UTF-8.</returns>
    public static bool TryRead(ZipkinDecodeContext context, ReadOnlySpan<byte> value, int valueType, out AttributeType type, out long bits)
    {
        bits = 0;
        switch (valueType, value.Length)
        {
            case (AnnotationType.String, _):
                type = AttributeType.String;
                var isText = context.TryIntern(value, context.Limits.MaxValueBytes, out var text);
                bits = text;
                return isText;
            case (AnnotationType.Bool, sizeof(byte)):
                type = value[0] != 0 ? AttributeType.True : AttributeType.False;
                return true;
            case (AnnotationType.I16, sizeof(short)):
                type = AttributeType.Int64;
                bits = BinaryPrimitives.ReadInt16BigEndian(value);
                return true;
            case (AnnotationType.I32, sizeof(int)):
                type = AttributeType.Int64;
                bits = BinaryPrimitives.ReadInt32BigEndian(value);
                return true;
            case (AnnotationType.I64, sizeof(long)):
                type = AttributeType.Int64;
                bits = BinaryPrimitives.ReadInt64BigEndian(value);
                return true;
            case (AnnotationType.Double, sizeof(double)):
                type = AttributeType.Double;
                bits = BinaryPrimitives.ReadInt64BigEndian(value);
                return true;
            case (_, var length) when length > context.Limits.MaxValueBytes:
                context.Cut |= SpanMarks.CutValue;
                type = AttributeType.Empty;
                return true;
            default:
                type = AttributeType.Bytes;
                bits = context.Batch.Intern(value);
                return true;
        }
    }
}
