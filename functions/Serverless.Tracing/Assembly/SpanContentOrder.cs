using System.Net;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// A total order of reports by all that they hold: 0 only for exact duplicates. The fullest come first — with a start, the
/// earliest; with a duration, the longest; with a name — for the first report's fields stand where reports contradict.
/// </summary>
internal sealed class SpanContentOrder : IComparer<Span>
{
    public static readonly SpanContentOrder Instance = new();

    public static readonly Comparison<SpanEvent> OfEvents = Compare;

    public static readonly Comparison<SpanLink> OfLinks = Compare;

    public int Compare(Span? x, Span? y)
    {
        if (ReferenceEquals(x, y))
            return 0;
        var order = CompareTimes(x!, y!);
        if (order == 0)
            order = CompareFields(x!, y!);
        if (order == 0)
            order = Compare(x!.Attributes, y!.Attributes);
        if (order == 0)
            order = Compare(x!.Events, y!.Events, OfEvents);
        if (order == 0)
            order = Compare(x!.Links, y!.Links, OfLinks);
        if (order == 0)
            order = Compare(x!.Resource, y!.Resource);
        if (order == 0)
            order = Compare(x!.Scope, y!.Scope);
        return order != 0 ? order : Compare(x!.RemoteEndpoint, y!.RemoteEndpoint);
    }

    /// <summary>By the bytes; none comes first.</summary>
    public static int Compare(IPAddress? x, IPAddress? y)
    {
        if (x is null || y is null)
            return (x is null ? 0 : 1) - (y is null ? 0 : 1);
        return x.GetAddressBytes().AsSpan().SequenceCompareTo(y.GetAddressBytes());
    }

    /// <summary>By the fields; none comes first.</summary>
    public static int Compare(Resource x, Resource y)
    {
        if (ReferenceEquals(x, y))
            return 0;
        var order = string.CompareOrdinal(x.ServiceName, y.ServiceName);
        if (order == 0)
            order = Compare(x.Attributes, y.Attributes);
        if (order == 0)
            order = string.CompareOrdinal(x.SchemaUrl, y.SchemaUrl);
        if (order == 0)
            order = x.DroppedAttributes.CompareTo(y.DroppedAttributes);
        return order != 0 ? order : Compare(x.LocalEndpoint, y.LocalEndpoint);
    }

    public static int Compare(IReadOnlyList<SpanAttribute> x, IReadOnlyList<SpanAttribute> y) => Compare(x, y, Compare);

    private static int CompareTimes(Span x, Span y)
    {
        var order = y.HasStart.CompareTo(x.HasStart);
        if (order == 0)
            order = x.StartNs.CompareTo(y.StartNs);
        if (order == 0)
            order = y.HasDuration.CompareTo(x.HasDuration);
        return order != 0 ? order : y.DurationNs.CompareTo(x.DurationNs);
    }

    private static int CompareFields(Span x, Span y)
    {
        var order = y.Name.Length.CompareTo(x.Name.Length);
        if (order == 0)
            order = string.CompareOrdinal(x.Name, y.Name);
        if (order == 0)
            order = y.Status.CompareTo(x.Status);
        if (order == 0)
            order = string.CompareOrdinal(y.StatusMessage, x.StatusMessage);
        if (order == 0)
            order = y.Kind.CompareTo(x.Kind);
        if (order == 0)
            order = x.ParentId.Value.CompareTo(y.ParentId.Value);
        if (order == 0)
            order = x.Flags.CompareTo(y.Flags);
        if (order == 0)
            order = string.CompareOrdinal(x.TraceState, y.TraceState);
        if (order == 0)
            order = x.DroppedAttributes.CompareTo(y.DroppedAttributes);
        if (order == 0)
            order = x.DroppedEvents.CompareTo(y.DroppedEvents);
        if (order == 0)
            order = x.DroppedLinks.CompareTo(y.DroppedLinks);
        if (order == 0)
            order = x.Marks.CompareTo(y.Marks);
        if (order == 0)
            order = x.Protocol.CompareTo(y.Protocol);
        if (order == 0)
            order = x.TraceId.CompareTo(y.TraceId);
        return order != 0 ? order : x.Id.Value.CompareTo(y.Id.Value);
    }

    private static int Compare<T>(IReadOnlyList<T> x, IReadOnlyList<T> y, Comparison<T> compare)
    {
        var order = y.Count.CompareTo(x.Count);
        for (var i = 0; order == 0 && i < x.Count; i++)
            order = compare(x[i], y[i]);
        return order;
    }

    private static int Compare(SpanAttribute x, SpanAttribute y)
    {
        var order = string.CompareOrdinal(x.Key, y.Key);
        return order != 0 ? order : Compare(x.Value, y.Value);
    }

    private static int Compare(AttributeValue x, AttributeValue y)
    {
        if (x.Type != y.Type)
            return x.Type.CompareTo(y.Type);
        return x.Type switch
        {
            AttributeType.String => string.CompareOrdinal(x.Text, y.Text),
            AttributeType.Int64 => x.Int64.CompareTo(y.Int64),
            AttributeType.Double => BitConverter.DoubleToInt64Bits(x.Double).CompareTo(BitConverter.DoubleToInt64Bits(y.Double)),
            AttributeType.Bytes => x.Bytes.AsSpan().SequenceCompareTo(y.Bytes),
            AttributeType.Array => Compare(x.Items, y.Items, Compare),
            AttributeType.Map => Compare(x.Entries, y.Entries, Compare),
            _ => 0,
        };
    }

    private static int Compare(SpanEvent x, SpanEvent y)
    {
        var order = x.TimeNs.CompareTo(y.TimeNs);
        if (order == 0)
            order = string.CompareOrdinal(x.Name, y.Name);
        if (order == 0)
            order = x.DroppedAttributes.CompareTo(y.DroppedAttributes);
        return order != 0 ? order : Compare(x.Attributes, y.Attributes);
    }

    private static int Compare(SpanLink x, SpanLink y)
    {
        var order = x.TraceId.CompareTo(y.TraceId);
        if (order == 0)
            order = x.SpanId.Value.CompareTo(y.SpanId.Value);
        if (order == 0)
            order = string.CompareOrdinal(x.TraceState, y.TraceState);
        if (order == 0)
            order = x.Flags.CompareTo(y.Flags);
        if (order == 0)
            order = x.DroppedAttributes.CompareTo(y.DroppedAttributes);
        return order != 0 ? order : Compare(x.Attributes, y.Attributes);
    }

    private static int Compare(InstrumentationScope? x, InstrumentationScope? y)
    {
        if (ReferenceEquals(x, y))
            return 0;
        if (x is null || y is null)
            return x is null ? 1 : -1;
        var order = string.CompareOrdinal(x.Name, y.Name);
        if (order == 0)
            order = string.CompareOrdinal(x.Version, y.Version);
        if (order == 0)
            order = string.CompareOrdinal(x.SchemaUrl, y.SchemaUrl);
        if (order == 0)
            order = x.DroppedAttributes.CompareTo(y.DroppedAttributes);
        return order != 0 ? order : Compare(x.Attributes, y.Attributes);
    }

    private static int Compare(Endpoint? x, Endpoint? y)
    {
        if (ReferenceEquals(x, y))
            return 0;
        if (x is null || y is null)
            return x is null ? 1 : -1;
        var order = string.CompareOrdinal(x.ServiceName, y.ServiceName);
        if (order == 0)
            order = Compare(x.Ipv4, y.Ipv4);
        if (order == 0)
            order = Compare(x.Ipv6, y.Ipv6);
        return order != 0 ? order : x.Port.CompareTo(y.Port);
    }
}
