using Serverless.Functions.Querying;
using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;

namespace Serverless.Functions.Finalizing;

/// <summary>What an item makes of a trace.</summary>
/// <param name="Low">The low 64 bits of its id.</param>
/// <param name="Summary">Its new summary.</param>
/// <param name="ETag">The state of the summary that it replaces in the item's table; null where there is none.</param>
/// <param name="Traces">The traces, one for each full id.</param>
/// <param name="Added">What is finalized for the first time.</param>
/// <param name="Known">What was finalized before, where something is added.</param>
/// <param name="Now">What counts in the aggregates from now on; null where nothing changes there.</param>
/// <param name="Before">What counted before; null where nothing did, or nothing changes.</param>
internal sealed record FinalizedTrace(
    ulong Low, SummaryRow Summary, string? ETag, IReadOnlyList<AssembledTrace> Traces, IReadOnlyList<StoredReports> Added,
    IReadOnlyList<StoredReports> Known, AssembledTrace? Now, AssembledTrace? Before)
{
    /// <summary>The write of the summary.</summary>
    public RowWrite ToWrite() => RowWrite.IfUnchanged(Summary.ToRow(Low), ETag);
}
