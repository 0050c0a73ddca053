using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>A trace as everything that reads it sees it: merged, put in order, its clocks set to each other, judged.</summary>
public sealed class AssembledTrace
{
    // What not all readers of a trace ask for is found when it is asked for. Where two ask at once both find the same.
    private CallTree? _calls;
    private CriticalPath? _criticalPath;
    private IReadOnlyList<ServiceLink>? _links;
    private PropagationFragment? _propagation;
    private TraceSummary? _summary;

    private AssembledTrace(ClockSkewAdjustment times, JudgeContext context)
    {
        Times = times;
        Verdicts = TraceJudge.Judge(times, context);
    }

    /// <summary>The spans in their places.</summary>
    public TraceTree Tree => Times.Tree;

    /// <summary>The spans' times after their hosts' clocks were set to each other.</summary>
    public ClockSkewAdjustment Times { get; }

    /// <summary>What decided how long the trace took.</summary>
    public CriticalPath CriticalPath => _criticalPath ??= CriticalPath.Find(Times);

    /// <summary>Which service called which.</summary>
    public IReadOnlyList<ServiceLink> Links => _links ??= FindLinks();

    /// <summary>What <see cref="PropagationBreakDetector"/> has to know of the trace.</summary>
    public PropagationFragment Propagation => _propagation ??= PropagationFragment.Of(Times, Calls);

    /// <summary>What is said of the trace.</summary>
    public IReadOnlyList<TraceVerdict> Verdicts { get; }

    /// <summary>The trace in short.</summary>
    public TraceSummary Summary => _summary ??= TraceSummary.Of(Times, Verdicts);

    private CallTree Calls => _calls ??= new CallTree(Tree);

    /// <summary>Assembles and judges a trace.</summary>
    /// <param name="reports">All that was reported of one trace: in any order, repeated, in parts.</param>
    /// <param name="options">How.</param>
    /// <param name="context">What is known beyond the reports.</param>
    public static AssembledTrace Assemble(IReadOnlyList<Span> reports, AssemblyOptions? options = null, JudgeContext? context = null) =>
        Assemble(TraceTree.Build(SpanMerger.Merge(reports)), options ?? AssemblyOptions.Default, context ?? JudgeContext.None);

    /// <summary>Judges a trace whose tree is known.</summary>
    internal static AssembledTrace Assemble(TraceTree tree, AssemblyOptions options, JudgeContext context) =>
        new(ClockSkewAdjuster.Adjust(tree, options.AdjustsClockSkew, options.MaximumClockSkew), context);

    private IReadOnlyList<ServiceLink> FindLinks()
    {
        var links = new ServiceLinks();
        links.Add(Calls);
        return links.ToList();
    }
}
