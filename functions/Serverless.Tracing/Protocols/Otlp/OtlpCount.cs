namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>Counts of what was dropped.</summary>
internal static class OtlpCount
{
    /// <summary>What the sender dropped and what was left out here; the highest number rather than an overflow.</summary>
    public static uint Add(uint dropped, uint leftOut) => (uint)Math.Min((ulong)dropped + leftOut, uint.MaxValue);
}
