using System.Buffers.Binary;

namespace Serverless.Benchmarks.Load;

/// <summary>
/// The ids and random values of one request, all from one seed, so that eight bytes remember a request of 200 spans.
/// The generator is SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014), addressed by position.
/// </summary>
internal readonly record struct RequestIds(ulong Seed)
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;
    private const uint FirstSpan = 1 << 16;
    private const uint FirstUniqueText = 2 << 16;
    private const uint FirstNoise = 3 << 16;

    /// <summary>The high half of a trace's id.</summary>
    public ulong TraceHigh(int trace) => At(2 * (uint)trace);

    /// <summary>The low half of a trace's id.</summary>
    public ulong TraceLow(int trace) => At(2 * (uint)trace + 1);

    /// <summary>A span's id; spans are numbered through the request.</summary>
    public ulong Span(int span) => At(FirstSpan + (uint)span);

    /// <summary>The text that occurs in no other span, as a number of 16 hex digits.</summary>
    public ulong UniqueText(int span) => At(FirstUniqueText + (uint)span);

    /// <summary>Random bits for a span's or a trace's other values.</summary>
    public ulong Noise(int index) => At(FirstNoise + (uint)index);

    /// <summary>A trace's id as 32 hex digits.</summary>
    public string TraceText(int trace)
    {
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(id, TraceHigh(trace));
        BinaryPrimitives.WriteUInt64BigEndian(id[8..], TraceLow(trace));
        return Convert.ToHexStringLower(id);
    }

    private ulong At(uint position)
    {
        var z = Seed + position * GoldenGamma;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
