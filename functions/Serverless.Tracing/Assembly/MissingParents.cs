using System.Runtime.InteropServices;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>The ids that spans name and that did not come, each with who named it first and who should have sent it.</summary>
internal sealed class MissingParents
{
    private readonly TraceTree _tree;
    private readonly Dictionary<(SpanId Id, bool IsHalf), Naming> _namings = [];
    private Dictionary<string, string>? _callers;

    public MissingParents(TraceTree tree)
    {
        _tree = tree;
        foreach (var finding in tree.Findings)
        {
            if (finding.Oddity is not (TreeOddity.MissingParent or TreeOddity.MissingClientHalf))
                continue;
            ref var naming = ref CollectionsMarshal.GetValueRefOrAddDefault(
                _namings, (finding.Other, finding.Oddity == TreeOddity.MissingClientHalf), out var exists);
            if (!exists)
                naming = new Naming(finding.Index, -1, 0);
            var local = naming.Local < 0 && NamesItself(finding) ? finding.Index : naming.Local;
            naming = new Naming(Math.Min(naming.First, finding.Index), local, naming.Spans + 1);
        }
    }

    /// <summary>The evidence, the earliest first.</summary>
    public void AddTo(VerdictBuilder verdict)
    {
        foreach (var naming in _namings.OrderBy(naming => naming.Value.First))
            verdict.Add(naming, found => Describe(found.Key.Id, found.Key.IsHalf, found.Value));
    }

    // What a process does for itself is caused within it; what answers a call or takes a message is caused elsewhere.
    private static bool NamesItself(TreeFinding finding) =>
        finding.Span.Kind is not (SpanKind.Server or SpanKind.Consumer) && finding.Span.ServiceName.Length > 0;

    private VerdictEvidence Describe(SpanId id, bool isHalf, Naming naming)
    {
        var span = _tree[naming.First];
        var sender = LikelySender(span, naming, isHalf);
        var from = sender.Length > 0 ? $"; {sender} should have sent it" : "";
        var what = isHalf ? $"the client half of span {id}" : $"the parent {id}";
        return VerdictEvidence.Of(span, $"{Who(span)} names {what}, which did not come{from}.") with
        {
            MissingId = id,
            LikelySender = sender,
            Spans = naming.Spans,
        };
    }

    private static string Who(Span span) => span.ServiceName.Length > 0 ? span.ServiceName : "A span without a service";

    private string LikelySender(Span span, Naming naming, bool isHalf)
    {
        if (naming.Local >= 0)
            return _tree[naming.Local].ServiceName;
        if (RemoteService.NameOf(span) is { Length: > 0 } remote)
            return remote;
        if (isHalf && _tree.ParentOf(naming.First) is >= 0 and var parent)
            return _tree[parent].ServiceName;
        return Callers.GetValueOrDefault(span.ServiceName, "");
    }

    /// <summary>Who, by a client span below which nothing was reported, calls a service.</summary>
    private Dictionary<string, string> Callers
    {
        get
        {
            if (_callers is not null)
                return _callers;
            _callers = [];
            for (var i = 0; i < _tree.Count; i++)
            {
                var isOpen = _tree[i].Kind is SpanKind.Client or SpanKind.Producer && _tree.ChildrenOf(i).IsEmpty;
                if (isOpen && RemoteService.NameOf(_tree[i]) is { Length: > 0 } called)
                    _callers.TryAdd(called, _tree[i].ServiceName);
            }

            return _callers;
        }
    }

    /// <summary>The first span that names an id, the first that names it as one of its own process or -1, and how many do.</summary>
    private readonly record struct Naming(int First, int Local, int Spans);
}
