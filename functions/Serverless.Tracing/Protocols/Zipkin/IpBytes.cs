using System.Buffers.Binary;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>Reads IP addresses in network byte order: 4 bytes, or 16, where an IPv4 address may be mapped into them.</summary>
internal static class IpBytes
{
    /// <summary>Reads an address into the one of the two that it is; other lengths are no addresses and change nothing.</summary>
    public static void Read(ReadOnlySpan<byte> bytes, ref uint? ipv4, ref UInt128? ipv6)
    {
        if (bytes.Length == 4)
        {
            ipv4 = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        }
        else if (bytes.Length == 16)
        {
            var address = BinaryPrimitives.ReadUInt128BigEndian(bytes);
            if ((address >> 32) == 0xFFFF)
                ipv4 = (uint)address;
            else
                ipv6 = address;
        }
    }
}
