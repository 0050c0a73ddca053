using Serverless.Tracing.Model;

namespace Serverless.Tracing.Search;

/// <summary>Says whether a whole trace is what a query asks for, exactly; search blocks only say where it may be.</summary>
public static class TraceMatcher
{
    /// <summary>True where the trace matches.</summary>
    /// <param name="trace">All spans of the trace, merged (<c>SpanMerger</c>).</param>
    /// <param name="query">What is asked.</param>
    /// <remarks>
    /// Same span: after Jaeger's memory store (<c>internal/storage/v2/memory/tenant.go</c>), with two differences that help people: a span
    /// has failed also by its attribute <c>error</c>, and the key <c>event</c> finds events by name. A span without a start never matches.
    /// Any span: after Zipkin's <c>QueryRequest.test</c>; resource and scope attributes count as tags of spans that did not come as Zipkin's,
    /// and a failed status as a tag <c>error</c>, for that is how Zipkin's API shows them.
    /// Whole trace: what is wanted is looked for among the spans that start within the time, what is denied among all.
    /// </remarks>
    public static bool Matches(IReadOnlyList<Span> trace, TraceQuery query)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(query);
        return query.Semantics switch
        {
            QuerySemantics.SameSpan => AnySpanMatches(trace, query),
            QuerySemantics.AnySpanOfService => SpansMatchTogether(trace, query),
            _ => WholeTraceMatches(trace, query),
        };
    }

    private static bool AnySpanMatches(IReadOnlyList<Span> trace, TraceQuery query)
    {
        var remote = query.RemoteServiceName?.ToLowerInvariant();
        foreach (var span in trace)
        {
            if ((query.ServiceName is null || query.ServiceName == span.ServiceName)
                && (query.SpanName is null || query.SpanName == span.Name)
                && IsInWindow(span, query)
                && HasDuration(span, query)
                && (query.SpanKind is null || query.SpanKind == span.Kind)
                && (remote is null || IsNamed(SpanConditions.RemoteServiceName(span), remote))
                && SatisfiesAll(span, query.Conditions))
                return true;
        }

        return false;
    }

    private static bool SatisfiesAll(Span span, IReadOnlyList<TagCondition> conditions)
    {
        foreach (var condition in conditions)
        {
            if (!SpanConditions.HoldsForSpan(span, condition))
                return false;
        }

        return true;
    }

    private static bool SpansMatchTogether(IReadOnlyList<Span> trace, TraceQuery query)
    {
        if (!TraceTimestamp.TryGet(trace, out var start) || start < query.StartMinNs || start > query.StartMaxNs)
            return false;
        var service = query.ServiceName?.ToLowerInvariant();
        var name = query.SpanName?.ToLowerInvariant();
        var remote = query.RemoteServiceName?.ToLowerInvariant();
        var (nameFound, remoteFound, kindFound) = (name is null, remote is null, query.SpanKind is null);
        var (serviceFound, durationFound) = (false, false);
        var open = new List<TagCondition>(query.Conditions);
        foreach (var span in trace)
        {
            if (service is not null && !IsNamed(span.ServiceName, service))
                continue;
            serviceFound = true;
            nameFound = nameFound || IsNamed(span.Name, name!);
            remoteFound = remoteFound || IsNamed(SpanConditions.RemoteServiceName(span), remote!);
            kindFound = kindFound || span.Kind == query.SpanKind;
            durationFound = durationFound || HasDuration(span, query);
            for (var i = open.Count - 1; i >= 0; i--)
            {
                if (SpanConditions.HoldsForTags(span, open[i]))
                    open.RemoveAt(i);
            }
        }

        return serviceFound && nameFound && remoteFound && kindFound && durationFound && open.Count == 0;
    }

    private static bool WholeTraceMatches(IReadOnlyList<Span> trace, TraceQuery query)
    {
        var remote = query.RemoteServiceName?.ToLowerInvariant();
        if (!Any(trace, query, span => query.ServiceName is null || query.ServiceName == span.ServiceName)
            || (query.SpanName is not null && !Any(trace, query, span => span.Name == query.SpanName))
            || (query.SpanKind is { } kind && !Any(trace, query, span => span.Kind == kind))
            || (remote is not null && !Any(trace, query, span => IsNamed(SpanConditions.RemoteServiceName(span), remote)))
            || !Any(trace, query, span => HasDuration(span, query)))
            return false;
        foreach (var condition in query.Conditions)
        {
            if (!HoldsForTrace(trace, query, condition))
                return false;
        }

        return true;
    }

    private static bool HoldsForTrace(IReadOnlyList<Span> trace, TraceQuery query, TagCondition condition)
    {
        if (condition.IsPositive)
            return Any(trace, query, span => SpanConditions.HoldsForSpan(span, condition));
        if (condition.Comparison is not { } comparison)
            return trace.All(span => SpanConditions.HoldsForSpan(span, condition));
        return (comparison.Operator != TagOperator.NotEqual || Any(trace, query, span => TagValues.Any(span, condition.Key)))
            && !trace.Any(span => TagValues.Any(span, condition.Key, comparison));
    }

    private static bool Any(IReadOnlyList<Span> trace, TraceQuery query, Func<Span, bool> holds)
    {
        foreach (var span in trace)
        {
            if (IsInWindow(span, query) && holds(span))
                return true;
        }

        return false;
    }

    private static bool IsInWindow(Span span, TraceQuery query) =>
        span.HasStart && span.StartNs >= query.StartMinNs && span.StartNs <= query.StartMaxNs;

    private static bool HasDuration(Span span, TraceQuery query) =>
        (query.MinDurationNs is not { } least || span.DurationNs >= least)
        && (query.MaxDurationNs is not { } most || span.DurationNs <= most);

    /// <summary>Equal in lower case, as the hashes in search blocks are, not by the rules of a case-insensitive comparison.</summary>
    private static bool IsNamed(string name, string lower) => name == lower || name.ToLowerInvariant() == lower;
}
