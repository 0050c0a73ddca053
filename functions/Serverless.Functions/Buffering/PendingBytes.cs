namespace Serverless.Functions.Buffering;

/// <summary>Bounds the bytes that wait for something.</summary>
internal sealed class PendingBytes(long limit)
{
    private long _pending;

    /// <summary>How many bytes wait now.</summary>
    public long Count => Volatile.Read(ref _pending);

    /// <summary>Takes room for some bytes; false where there is none. A single large taker is let in when nothing waits.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _pending, bytes) <= limit || Count == bytes)
            return true;
        Release(bytes);
        return false;
    }

    /// <summary>Gives room back.</summary>
    public void Release(long bytes) => Interlocked.Add(ref _pending, -bytes);
}
