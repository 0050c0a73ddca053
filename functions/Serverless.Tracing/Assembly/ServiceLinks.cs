using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>Derives from traces which service calls which.</summary>
/// <remarks>
/// The rules are those of Zipkin's <c>DependencyLinker</c>: the server's report of a call counts; a client's counts where nothing was reported below it
/// and it names the other side; a span without a kind that names the other side counts as a client's; messages link to their broker and
/// never directly; where a service is missing between two, the upper one links to the lower. Two things differ: the client's error
/// counts also for a server half under the same id, and work that a client's own process reports below it (OpenTelemetry's internal
/// spans) does not keep its call from counting, except for Zipkin's own spans.
/// <para>
/// Many clients of Jaeger and OpenTelemetry set no kinds. So, as Jaeger does, their spans that are no side of a call by their kind are
/// calls where the span above is of another service; spans of Zipkin's protocol are not.
/// </para>
/// </remarks>
public sealed class ServiceLinks
{
    private readonly SmallTable<(string Parent, string Child), Sums> _links = new();

    /// <summary>The links of one trace, by name.</summary>
    public static IReadOnlyList<ServiceLink> Of(TraceTree tree)
    {
        var links = new ServiceLinks();
        links.Add(tree);
        return links.ToList();
    }

    /// <summary>Adds the calls of a trace.</summary>
    public void Add(TraceTree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        Add(new CallTree(tree));
    }

    /// <summary>Adds links that were counted before.</summary>
    public void Add(IEnumerable<ServiceLink> links)
    {
        ArgumentNullException.ThrowIfNull(links);
        foreach (var link in links)
        {
            ref var sums = ref _links.Of((link.Parent, link.Child), out _);
            sums.Calls += link.Calls;
            sums.Errors += link.Errors;
            sums.TimedCalls += link.TimedCalls;
            sums.DurationNs += link.DurationNs;
        }
    }

    /// <summary>All links added so far, each pair of services once, by the parent's name, then the child's.</summary>
    public IReadOnlyList<ServiceLink> ToList()
    {
        var list = new List<ServiceLink>(_links.Count);
        foreach (var ((parent, child), sums) in _links.Items)
            list.Add(new ServiceLink(parent, child, sums.Calls, sums.Errors, sums.TimedCalls, sums.DurationNs));
        list.Sort(static (x, y) =>
        {
            var order = string.CompareOrdinal(x.Parent, y.Parent);
            return order != 0 ? order : string.CompareOrdinal(x.Child, y.Child);
        });
        return list;
    }

    internal void Add(CallTree calls)
    {
        for (var i = 0; i < calls.Tree.Count; i++)
            Add(calls, i);
    }

    private void Add(CallTree calls, int i)
    {
        var span = calls.Tree[i];
        switch (span.Kind)
        {
            case SpanKind.Client when span.Protocol == SpanProtocol.Zipkin ? calls.HasChild(i) : calls.HasCallBelow(i):
                return;
            case SpanKind.Client:
                AddClient(calls, i, span, RemoteService.NameOf(span));
                return;
            case SpanKind.Producer:
                Count(span.ServiceName, RemoteService.NameOf(span), span, IsError(span));
                return;
            case SpanKind.Consumer:
                Count(RemoteService.NameOf(span), span.ServiceName, span, IsError(span));
                return;
            case SpanKind.Server:
                AddServer(calls, i, span);
                return;
        }

        if (span.Protocol != SpanProtocol.Zipkin)
            AddUnmarked(calls, i, span);
        else if (span.Kind == SpanKind.Unspecified && span.ServiceName.Length > 0 && RemoteService.NameOf(span) is { Length: > 0 } remote)
            AddClient(calls, i, span, remote);
    }

    /// <summary>A span without a kind, or an internal one, not of Zipkin's.</summary>
    private void AddUnmarked(CallTree calls, int i, Span span)
    {
        if (IsCallByTree(calls, i))
            Count(calls.Tree[calls.Tree.ParentOf(i)].ServiceName, span.ServiceName, span, IsError(span));
        if (span.Kind == SpanKind.Unspecified && !calls.HasCallBelow(i))
            Count(span.ServiceName, RemoteService.NameOf(span), span, IsError(span));
    }

    private void AddServer(CallTree calls, int i, Span span)
    {
        var above = calls.Tree.ParentOf(i);
        // What the service reports above its server span was counted as the call already.
        if (above >= 0 && IsUnmarked(calls.Tree[above]) && calls.Tree[above].ServiceName == span.ServiceName && IsCallByTree(calls, above))
            return;
        var ancestor = CallerOf(calls, i, span);
        var caller = ancestor >= 0 ? calls.Tree[ancestor] : null;
        var parent = caller is { ServiceName.Length: > 0 } ? caller.ServiceName : RemoteService.NameOf(span);
        var isSplit = caller is { Kind: SpanKind.Client } && above == ancestor;
        Count(parent, span.ServiceName, isSplit && caller!.HasDuration ? caller : span, IsError(span) || (isSplit && IsError(caller!)));
    }

    private void AddClient(CallTree calls, int i, Span span, string remote)
    {
        var ancestor = CallerOf(calls, i, span);
        var above = ancestor >= 0 ? calls.Tree[ancestor] : null;
        var aboveName = above?.ServiceName ?? "";
        // The span of the service between is missing, and how the call to it ended is not known.
        if (aboveName.Length > 0 && span.ServiceName.Length > 0 && aboveName != span.ServiceName)
            Count(aboveName, span.ServiceName, null, false);
        var isSplit = above is { Kind: SpanKind.Client, ServiceName.Length: > 0 } && calls.Tree.ParentOf(i) == ancestor;
        Count(span.ServiceName.Length > 0 ? span.ServiceName : aboveName, remote, span, IsError(span) || (isSplit && IsError(above!)));
    }

    /// <summary>
    /// The span that stands for the caller: as in Zipkin the nearest above that is a side of a call, except that an unmarked span right above,
    /// not of Zipkin's, is one by its service.
    /// </summary>
    private static int CallerOf(CallTree calls, int i, Span span)
    {
        var above = calls.Tree.ParentOf(i);
        return above >= 0 && span.Protocol != SpanProtocol.Zipkin && IsUnmarked(calls.Tree[above]) && calls.Tree[above].ServiceName.Length > 0
            && (calls.Tree[above].ServiceName != span.ServiceName || IsCallByTree(calls, above))
            ? above
            : calls.RemoteAncestorOf(i);
    }

    private static bool IsCallByTree(CallTree calls, int i)
    {
        var above = calls.Tree.ParentOf(i);
        return above >= 0 && calls.Tree[above].ServiceName.Length > 0 && calls.Tree[above].ServiceName != calls.Tree[i].ServiceName;
    }

    private static bool IsUnmarked(Span span) =>
        span.Kind is SpanKind.Unspecified or SpanKind.Internal && span.Protocol != SpanProtocol.Zipkin;

    private void Count(string parent, string child, Span? timed, bool isError)
    {
        if (parent.Length == 0 || child.Length == 0)
            return;
        ref var sums = ref _links.Of((parent, child), out _);
        sums.Calls++;
        sums.Errors += isError ? 1 : 0;
        if (timed is not { HasDuration: true })
            return;
        sums.TimedCalls++;
        sums.DurationNs += Math.Max(0, timed.DurationNs);
    }

    private static bool IsError(Span span) => span.Status == SpanStatus.Error;

    private struct Sums
    {
        public long Calls;
        public long Errors;
        public long TimedCalls;
        public Int128 DurationNs;
    }
}
