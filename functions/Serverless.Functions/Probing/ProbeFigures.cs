namespace Serverless.Functions.Probing;

/// <summary>Figures of probes.</summary>
internal static class ProbeFigures
{
    /// <summary>A quantile of how long probes took to become visible, in seconds, by the nearest rank; null where none did.</summary>
    public static double? VisibleSeconds(IEnumerable<ProbeRow> probes, double quantile)
    {
        var seconds = probes.Where(probe => probe.VisibleAfter is not null).Select(probe => probe.VisibleAfter!.Value.TotalSeconds).Order().ToArray();
        return seconds.Length == 0 ? null : seconds[Math.Clamp((int)Math.Ceiling(quantile * seconds.Length) - 1, 0, seconds.Length - 1)];
    }
}
