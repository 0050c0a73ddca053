namespace Serverless.Tracing.Search;

/// <summary>A group of terms or an operation of a digest.</summary>
internal struct DigestItem
{
    public int Id;
    public bool IsOperation;

    /// <summary>The next item of the digest plus one, or 0.</summary>
    public int Next;
}
