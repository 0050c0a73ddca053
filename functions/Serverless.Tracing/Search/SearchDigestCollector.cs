using System.Globalization;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Search;

/// <summary>
/// Makes the search blocks of a batch, and the names seen in it, of its frames in one pass. It keeps its memory from batch to batch,
/// allocates nothing per span, and is used by one batch at a time.
/// </summary>
public sealed class SearchDigestCollector
{
    private const ulong HourNs = SearchBlock.MaxSpanOfStartsNs;
    private const ulong NoHour = ulong.MaxValue;

    private readonly DigestStore _store = new();
    private readonly SearchBlockWriter _writer;
    private readonly SeenNames _seen = new();
    private readonly ItemPool<FrameText> _texts = new();
    private readonly ItemPool<Source> _sources = new();
    private readonly ItemPool<int> _scopes = new();
    private readonly ItemPool<int> _shapes = new();
    private readonly ItemPool<ulong> _lastTerms = new();
    private readonly HashSet<ulong> _valueKeys;
    private int _lastDigest;
    private ulong _arrivalNs;

    /// <summary>A collector that has begun no batch yet.</summary>
    /// <param name="valueKeys">The attribute keys whose values are noted; none by default.</param>
    public SearchDigestCollector(IReadOnlyList<string>? valueKeys = null)
    {
        _writer = new SearchBlockWriter(_store);
        _valueKeys = [.. (valueKeys ?? []).Select(SearchTerms.TextHash)];
    }

    /// <summary>The distinct operations of the batch, once it is finished; they hold until the next one begins.</summary>
    public IReadOnlyList<SeenOperation> Operations => _seen.Operations;

    /// <summary>The distinct pairs of services that call, once the batch is finished.</summary>
    public IReadOnlyList<SeenRemoteService> RemoteServices => _seen.RemoteServices;

    /// <summary>The distinct attribute keys of the batch, at most <see cref="SeenNames.MaxTagKeysPerService"/> for each service.</summary>
    public IReadOnlyList<SeenTagKey> TagKeys => _seen.TagKeys;

    /// <summary>The distinct values of the attributes whose values are noted, at most <see cref="SeenNames.MaxValuesPerKey"/> for each key.</summary>
    public IReadOnlyList<SeenTagValue> TagValues => _seen.TagValues;

    /// <summary>Begins a batch.</summary>
    /// <param name="arrivalNs">The time now in nanoseconds since 1970: where spans without a start are filed.</param>
    public void Begin(ulong arrivalNs)
    {
        _arrivalNs = arrivalNs;
        _lastDigest = -1;
        _store.Reset();
        _seen.Reset();
    }

    /// <summary>Adds the spans of the frame that the reader is at, and reads them all.</summary>
    /// <exception cref="FrameFormatException">The frame is damaged; its spans so far have been added.</exception>
    public void Add(FrameReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        LoadTexts(reader);
        LoadSources(reader);
        _shapes.TruncateTo(0);
        while (reader.ReadSpan(out var span))
            AddSpan(reader, span);
    }

    /// <summary>
    /// The batch's blocks: by service, within a service the newest first. A trace has one digest for each service and (UTC) hour in which
    /// the service's spans of the batch start.
    /// </summary>
    public IReadOnlyList<SearchBlock> Finish()
    {
        var blocks = new List<SearchBlock>();
        for (var service = 0; service < _store.Services.Count; service++)
            _writer.Write(service, _seen.Names.Text(_store.Services[service].KeyName), blocks);
        _seen.Finish(_store);
        return blocks;
    }

    private void LoadTexts(FrameReader reader)
    {
        _texts.TruncateTo(0);
        for (var id = 0; id < reader.TextCount; id++)
        {
            ref var text = ref _texts.Add();
            text.Hash = SearchTerms.TextHash(reader.Text(id));
            text.Name = -1;
        }
    }

