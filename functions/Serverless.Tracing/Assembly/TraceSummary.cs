using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>What a list of traces shows of one: the whole trace, merged and adjusted for skew.</summary>
public sealed record TraceSummary
{
    /// <summary>The trace's id, the widest that its spans have.</summary>
    public required TraceId TraceId { get; init; }

    /// <summary>The service of <see cref="TraceTree.Root"/>; empty where there is none.</summary>
    public string RootService { get; init; } = "";

    /// <summary>The name of <see cref="TraceTree.Root"/>; empty where there is none.</summary>
    public string RootOperation { get; init; } = "";

    /// <summary>The earliest start, in nanoseconds since 1970; 0 where no span has one.</summary>
    public ulong StartNs { get; init; }

    /// <summary>The latest end, in nanoseconds since 1970; 0 where no span has a start.</summary>
    public ulong EndNs { get; init; }

    /// <summary>From the earliest start to the latest end, in nanoseconds.</summary>
    public long DurationNs => (long)Math.Min(EndNs - StartNs, long.MaxValue);

    /// <summary>How many spans there are.</summary>
    public int SpanCount { get; init; }

    /// <summary>How many of them failed.</summary>
    public int ErrorCount { get; init; }

    /// <summary>How many name a parent that is not in the trace.</summary>
    public int OrphanCount { get; init; }

    /// <summary>The services by name.</summary>
    public IReadOnlyList<ServiceCount> Services { get; init; } = [];

    /// <summary>What is said of the trace.</summary>
    public IReadOnlyList<VerdictKind> Verdicts { get; init; } = [];

    /// <summary>Sums a trace up.</summary>
    public static TraceSummary Of(ClockSkewAdjustment times, IReadOnlyList<TraceVerdict> verdicts)
    {
        ArgumentNullException.ThrowIfNull(times);
        ArgumentNullException.ThrowIfNull(verdicts);
        var tree = times.Tree;
        var id = default(TraceId);
        var (start, end) = (ulong.MaxValue, 0UL);
        var errors = 0;
        var services = new SmallTable<string, (int Spans, int Errors)>();
        for (var i = 0; i < tree.Count; i++)
        {
            var span = tree[i];
            id = i == 0 || id.High == 0 ? span.TraceId : id;
            var error = span.Status == SpanStatus.Error ? 1 : 0;
            errors += error;
            ref var count = ref services.Of(span.ServiceName, out _);
            count = (count.Spans + 1, count.Errors + error);
            if (span.HasStart)
                (start, end) = (Math.Min(start, times.StartOf(i)), Math.Max(end, times.EndOf(i)));
        }

        var root = tree.Root >= 0 ? tree[tree.Root] : null;
        return new TraceSummary
        {
            TraceId = id,
            RootService = root?.ServiceName ?? "",
            RootOperation = root?.Name ?? "",
            StartNs = start == ulong.MaxValue ? 0 : start,
            EndNs = end,
            SpanCount = tree.Count,
            ErrorCount = errors,
            OrphanCount = tree.Findings.Count == 0 ? 0 : tree.Findings.Count(IsOrphan),
            Services = InOrder(services),
            Verdicts = KindsOf(verdicts),
        };
    }

    private static ServiceCount[] InOrder(SmallTable<string, (int Spans, int Errors)> services)
    {
        var counts = new ServiceCount[services.Count];
        for (var i = 0; i < counts.Length; i++)
        {
            var (name, (spans, errors)) = services.Items[i];
            counts[i] = new ServiceCount(name, spans, errors);
        }

        Array.Sort(counts, static (x, y) => string.CompareOrdinal(x.Name, y.Name));
        return counts;
    }

    private static VerdictKind[] KindsOf(IReadOnlyList<TraceVerdict> verdicts)
    {
        var kinds = new VerdictKind[verdicts.Count];
        for (var i = 0; i < kinds.Length; i++)
            kinds[i] = verdicts[i].Kind;
        return kinds;
    }

    private static bool IsOrphan(TreeFinding finding) =>
        finding.Oddity is TreeOddity.MissingParent or TreeOddity.ParentInAnotherTrace && !finding.Span.ParentId.IsZero;
}
