namespace Serverless.Functions.Probing;

/// <summary>Numbers that follow from a seed, the same in every version of .NET: SplitMix64 (Steele, Lea, Flood 2014).</summary>
internal sealed class ProbeRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number in [least, least + count).</summary>
    public long Next(long least, long count) => least + (long)(Next() % (ulong)count);
}