    private void LoadSources(FrameReader reader)
    {
        _sources.TruncateTo(0);
        for (var i = 0; i < reader.ResourceCount; i++)
        {
            var resource = reader.Resource(i);
            ref var source = ref _sources.Add();
            source.ServiceName = NameOf(reader, resource.ServiceName);
            source.Service = -1;
            source.Digest = -1;
            source.Group = AttributesGroup(reader, resource.Attributes, 0, 0);
        }

        _scopes.TruncateTo(0);
        for (var number = 1; number <= reader.ScopeCount; number++)
        {
            var scope = reader.Scope(number);
            _scopes.Add() = AttributesGroup(
                reader, scope.Attributes,
                SearchTerms.Pair(SearchTerms.ScopeNameKeyHash, _texts[scope.Name].Hash),
                SearchTerms.Pair(SearchTerms.ScopeVersionKeyHash, _texts[scope.Version].Hash));
        }
    }

    private void AddSpan(FrameReader reader, in FrameSpan span)
    {
        ref var source = ref _sources[span.Resource];
        var hour = (span.Marks & SpanMarks.NoStart) != 0 ? NoHour : span.StartNs / HourNs;
        if (source.Digest < 0 || source.Hour != hour)
            FindDigest(reader, ref source, hour);
        var number = source.Digest;
        ref var digest = ref _store.Digests[number];
        AddTimes(ref digest, span, hour);

        var operationName = NameOf(reader, span.Name);
        _store.Operation(source.ServiceName, operationName, span.Kind, _seen.Names.LowerHash(operationName), out var operation);
        _store.AddOperation(ref digest, number, operation);

        AddGroup(reader, ref digest, number, source, source.Group, reader.Resource(span.Resource).Attributes);
        if (span.Scope != 0)
            AddGroup(reader, ref digest, number, source, _scopes[span.Scope - 1], default);
        var shape = ShapeGroup(reader, span);
        AddGroup(reader, ref digest, number, source, shape, span.Attributes);
        AddSpanTerms(reader, ref digest, number, span.Attributes);

        var failed = span.Status == SpanStatus.Error;
        var peer = span.RemoteEndpoint == 0 ? 0 : reader.Endpoint(span.RemoteEndpoint).ServiceName;
        if (shape >= 0 && (_store.Groups[shape].HasErrorKey || _store.Groups[shape].HasPeerServiceKey))
            failed |= ReadSpecialKeys(reader, span.Attributes, ref peer);
        digest.Flags |= failed ? DigestFlags.Failed : DigestFlags.Succeeded;
        digest.Flags |= span.Status switch
        {
            SpanStatus.Unset => DigestFlags.StatusUnset,
            SpanStatus.Ok => DigestFlags.StatusOk,
            SpanStatus.Error => DigestFlags.StatusError,
            _ => DigestFlags.None,
        };
        if (peer != 0)
            AddRemote(reader, ref digest, number, source, peer);
        AddEventsAndLinks(reader, ref digest, number);
    }

    private void FindDigest(FrameReader reader, ref Source source, ulong hour)
    {
        if (source.Service < 0)
            source.Service = _store.Service(_seen.Names.Lower(source.ServiceName));
        source.Digest = _store.Digest(source.Service, reader.TraceId.Low, hour);
        source.Hour = hour;
    }

    private void AddTimes(ref Digest digest, in FrameSpan span, ulong hour)
    {
        var start = span.StartNs;
        if (hour == NoHour)
        {
            start = _arrivalNs;
            digest.Flags |= DigestFlags.NoStart;
        }

        digest.OldestStartNs = Math.Min(digest.OldestStartNs, start);
        digest.NewestStartNs = Math.Max(digest.NewestStartNs, start);
        var duration = Math.Max(span.DurationNs, 0);
        digest.ShortestNs = Math.Min(digest.ShortestNs, duration);
        digest.LongestNs = Math.Max(digest.LongestNs, duration);
    }

