using System.Net;
using System.Runtime.InteropServices;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// Finds spans by id, and among those that share one the half that is meant: by address, then by service, else the server half
/// (Zipkin's <c>SpanNode.Builder</c>). The high half of a trace id plays no part, so that widths may mix.
/// </summary>
internal sealed class SpanIndex
{
    private readonly Span[] _spans;
    private readonly Dictionary<Key, Entry> _entries;
    private Dictionary<(Key Key, string Service, IPAddress? Address), Halves>? _halves;
    private Dictionary<ulong, int>? _ofAllTraces;

    public SpanIndex(Span[] spans)
    {
        _spans = spans;
        IsServerHalf = new bool[spans.Length];
        _entries = new Dictionary<Key, Entry>(spans.Length, KeyComparer.Instance);
        var repeats = false;
        var isMixed = false;
        for (var i = 0; i < spans.Length; i++)
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, Key.Of(spans[i]), out var exists);
            IsServerHalf[i] = spans[i].IsShared && spans[i].Kind != SpanKind.Client;
            if (!exists)
                entry = new Entry(i);
            repeats |= exists;
            entry.IsRepeated = exists;
            isMixed |= spans[i].TraceId.Low != spans[0].TraceId.Low;
        }

        if (repeats)
            IndexHalves();
        if (isMixed)
            IndexAllTraces();
    }

    /// <summary>Per span: it is the server's report of a call whose client reports under the same id.</summary>
    public bool[] IsServerHalf { get; }

    /// <summary>The span that a server half belongs under, or -1.</summary>
    public int ClientOf(int half)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, Key.Of(_spans[half]));
        return entry.Client >= 0 ? entry.Client : entry.Other;
    }

    /// <summary>The first span of the id and side, if it is not the span itself; else -1.</summary>
    public int EarlierOfSameSide(int span)
    {
        if (_halves is null)
            return -1;
        ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, Key.Of(_spans[span]));
        return entry.IsRepeated && !IsServerHalf[span] && entry.Other != span ? entry.Other : -1;
    }

    /// <summary>The span that a child means by the id of its parent, or -1.</summary>
    public int Find(Span child, SpanId parent)
    {
        var key = new Key(child.TraceId.Low, parent.Value);
        ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, key);
        if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref entry))
            return -1;
        if (!entry.IsRepeated)
            return entry.First;
        if (child.ServiceName.Length > 0)
        {
            if (AddressOf(child) is { } address && _halves!.TryGetValue((key, child.ServiceName, address), out var nearest))
                return nearest.ServerFirst;
            if (_halves!.TryGetValue((key, child.ServiceName, null), out var near))
                return near.ServerFirst;
        }

        return entry.Server >= 0 ? entry.Server : entry.Other;
    }

    /// <summary>A span of another trace in the same list has the id.</summary>
    public bool IsInAnotherTrace(SpanId id) => _ofAllTraces is not null && _ofAllTraces.ContainsKey(id.Value);

    private void IndexHalves()
    {
        for (var i = 0; i < _spans.Length; i++)
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, Key.Of(_spans[i]));
            if (entry.IsRepeated && entry.Client < 0 && _spans[i].Kind == SpanKind.Client)
                entry.Client = i;
        }

        _halves = new(HalfComparer.Instance);
        for (var i = 0; i < _spans.Length; i++)
        {
            var key = Key.Of(_spans[i]);
            ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, key);
            if (!entry.IsRepeated)
                continue;
            IsServerHalf[i] |= _spans[i].Kind == SpanKind.Server && entry.Client >= 0;
            if (IsServerHalf[i] && entry.Server < 0)
                entry.Server = i;
            else if (!IsServerHalf[i] && entry.Other < 0)
                entry.Other = i;
            if (AddressOf(_spans[i]) is { } address)
                AddHalf((key, _spans[i].ServiceName, address), i);
            AddHalf((key, _spans[i].ServiceName, null), i);
        }
    }

    private void AddHalf((Key Key, string Service, IPAddress? Address) key, int span)
    {
        ref var halves = ref CollectionsMarshal.GetValueRefOrAddDefault(_halves!, key, out var exists);
        if (!exists)
            halves = new Halves(-1, -1);
        if (IsServerHalf[span] && halves.Server < 0)
            halves = halves with { Server = span };
        else if (!IsServerHalf[span] && halves.Other < 0)
            halves = halves with { Other = span };
    }

    private void IndexAllTraces()
    {
        _ofAllTraces = new Dictionary<ulong, int>(_spans.Length, SeededComparers.Instance);
        for (var i = 0; i < _spans.Length; i++)
            _ofAllTraces.TryAdd(_spans[i].Id.Value, i);
    }

    private static IPAddress? AddressOf(Span span) => span.Resource.LocalEndpoint?.Ipv4 ?? span.Resource.LocalEndpoint?.Ipv6;

    private readonly record struct Key(ulong TraceLow, ulong Id)
    {
        public static Key Of(Span span) => new(span.TraceId.Low, span.Id.Value);
    }

    // Other, Client and Server are known only where the id is repeated.
    private struct Entry(int first)
    {
        public readonly int First = first;
        public int Client = -1;
        public int Server = -1;
        public int Other = -1;
        public bool IsRepeated;
    }

    private readonly record struct Halves(int Server, int Other)
    {
        public int ServerFirst => Server >= 0 ? Server : Other;
    }

    private sealed class KeyComparer : IEqualityComparer<Key>
    {
        public static readonly KeyComparer Instance = new();

        public bool Equals(Key x, Key y) => x == y;

        public int GetHashCode(Key key) => SeededComparers.Instance.GetHashCode(key.Id ^ (key.TraceLow * 0x9E3779B97F4A7C15));
    }

    private sealed class HalfComparer : IEqualityComparer<(Key Key, string Service, IPAddress? Address)>
    {
        public static readonly HalfComparer Instance = new();

        public bool Equals((Key Key, string Service, IPAddress? Address) x, (Key Key, string Service, IPAddress? Address) y) =>
            x.Key == y.Key && x.Service == y.Service && Equals(x.Address, y.Address);

        public int GetHashCode((Key Key, string Service, IPAddress? Address) key) =>
            HashCode.Combine(KeyComparer.Instance.GetHashCode(key.Key), key.Service, key.Address);
    }
}
