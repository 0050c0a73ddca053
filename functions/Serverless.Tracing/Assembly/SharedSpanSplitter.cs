using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// Gives the server halves of shared spans ids of their own. In Zipkin's model client and server of a call report under one id; readers
/// such as Jaeger's page need an id to be one span's (Jaeger's span id uniquifier does the same). The server half becomes the client
/// half's child. Who was a child of both becomes the child of the server half of its own service, else stays the client's
/// (Zipkin's SpanNode.Builder).
/// </summary>
public sealed class SharedSpanSplitter
{
    private readonly HashSet<SpanId> _clients;
    private readonly Dictionary<(SpanId Shared, string Service), SpanId> _halves;

    private SharedSpanSplitter(HashSet<SpanId> clients, Dictionary<(SpanId Shared, string Service), SpanId> halves)
    {
        _clients = clients;
        _halves = halves;
    }

    /// <summary>The trace with ids that are unique as far as shared spans go: the same list where none is shared.</summary>
    /// <param name="trace">The spans of one trace.</param>
    /// <returns>The spans in the same order; those that changed are copies. The same trace always gives the same ids.</returns>
    public static IReadOnlyList<Span> Split(IReadOnlyList<Span> trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        if (!HasServer(trace) || Of(trace, () => [.. trace.Select(span => span.Id), .. trace.Select(span => span.ParentId)]) is not { } splitter)
            return trace;
        var split = new Span[trace.Count];
        for (var i = 0; i < split.Length; i++)
            split[i] = splitter.Place(trace[i]);
        return split;
    }

    /// <summary>What tells shared spans apart, where not all spans are at hand; null where none is shared.</summary>
    /// <param name="spans">At least those whose ids are not theirs alone, in the order of the trace.</param>
    /// <param name="usedIds">Makes a set of all ids that spans of the trace have or name as their parents; it is changed.</param>
    internal static SharedSpanSplitter? Of(IReadOnlyList<Span> spans, Func<HashSet<SpanId>> usedIds)
    {
        var clients = new HashSet<SpanId>();
        foreach (var span in spans)
        {
            if (span.Kind == SpanKind.Client)
                clients.Add(span.Id);
        }

        var halves = ServerHalves(spans, clients, usedIds);
        return halves.Count == 0 ? null : new SharedSpanSplitter(clients, halves);
    }

    /// <summary>The span with the ids that it has in the trace: itself, or a copy.</summary>
    internal Span Place(Span span)
    {
        if (IsServerHalf(span, _clients))
            return Copy(span, _halves[(span.Id, span.ServiceName)], span.Id, span.Marks & ~SpanMarks.Shared);
        return !span.ParentId.IsZero && _halves.TryGetValue((span.ParentId, span.ServiceName), out var half)
            ? Copy(span, span.Id, half, span.Marks)
            : span;
    }

    private static bool HasServer(IReadOnlyList<Span> trace)
    {
        for (var i = 0; i < trace.Count; i++)
        {
            if (trace[i].Kind == SpanKind.Server)
                return true;
        }

        return false;
    }

    // A load balancer or a retry can bring one call to several services: each is a half of its own.
    private static Dictionary<(SpanId Shared, string Service), SpanId> ServerHalves(
        IReadOnlyList<Span> spans, HashSet<SpanId> clients, Func<HashSet<SpanId>> usedIds)
    {
        var halves = new Dictionary<(SpanId, string), SpanId>();
        HashSet<SpanId>? used = null;
        foreach (var span in spans)
        {
            if (IsServerHalf(span, clients) && !halves.ContainsKey((span.Id, span.ServiceName)))
                halves.Add((span.Id, span.ServiceName), NewId(span, used ??= usedIds()));
        }

        return halves;
    }

    private static bool IsServerHalf(Span span, HashSet<SpanId> clients) => span.Kind == SpanKind.Server && clients.Contains(span.Id);

    private static SpanId NewId(Span span, HashSet<SpanId> used)
    {
        var seed = span.Id.Value;
        foreach (var c in span.ServiceName)
            seed = (seed ^ c) * 0x100000001B3; // FNV-1a's prime
        while (true)
        {
            var id = new SpanId(Mix(++seed));
            if (!id.IsZero && used.Add(id))
                return id;
        }
    }

    // SplitMix64's finalizer: ids that look like other ids.
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    private static Span Copy(Span span, SpanId id, SpanId parentId, SpanMarks marks) => new()
    {
        TraceId = span.TraceId,
        Id = id,
        ParentId = parentId,
        Kind = span.Kind,
        Name = span.Name,
        StartNs = span.StartNs,
        DurationNs = span.DurationNs,
        Status = span.Status,
        StatusMessage = span.StatusMessage,
        Flags = span.Flags,
        TraceState = span.TraceState,
        Resource = span.Resource,
        Scope = span.Scope,
        Attributes = span.Attributes,
        Events = span.Events,
        Links = span.Links,
        DroppedAttributes = span.DroppedAttributes,
        DroppedEvents = span.DroppedEvents,
        DroppedLinks = span.DroppedLinks,
        RemoteEndpoint = span.RemoteEndpoint,
        Marks = marks,
        Protocol = span.Protocol,
    };
}
