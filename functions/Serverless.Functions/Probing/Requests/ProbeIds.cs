using System.Buffers.Binary;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Probing.Requests;

/// <summary>Ids as bytes, the highest first.</summary>
internal static class ProbeIds
{
    public static byte[] Bytes(TraceId id)
    {
        var bytes = new byte[2 * sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, id.High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(sizeof(ulong)), id.Low);
        return bytes;
    }

    public static byte[] Bytes(SpanId id)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, id.Value);
        return bytes;
    }
}
