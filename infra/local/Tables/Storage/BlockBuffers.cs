using System.Buffers;

namespace Serverless.Local.Tables.Storage;

/// <summary>Memory to read blocks into, as stored and inflated: kept for one after the other.</summary>
internal sealed class BlockBuffers
{
    private byte[] _stored = [];
    private byte[] _content = [];

    /// <summary>At least so many bytes for the block as stored.</summary>
    public byte[] Stored(int length) => AtLeast(ref _stored, length);

    /// <summary>At least so many bytes for the block's content.</summary>
    public byte[] Content(int length) => AtLeast(ref _content, length);

    /// <summary>Reads one block into memory of its own; what it is read into as stored is borrowed.</summary>
    public static Block ReadOne(int storedLength, Func<BlockBuffers, Block> read)
    {
        var buffers = new BlockBuffers { _stored = ArrayPool<byte>.Shared.Rent(storedLength) };
        try
        {
            var block = read(buffers);
            // What is not compressed lies in what is given back.
            return ReferenceEquals(block.Bytes, buffers._stored) ? new Block(block.Content.ToArray(), block.Length) : block;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffers._stored);
        }
    }

    // Exactly as many the first time, as a block for the cache should not take more than it must.
    private static byte[] AtLeast(ref byte[] buffer, int length)
    {
        if (buffer.Length < length)
            buffer = GC.AllocateUninitializedArray<byte>(Math.Max(length, buffer.Length * 2));
        return buffer;
    }
}
