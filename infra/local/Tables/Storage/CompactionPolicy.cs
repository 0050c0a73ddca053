namespace Serverless.Local.Tables.Storage;

/// <summary>
/// Size-tiered: merges segments of similar size when there are many, so that a row is rewritten once per tier and the
/// number of segments stays near the fan-in times the number of tiers.
/// </summary>
internal static class CompactionPolicy
{
    // Segments belong to one tier up to this many times the smallest one's size.
    private const int TierRatio = 4;

    // What one merge takes at most: bounds its open blocks.
    private const int MaxInputs = 32;

    /// <summary>The segments to merge next; empty where there is nothing to gain.</summary>
    public static IReadOnlyList<Segment> Pick(IEnumerable<Segment> segments, LsmOptions options)
    {
        var bySize = segments.OrderBy(segment => segment.Bytes).ToList();
        for (var start = 0; start < bySize.Count;)
        {
            var limit = Math.Max(bySize[start].Bytes, options.SmallSegmentBytes) * TierRatio;
            var tier = bySize.Skip(start).TakeWhile(segment => segment.Bytes <= limit).Take(MaxInputs).ToList();
            if (tier.Count >= options.CompactionFanIn)
                return tier;
            start += tier.Count;
        }

        return [];
    }
}
