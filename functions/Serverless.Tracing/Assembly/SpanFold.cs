using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>Folds the reports of one span into one: absent fields are filled in, lists are united, nothing that is there is replaced.</summary>
internal static class SpanFold
{
    /// <summary>One span of its reports, of which there is at least one; the list is put in order.</summary>
    public static Span Fold(List<Span> reports, bool isShared)
    {
        if (reports.Count > 1)
        {
            reports.Sort(SpanContentOrder.Instance);
            var kept = 1;
            for (var i = 1; i < reports.Count; i++)
            {
                if (SpanContentOrder.Instance.Compare(reports[kept - 1], reports[i]) != 0)
                    reports[kept++] = reports[i];
            }

            reports.RemoveRange(kept, reports.Count - kept);
        }

        if (reports.Count > 1)
            return Unite(reports, isShared);
        return isShared == reports[0].IsShared ? reports[0] : reports[0] with { Marks = reports[0].Marks | SpanMarks.Shared };
    }

    private static Span Unite(List<Span> reports, bool isShared)
    {
        var first = reports[0];
        var start = reports.Find(span => span.HasStart);
        var duration = reports.Find(span => span.HasDuration);
        var status = reports.Exists(span => span.Status == SpanStatus.Error)
            ? SpanStatus.Error
            : reports.Find(span => span.Status != SpanStatus.Unset)?.Status ?? SpanStatus.Unset;
        var marks = Marks(reports, isShared, start is not null, duration is not null);
        return new Span
        {
            // The widest, as in Zipkin.
            TraceId = reports.Max(span => span.TraceId),
            Id = first.Id,
            ParentId = reports.Find(span => !span.ParentId.IsZero)?.ParentId ?? default,
            Kind = reports.Find(span => span.Kind != SpanKind.Unspecified)?.Kind ?? SpanKind.Unspecified,
            Name = reports.Find(span => span.Name.Length > 0)?.Name ?? "",
            StartNs = start?.StartNs ?? 0,
            DurationNs = duration?.DurationNs ?? 0,
            Status = status,
            StatusMessage = Message(reports, status),
            Flags = reports.Aggregate(0u, (flags, span) => flags | span.Flags),
            TraceState = reports.Find(span => span.TraceState.Length > 0)?.TraceState ?? "",
            Resource = UniteResources(reports),
            Scope = reports.Find(span => span.Scope is not null)?.Scope,
            Attributes = UniteAttributes(reports.ConvertAll(span => span.Attributes)),
            Events = UniteItems(reports.ConvertAll(span => span.Events), SpanContentOrder.OfEvents),
            Links = UniteItems(reports.ConvertAll(span => span.Links), SpanContentOrder.OfLinks),
            DroppedAttributes = reports.Max(span => span.DroppedAttributes),
            DroppedEvents = reports.Max(span => span.DroppedEvents),
            DroppedLinks = reports.Max(span => span.DroppedLinks),
            RemoteEndpoint = reports.ConvertAll(span => span.RemoteEndpoint).Aggregate(Unite),
            Marks = marks,
            // What is of one protocol only is not to become like the other's by merging: SpanMerger treats them differently.
            Protocol = reports.Find(span => span.Protocol != SpanProtocol.Zipkin)?.Protocol ?? first.Protocol,
        };
    }

    private static SpanMarks Marks(List<Span> reports, bool isShared, bool hasStart, bool hasDuration)
    {
        var marks = isShared ? SpanMarks.Shared : SpanMarks.None;
        foreach (var span in reports)
            marks |= span.Marks & ~(SpanMarks.NoStart | SpanMarks.NoDuration);
        return marks | (hasStart ? 0 : SpanMarks.NoStart) | (hasDuration ? 0 : SpanMarks.NoDuration);
    }

    /// <summary>The words about the status that stands, if there are any.</summary>
    private static string Message(List<Span> reports, SpanStatus status)
    {
        var about = reports.Find(span => span.Status == status && span.StatusMessage.Length > 0);
        return (about ?? reports.Find(span => span.StatusMessage.Length > 0))?.StatusMessage ?? "";
    }

    private static Resource UniteResources(List<Span> reports)
    {
        var first = reports[0].Resource;
        if (reports.TrueForAll(span => SpanContentOrder.Compare(span.Resource, first) == 0))
            return first;
        return new Resource
        {
            ServiceName = reports.Find(span => span.ServiceName.Length > 0)?.ServiceName ?? "",
            Attributes = UniteAttributes(reports.ConvertAll(span => span.Resource.Attributes)),
            DroppedAttributes = reports.Max(span => span.Resource.DroppedAttributes),
            SchemaUrl = reports.Find(span => span.Resource.SchemaUrl.Length > 0)?.Resource.SchemaUrl ?? "",
            LocalEndpoint = reports.ConvertAll(span => span.Resource.LocalEndpoint).Aggregate(Unite),
        };
    }

    private static Endpoint? Unite(Endpoint? first, Endpoint? other)
    {
        if (first is null || other is null)
            return first ?? other;
        return new Endpoint(
            first.ServiceName.Length > 0 ? first.ServiceName : other.ServiceName,
            first.Ipv4 ?? other.Ipv4, first.Ipv6 ?? other.Ipv6, first.Port != 0 ? first.Port : other.Port);
    }

    /// <summary>The first list, and of each further one the attributes whose keys none before has.</summary>
    private static IReadOnlyList<SpanAttribute> UniteAttributes(List<IReadOnlyList<SpanAttribute>> lists)
    {
        var longest = lists[0];
        var keys = new HashSet<string>(longest.Select(attribute => attribute.Key), StringComparer.Ordinal);
        List<SpanAttribute>? united = null;
        foreach (var list in lists.Skip(1))
        {
            var before = united?.Count ?? longest.Count;
            foreach (var attribute in list)
            {
                if (!keys.Contains(attribute.Key))
                    (united ??= [.. longest]).Add(attribute);
            }

            for (var i = before; united is not null && i < united.Count; i++)
                keys.Add(united[i].Key);
        }

        return united ?? longest;
    }

    /// <summary>The first list, and of each further one the items that none before has.</summary>
    private static IReadOnlyList<T> UniteItems<T>(List<IReadOnlyList<T>> lists, Comparison<T> order)
    {
        var known = new SortedSet<T>(lists[0], Comparer<T>.Create(order));
        List<T>? united = null;
        foreach (var item in lists.Skip(1).SelectMany(list => list))
        {
            if (known.Add(item))
                (united ??= [.. lists[0]]).Add(item);
        }

        return united ?? lists[0];
    }
}
