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
    /// </remarks>
    public static bool Matches(IReadOnlyList<Span> trace, TraceQuery query)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(query);
        return query.Semantics == QuerySemantics.SameSpan ? AnySpanMatches(trace, query) : SpansMatchTogether(trace, query);
    }

    private static bool AnySpanMatches(IReadOnlyList<Span> trace, TraceQuery query)
    {
        var remote = query.RemoteServiceName?.ToLowerInvariant();
        foreach (var span in trace)
        {
            if ((query.ServiceName is null || query.ServiceName == span.ServiceName)
                && (query.SpanName is null || query.SpanName == span.Name)
                && span.HasStart && span.StartNs >= query.StartMinNs && span.StartNs <= query.StartMaxNs
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

    private static bool HasDuration(Span span, TraceQuery query) =>
        (query.MinDurationNs is not { } least || span.DurationNs >= least)
        && (query.MaxDurationNs is not { } most || span.DurationNs <= most);

    /// <summary>Equal in lower case, as the hashes in search blocks are, not by the rules of a case-insensitive comparison.</summary>
    private static bool IsNamed(string name, string lower) => name == lower || name.ToLowerInvariant() == lower;
}