    private void AddGroup(
        FrameReader reader, ref Digest digest, int number, in Source source, int group, AttributeRange keys)
    {
        if (group < 0 || !_store.AddGroup(ref digest, number, group) || keys.Count == 0 || !_seen.IsNewGroup(source.ServiceName, group))
            return;
        for (var i = 0; i < keys.Count; i++)
            _seen.AddTagKey(source.ServiceName, NameOf(reader, reader.Attribute(keys, i).Key));
    }

    /// <summary>Adds the terms of a span's attributes but for those that the span before had in the same place: most do not change.</summary>
    private void AddSpanTerms(FrameReader reader, ref Digest digest, int number, AttributeRange attributes)
    {
        if (_lastDigest != number)
            _lastTerms.TruncateTo(0);
        _lastDigest = number;
        for (var i = 0; i < attributes.Count; i++)
        {
            var attribute = reader.Attribute(attributes, i);
            var term = PairTerm(reader, attribute);
            if (i >= _lastTerms.Count)
                _lastTerms.Add() = ~term;
            ref var last = ref _lastTerms[i];
            if (last == term)
                continue;
            last = term;
            _store.AddTerm(ref digest, number, term);
            if (_valueKeys.Count > 0)
                NoteValue(reader, attribute);
        }
    }

    private void AddTerms(FrameReader reader, ref Digest digest, int number, AttributeRange attributes)
    {
        for (var i = 0; i < attributes.Count; i++)
            _store.AddTerm(ref digest, number, PairTerm(reader, reader.Attribute(attributes, i)));
    }

    private ulong PairTerm(FrameReader reader, in FrameAttribute attribute) => SearchTerms.Pair(
        _texts[attribute.Key].Hash,
        attribute.Type == AttributeType.String ? _texts[(int)attribute.Bits].Hash : SearchTerms.ValueHash(reader, attribute));

    private void AddEventsAndLinks(FrameReader reader, ref Digest digest, int number)
    {
        for (var i = 0; i < reader.EventCount; i++)
        {
            var item = reader.Event(i);
            _store.AddTerm(ref digest, number, SearchTerms.Exists(_texts[item.Name].Hash));
            AddKeysAndTerms(reader, ref digest, number, item.Attributes);
        }

        for (var i = 0; i < reader.LinkCount; i++)
            AddKeysAndTerms(reader, ref digest, number, reader.Link(i).Attributes);
    }

    private void AddKeysAndTerms(FrameReader reader, ref Digest digest, int number, AttributeRange attributes)
    {
        for (var i = 0; i < attributes.Count; i++)
            _store.AddTerm(ref digest, number, SearchTerms.Exists(_texts[reader.Attribute(attributes, i).Key].Hash));
        AddTerms(reader, ref digest, number, attributes);
    }

    private bool ReadSpecialKeys(FrameReader reader, AttributeRange attributes, ref int peer)
    {
        var failed = false;
        for (var i = 0; i < attributes.Count; i++)
        {
            var attribute = reader.Attribute(attributes, i);
            var key = _texts[attribute.Key].Hash;
            if (key == SearchTerms.ErrorKeyHash)
                failed |= !SearchTerms.SaysNoError(reader, attribute);
            else if (key == SearchTerms.PeerServiceKeyHash && peer == 0 && attribute.Type == AttributeType.String)
                peer = (int)attribute.Bits;
        }

        return failed;
    }

    private void AddRemote(FrameReader reader, ref Digest digest, int number, in Source source, int peer)
    {
        var name = NameOf(reader, peer);
        _seen.AddRemoteService(source.ServiceName, name);
        _store.AddTerm(ref digest, number, SearchTerms.Remote(_seen.Names.LowerHash(name)));
    }

