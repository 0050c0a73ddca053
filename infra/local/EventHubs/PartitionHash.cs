using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Serverless.Local;

/// <summary>
/// The partition of a partition key, as the service chooses it: Bob Jenkins' lookup3 (<c>hashlittle2</c>, public domain,
/// burtleburtle.net/bob/c/lookup3.c) over the key's UTF-8 bytes with both seeds 0, its halves folded to 16 signed bits.
/// </summary>
internal static class PartitionHash
{
    private const int BlockBytes = 12;

    internal static int Index(string? key, int partitionCount) => Math.Abs(Compute(key) % partitionCount);

    internal static short Compute(string? key)
    {
        if (string.IsNullOrEmpty(key))
            return 0;
        var data = Encoding.UTF8.GetBytes(key).AsSpan();
        var a = 0xDEADBEEF + (uint)data.Length;
        var b = a;
        var c = a;
        while (data.Length > BlockBytes)
        {
            a += BinaryPrimitives.ReadUInt32LittleEndian(data);
            b += BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
            c += BinaryPrimitives.ReadUInt32LittleEndian(data[8..]);
            a = (a - c) ^ BitOperations.RotateLeft(c, 4);
            c += b;
            b = (b - a) ^ BitOperations.RotateLeft(a, 6);
            a += c;
            c = (c - b) ^ BitOperations.RotateLeft(b, 8);
            b += a;
            a = (a - c) ^ BitOperations.RotateLeft(c, 16);
            c += b;
            b = (b - a) ^ BitOperations.RotateLeft(a, 19);
            a += c;
            c = (c - b) ^ BitOperations.RotateLeft(b, 4);
            b += a;
            data = data[BlockBytes..];
        }

        // The last block, 1 to 12 bytes, counts as if it were filled up with zeros.
        Span<byte> last = stackalloc byte[BlockBytes];
        last.Clear();
        data.CopyTo(last);
        a += BinaryPrimitives.ReadUInt32LittleEndian(last);
        b += BinaryPrimitives.ReadUInt32LittleEndian(last[4..]);
        c += BinaryPrimitives.ReadUInt32LittleEndian(last[8..]);
        c = (c ^ b) - BitOperations.RotateLeft(b, 14);
        a = (a ^ c) - BitOperations.RotateLeft(c, 11);
        b = (b ^ a) - BitOperations.RotateLeft(a, 25);
        c = (c ^ b) - BitOperations.RotateLeft(b, 16);
        a = (a ^ c) - BitOperations.RotateLeft(c, 4);
        b = (b ^ a) - BitOperations.RotateLeft(a, 14);
        c = (c ^ b) - BitOperations.RotateLeft(b, 24);
        return unchecked((short)(c ^ b));
    }
}
