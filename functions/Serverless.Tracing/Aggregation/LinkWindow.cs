using System.Runtime.InteropServices;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Aggregation;

/// <summary>The calls between services in a window of minutes, added up. Used by one thread at a time.</summary>
/// <param name="firstMinute">The first minute, in minutes since 1970.</param>
/// <param name="lastMinute">The last minute, included.</param>
public sealed class LinkWindow(long firstMinute, long lastMinute) : IAggregateSink
{
    private readonly Dictionary<(string Parent, string Child), Total> _links = [];
    private Total? _begun;

    /// <summary>The first minute.</summary>
    public long FirstMinute => firstMinute;

    /// <summary>The last minute, included.</summary>
    public long LastMinute => lastMinute;

    /// <summary>An empty window of the same minutes.</summary>
    public LinkWindow NewPart() => new(firstMinute, lastMinute);

    /// <summary>True for a minute of the window, in minutes since 1970.</summary>
    public bool Has(long minute) => minute >= firstMinute && minute <= lastMinute;

    /// <summary>Adds calls, or takes them back.</summary>
    public void Add(string parent, string child, LinkSums sums)
    {
        TotalOf(parent, child).Sums += sums;
    }

    /// <summary>Adds the calls of a trace whatever its time, or takes them back.</summary>
    /// <param name="links">The trace's.</param>
    /// <param name="sign">1, or -1 to take them back.</param>
    public void Add(IReadOnlyList<ServiceLink> links, int sign)
    {
        ArgumentNullException.ThrowIfNull(links);
        foreach (var link in links)
            Add(link.Parent, link.Child, new LinkSums(sign * link.Calls, sign * link.Errors, sign * link.TimedCalls, sign * link.DurationNs));
    }

    /// <summary>Adds all that another window has.</summary>
    public void Add(LinkWindow other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var ((parent, child), total) in other._links)
            Add(parent, child, total.Sums);
    }

    /// <summary>Each pair of services with calls, by the parent's name, then the child's.</summary>
    public IReadOnlyList<ServiceLink> ToList() =>
    [
        .. _links.Select(link => (link.Key, Value: link.Value.Sums)).Where(link => link.Value.Calls > 0)
            .OrderBy(link => link.Key.Parent, StringComparer.Ordinal).ThenBy(link => link.Key.Child, StringComparer.Ordinal)
            .Select(link => new ServiceLink(
                link.Key.Parent, link.Key.Child, link.Value.Calls, Math.Max(0, link.Value.Errors), Math.Max(0, link.Value.TimedCalls),
                Int128.Max(0, link.Value.DurationNs))),
    ];

    /// <inheritdoc/>
    bool IAggregateSink.BeginRed(string service, string operation, SpanKind kind) => false;

    /// <inheritdoc/>
    void IAggregateSink.AddRed(long minute, RedSums sums, ExponentialHistogram durations)
    {
    }

    /// <inheritdoc/>
    bool IAggregateSink.BeginLink(string parent, string child)
    {
        _begun = TotalOf(parent, child);
        return true;
    }

    /// <inheritdoc/>
    void IAggregateSink.AddLink(long minute, LinkSums sums)
    {
        if (Has(minute))
            _begun!.Sums += sums;
    }

    private Total TotalOf(string parent, string child)
    {
        ref var total = ref CollectionsMarshal.GetValueRefOrAddDefault(_links, (parent, child), out _);
        return total ??= new Total();
    }

    private sealed class Total
    {
        public LinkSums Sums { get; set; }
    }
}
