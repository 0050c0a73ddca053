namespace Serverless.Tracing.Search;

/// <summary>Whether a group or operation is in the block, and in the digest, that is being written, and its number there.</summary>
internal struct BlockUse
{
    private int _block;
    private int _digest;

    /// <summary>Its number in the block.</summary>
    public int Index;

    /// <summary>True for the first use in the digest.</summary>
    public bool EnterDigest(int digest)
    {
        if (_digest == digest)
            return false;
        _digest = digest;
        return true;
    }

    /// <summary>True for the first use in the block.</summary>
    public bool EnterBlock(int block)
    {
        if (_block == block)
            return false;
        _block = block;
        return true;
    }
}
