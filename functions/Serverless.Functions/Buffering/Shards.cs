namespace Serverless.Functions.Buffering;

/// <summary>
/// Where a trace belongs: one of 256 shards by the low 64 bits of its id. Shards are the partitions of the trace tables,
/// and are dealt out to the partitions of the hub, so that one assembler writes few table partitions.
/// </summary>
public static class Shards
{
    /// <summary>How many there are. Stored data depend on it.</summary>
    public const int Count = 256;

    /// <summary>The shard of a trace. Ids of senders need not be random, so they are mixed (the finalizer of MurmurHash3).</summary>
    public static int Of(ulong traceLow)
    {
        var mixed = traceLow;
        mixed ^= mixed >> 33;
        mixed *= 0xFF51AFD7ED558CCD;
        mixed ^= mixed >> 33;
        mixed *= 0xC4CEB9FE1A85EC53;
        return (int)(mixed >> 56);
    }
}
