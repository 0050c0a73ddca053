using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying;

/// <summary>A trace as it was read: all that is needed to assemble and judge it.</summary>
/// <param name="Spans">The merged spans, by start; none where there is no such trace.</param>
/// <param name="Context">What is known of it beyond the spans.</param>
/// <param name="Finalized">The version that was finalized last; null where none was yet.</param>
public sealed record ReadTrace(IReadOnlyList<Span> Spans, JudgeContext Context, FinalizedVersion? Finalized)
{
    /// <summary>No trace.</summary>
    public static ReadTrace None { get; } = new([], JudgeContext.None, null);

    /// <summary>Spans of which nothing else is known.</summary>
    public static ReadTrace Of(IReadOnlyList<Span> spans) => new(spans, JudgeContext.None, null);

    /// <summary>Assembles and judges it.</summary>
    public AssembledTrace Assemble(AssemblyOptions? options = null) => AssembledTrace.Assemble(Spans, options, Context);
}
