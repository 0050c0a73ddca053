namespace Serverless.Tracing.Search;

/// <summary>
/// The spans of one service, one trace and one hour in a batch, while they are collected. What it holds beyond numbers is a list of items
/// (<see cref="DigestItem"/>) and runs of terms (<see cref="TermRun"/>), in the order of their first use; some may be repeated.
/// </summary>
internal struct Digest
{
    public ulong TraceLow;
    public ulong Hour;
    public ulong OldestStartNs;
    public ulong NewestStartNs;
    public long ShortestNs;
    public long LongestNs;
    public int Service;
    public int FirstItem;
    public int LastItem;
    public int FirstRun;
    public int LastRun;

    /// <summary>How many terms there are, repeated ones included.</summary>
    public int Terms;

    public int Groups;
    public int Operations;
    public int NextInBucket;
    public int NextOfService;
    public DigestFlags Flags;
}
