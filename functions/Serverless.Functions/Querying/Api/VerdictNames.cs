using Serverless.Tracing.Assembly;

namespace Serverless.Functions.Querying.Api;

/// <summary>The names of verdicts in our own API, and what they mean.</summary>
internal static class VerdictNames
{
    /// <summary>Every verdict with its name and meaning.</summary>
    public static readonly IReadOnlyList<(VerdictKind Kind, string Name, string Meaning)> All =
    [
        (VerdictKind.Complete, "complete", "Every span has the parent that it names, up to one root, and nothing was cut."),
        (VerdictKind.RootMissing, "root_missing", "Every span names a parent: what the trace begins with did not come."),
        (VerdictKind.ParentMissing, "parent_missing", "Spans name parents that did not come, or the client half of a shared span did not."),
        (VerdictKind.Late, "late", "Spans came after nothing of the trace had come for so long that it was taken for finished, and as long after their own end."),
        (VerdictKind.Truncated, "truncated", "Something was over a limit, here or at the sender, and was cut or left out."),
        (VerdictKind.Sampled, "sampled", "The trace was chosen by a sampler and stands for others, or parts of it were not to be recorded."),
        (VerdictKind.Skewed, "skewed", "The clocks of hosts that call each other differ by so much that it shows."),
        (VerdictKind.IdWidthMismatch, "id_width_mismatch", "Some services report the trace's id in 64 bits, some in 128."),
        (VerdictKind.PropagationBroken, "propagation_broken",
            "A service received this trace's call and began new traces with its own calls, or the other way round: it does not forward the trace headers."),
        (VerdictKind.Contradictory, "contradictory",
            "What the spans say cannot all be so: circles, a span that is its own parent, several roots, ids that are not unique."),
    ];

    /// <summary>The name of a verdict.</summary>
    public static string Of(VerdictKind kind) => All[(int)kind - 1].Name;

    /// <summary>The verdict of a name; null where there is none.</summary>
    public static VerdictKind? Find(string name)
    {
        foreach (var verdict in All)
        {
            if (verdict.Name == name)
                return verdict.Kind;
        }

        return null;
    }
}
