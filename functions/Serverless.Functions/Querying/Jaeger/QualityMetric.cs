using Serverless.Tracing.Assembly;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>Something that a trace passes or fails, by its verdicts.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Category">The score that it belongs to.</param>
/// <param name="Description">What it means to fail, and what to do.</param>
/// <param name="Link">Where more is said.</param>
/// <param name="Weight">Its part of the score.</param>
/// <param name="Fails">The verdict that fails it; <see cref="VerdictKind.Complete"/> is failed by its absence.</param>
internal sealed record QualityMetric(string Name, string Category, string Description, string Link, double Weight, VerdictKind Fails)
{
    /// <summary>That a trace is whole.</summary>
    public const string Completeness = "completeness";

    /// <summary>That services hand the trace's context on.</summary>
    public const string Propagation = "propagation";

    /// <summary>That what the spans say can be so.</summary>
    public const string Consistency = "consistency";

    private const string SpecLink = "https://opentelemetry.io/docs/concepts/signals/traces/";
    private const string PropagationLink = "https://www.w3.org/TR/trace-context/";

    /// <summary>The scores with the labels that people read.</summary>
    public static readonly IReadOnlyList<(string Key, string Label)> Scores =
        [(Completeness, "Completeness"), (Propagation, "Propagation"), (Consistency, "Consistency")];

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<QualityMetric> All =
    [
        new("CompleteTrace", Completeness, "Every span has the parent that it names, up to one root, and nothing was cut.", SpecLink, 0.4, VerdictKind.Complete),
        new("HasRoot", Completeness, "The span that the trace begins with came.", SpecLink, 0.2, VerdictKind.RootMissing),
        new(
            "ParentsPresent", Completeness, "Every parent that a span names came. A parent that is missing was dropped by its sender, or its service is not instrumented.",
            SpecLink, 0.2, VerdictKind.ParentMissing),
        new("NotTruncated", Completeness, "Nothing of the trace was over a limit.", SpecLink, 0.1, VerdictKind.Truncated),
        new("OnTime", Completeness, "No span came later than the time after which a trace is taken for finished.", SpecLink, 0.1, VerdictKind.Late),
        new(
            "HeadersForwarded", Propagation, "No service received a call of the trace and began new traces with its own calls.", PropagationLink, 0.7,
            VerdictKind.PropagationBroken),
        new("OneIdWidth", Propagation, "All services report the trace's id in the same width.", PropagationLink, 0.3, VerdictKind.IdWidthMismatch),
        new("ClocksAgree", Consistency, "The clocks of the hosts show no skew.", SpecLink, 0.4, VerdictKind.Skewed),
        new("NoContradictions", Consistency, "No circles, no span that is its own parent, one root, unique ids.", SpecLink, 0.6, VerdictKind.Contradictory),
    ];

    /// <summary>True for a trace that fails it.</summary>
    public bool IsFailedBy(AssembledTrace trace) =>
        trace.Verdicts.Any(verdict => verdict.Kind == Fails) != (Fails == VerdictKind.Complete);
}
