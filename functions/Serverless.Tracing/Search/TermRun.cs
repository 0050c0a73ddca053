namespace Serverless.Tracing.Search;

/// <summary>Terms of a digest that lie one after the other in <see cref="DigestStore.Terms"/>.</summary>
internal struct TermRun
{
    public int First;
    public int Count;

    /// <summary>The next run of the digest plus one, or 0.</summary>
    public int Next;
}