    /// <summary>The group of the keys of a span's attributes, once for each shape of the frame; -1 for none.</summary>
    private int ShapeGroup(FrameReader reader, in FrameSpan span)
    {
        if (span.Shape == 0)
            return -1;
        while (_shapes.Count <= span.Shape)
            _shapes.Add() = -1;
        ref var group = ref _shapes[span.Shape];
        if (group < 0)
            group = KeysGroup(reader, span.Attributes);
        return group;
    }

    private int KeysGroup(FrameReader reader, AttributeRange attributes)
    {
        var hash = 1UL;
        for (var i = 0; i < attributes.Count; i++)
            hash = DigestStore.GroupHash(hash, _texts[reader.Attribute(attributes, i).Key].Hash);
        if (!_store.Group(hash, out var group))
            return group;
        for (var i = 0; i < attributes.Count; i++)
        {
            var key = _texts[reader.Attribute(attributes, i).Key].Hash;
            _store.AddGroupTerm(SearchTerms.Exists(key));
            _store.Groups[group].HasErrorKey |= key == SearchTerms.ErrorKeyHash;
            _store.Groups[group].HasPeerServiceKey |= key == SearchTerms.PeerServiceKeyHash;
        }

        return group;
    }

    /// <summary>The group of the keys and values of a resource or scope, with up to two further terms; -1 for none.</summary>
    private int AttributesGroup(FrameReader reader, AttributeRange attributes, ulong term1, ulong term2)
    {
        if (attributes.Count == 0 && term1 == 0)
            return -1;
        var hash = DigestStore.GroupHash(DigestStore.GroupHash(2, term1), term2);
        for (var i = 0; i < attributes.Count; i++)
            hash = DigestStore.GroupHash(hash, PairTerm(reader, reader.Attribute(attributes, i)));
        if (!_store.Group(hash, out var group))
            return group;
        if (term1 != 0)
        {
            _store.AddGroupTerm(term1);
            _store.AddGroupTerm(term2);
        }

        for (var i = 0; i < attributes.Count; i++)
        {
            var attribute = reader.Attribute(attributes, i);
            _store.AddGroupTerm(PairTerm(reader, attribute));
            _store.AddGroupTerm(SearchTerms.Exists(_texts[attribute.Key].Hash));
            if (_valueKeys.Count > 0)
                NoteValue(reader, attribute);
        }

        return group;
    }

    private void NoteValue(FrameReader reader, in FrameAttribute attribute)
    {
        if (!_valueKeys.Contains(_texts[attribute.Key].Hash))
            return;
        Span<byte> digits = stackalloc byte[32];
        var length = 0;
        switch (attribute.Type)
        {
            case AttributeType.String:
                _seen.AddTagValue(NameOf(reader, attribute.Key), reader.Text((int)attribute.Bits));
                return;
            case AttributeType.True:
                _seen.AddTagValue(NameOf(reader, attribute.Key), "true"u8);
                return;
            case AttributeType.False:
                _seen.AddTagValue(NameOf(reader, attribute.Key), "false"u8);
                return;
            case AttributeType.Int64:
                attribute.Bits.TryFormat(digits, out length, provider: CultureInfo.InvariantCulture);
                break;
            case AttributeType.Double:
                BitConverter.Int64BitsToDouble(attribute.Bits).TryFormat(digits, out length, "R", CultureInfo.InvariantCulture);
                break;
        }

        _seen.AddTagValue(NameOf(reader, attribute.Key), digits[..length]);
    }

    private int NameOf(FrameReader reader, int text)
    {
        ref var entry = ref _texts[text];
        return entry.Name >= 0 ? entry.Name : entry.Name = _seen.Names.Add(reader.Text(text));
    }

    /// <summary>A text of the frame: its stable hash, and its number in the name table or -1.</summary>
    private struct FrameText
    {
        public ulong Hash;
        public int Name;
    }

    /// <summary>A resource of the frame, and the digest that its spans went to last.</summary>
    private struct Source
    {
        public int ServiceName;
        public int Service;
        public int Group;
        public int Digest;
        public ulong Hour;
    }
}
