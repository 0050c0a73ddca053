namespace Serverless.Local.Tables.Storage;

/// <summary>Memory to read a block into, as stored and inflated. Made for one block, or kept for one after the other.</summary>
internal sealed class BlockBuffers
{
    private byte[] _stored = [];
    private byte[] _content = [];

    /// <summary>At least so many bytes for the block as stored.</summary>
    public byte[] Stored(int length) => AtLeast(ref _stored, length);

    /// <summary>At least so many bytes for the block's content.</summary>
    public byte[] Content(int length) => AtLeast(ref _content, length);

    // Exactly as many the first time, as a block for the cache should not take more than it must.
    private static byte[] AtLeast(ref byte[] buffer, int length)
    {
        if (buffer.Length < length)
            buffer = GC.AllocateUninitializedArray<byte>(Math.Max(length, buffer.Length * 2));
        return buffer;
    }
}
