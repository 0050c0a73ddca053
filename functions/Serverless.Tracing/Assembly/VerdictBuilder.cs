namespace Serverless.Tracing.Assembly;

/// <summary>Gathers the evidence of one verdict. The words are made only for evidence that is kept.</summary>
internal sealed class VerdictBuilder(VerdictKind kind)
{
    private List<VerdictEvidence>? _evidence;
    private int _count;

    public void Add<TSource>(TSource source, Func<TSource, VerdictEvidence> describe)
    {
        if (_count++ < TraceVerdict.MaxEvidence)
            (_evidence ??= []).Add(describe(source));
    }

    public void AddTo(List<TraceVerdict> verdicts)
    {
        if (_count > 0)
            verdicts.Add(new TraceVerdict(kind, _evidence ?? [], _count));
    }
}
