using Serverless.Tracing.Assembly;

namespace Serverless.Functions.Querying.Api;

/// <summary>A trace as our own API shows it.</summary>
/// <param name="Trace">The trace, assembled and judged from its rows.</param>
/// <param name="Breaks">Where it and other traces belong together, though a service did not forward the headers.</param>
/// <param name="Finalized">The version that was finalized last; null where none was yet.</param>
internal sealed record TraceView(AssembledTrace Trace, IReadOnlyList<PropagationBreak> Breaks, FinalizedVersion? Finalized)
{
    /// <summary>The earliest start as it was sent, in nanoseconds since 1970, which traces are listed by; 0 where no span has one.</summary>
    public ulong ReportedStartNs { get; } = Trace.Tree.Spans.Where(span => span.HasStart).Select(span => span.StartNs).DefaultIfEmpty().Min();
}
