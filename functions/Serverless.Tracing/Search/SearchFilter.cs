using Serverless.Tracing.Model;

namespace Serverless.Tracing.Search;

/// <summary>A query as search blocks are asked it: hashes instead of texts, conditions numbered by bits. Made once for a search.</summary>
public sealed class SearchFilter
{
    /// <summary>
    /// How far a trace's timestamp may lie from the spans of a service of that trace so that Zipkin's semantics still find it: 10 minutes in
    /// nanoseconds.
    /// </summary>
    public const ulong TraceTimestampSlackNs = 600_000_000_000;

    private const ulong NameBit = 1;
    private const ulong DurationBit = 2;
    private const int FirstFurtherBit = 2;
    private const int EveryKind = -1;
    private const int InWindowNumber = 63;

    private readonly List<SearchCheck> _checks = [];
    private readonly uint? _name;
    private readonly int _kinds = EveryKind;
    private readonly bool _isZipkins;
    private readonly ulong _serviceBit;

    /// <summary>Compiles a query.</summary>
    public SearchFilter(TraceQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        Query = query;
        _isZipkins = query.Semantics == QuerySemantics.AnySpanOfService;
        _name = query.SpanName is { } name ? (uint)(SearchTerms.TextHash(name.ToLowerInvariant()) >> 32) : null;
        if (_name is not null)
            AllConditions |= NameBit;
        if (query.MinDurationNs is not null || query.MaxDurationNs is not null)
            AllConditions |= DurationBit;
        if (query.Semantics == QuerySemantics.WholeTrace && query.ServiceName is not null && AsksOtherServices(query))
        {
            Add([], DigestFlags.None);
            _serviceBit = _checks[^1].Bit;
        }

        if (query.SpanKind is { } kind)
        {
            // One span must have both the name and the kind, unless any span may have either; a span's part may tell the name alone.
            _kinds = query.Semantics == QuerySemantics.SameSpan ? (1 << (int)kind) | (1 << (int)SpanKind.Unspecified) : EveryKind;
            Add([], DigestFlags.None, 1 << (int)kind);
        }

        if (query.RemoteServiceName is { Length: > 0 } remote)
            Add([SearchTerms.Remote(SearchTerms.TextHash(remote.ToLowerInvariant()))], DigestFlags.AnyTag);
        foreach (var condition in query.Conditions)
            Add(condition);
        (StartMinUs, StartMaxUs) = Window(query);
    }

    /// <summary>The query.</summary>
    public TraceQuery Query { get; }

    /// <summary>The bits of all conditions.</summary>
    public ulong AllConditions { get; private set; }

    /// <summary>True where blocks of every service have to be asked.</summary>
    public bool AsksEveryService => Query.ServiceName is null || _serviceBit != 0;

    /// <summary>Blocks with an older newest start hold nothing that matches.</summary>
    public ulong OldestBlockNs => SearchBlockFormat.Nanoseconds(StartMinUs);

    /// <summary>Blocks with a newer newest start hold nothing that matches.</summary>
    public ulong NewestBlockNs => SearchBlockFormat.Nanoseconds(StartMaxUs) is var newest && newest > ulong.MaxValue - SearchBlock.MaxSpanOfStartsNs
        ? ulong.MaxValue
        : newest + SearchBlock.MaxSpanOfStartsNs;

    /// <summary>The bit of digests whose starts may lie within the window.</summary>
    internal const ulong InWindow = 1UL << InWindowNumber;

    /// <summary>The window in microseconds, rounded outward, widened for the semantics.</summary>
    internal ulong StartMinUs { get; }

    internal ulong StartMaxUs { get; }

    internal IReadOnlyList<SearchCheck> Checks => _checks;

    /// <summary>
    /// The conditions that every digest in a service's blocks satisfies by being there, for <see cref="SearchBlockReader.FindCandidates"/>.
    /// </summary>
    /// <param name="serviceKey">The service (<see cref="ServiceKey"/>).</param>
    public ulong GivenBy(string serviceKey) =>
        _serviceBit != 0 && ServiceKey.Of(Query.ServiceName!) == serviceKey ? _serviceBit : 0;

    /// <summary>The conditions that an operation satisfies.</summary>
    internal ulong OperationConditions(uint lowerNameHash, int kind)
    {
        var kindBit = 1 << kind;
        var conditions = _name == lowerNameHash && (_kinds & kindBit) != 0 ? NameBit : 0;
        foreach (var check in _checks)
        {
            if ((check.KindMask & kindBit) != 0)
                conditions |= check.Bit;
        }

        return conditions;
    }

    /// <summary>The conditions that a digest's flags satisfy.</summary>
    internal ulong FlagConditions(DigestFlags flags)
    {
        var conditions = (flags & DigestFlags.AnyOperation) != 0 ? AllConditions & NameBit : 0;
        foreach (var check in _checks)
        {
            if ((check.Flags & flags) != 0 || (check.KindMask != 0 && (flags & DigestFlags.AnyOperation) != 0))
                conditions |= check.Bit;
        }

        return conditions;
    }

    /// <summary>The condition on durations, where a digest's satisfy it.</summary>
    internal ulong DurationConditions(byte shortest, byte longest)
    {
        const ulong Unit = SearchBlockFormat.NanosecondsPerMicrosecond;
        var atLeast = (ulong)Math.Max(Query.MinDurationNs ?? 0, 0);
        var atMost = (ulong)Math.Max(Query.MaxDurationNs ?? long.MaxValue, 0);
        var isLongEnough = longest == SearchBlockFormat.HighestCode || SearchBlockFormat.ValueOf(longest) >= atLeast / Unit;
        return isLongEnough && SearchBlockFormat.ValueOf(shortest) <= atMost / Unit ? AllConditions & DurationBit : 0;
    }

    private static bool AsksOtherServices(TraceQuery query) =>
        query.SpanName is not null || query.SpanKind is not null || query.RemoteServiceName is not null || query.MinDurationNs is not null
        || query.MaxDurationNs is not null
        || query.Conditions.Any(condition => condition.Comparison?.Operator == TagOperator.NotEqual || condition.IsPositive);

    private static (ulong Min, ulong Max) Window(TraceQuery query)
    {
        var (min, max) = (query.StartMinNs, query.StartMaxNs);
        if (query.Semantics == QuerySemantics.AnySpanOfService)
        {
            min -= Math.Min(min, TraceTimestampSlackNs);
            max += Math.Min(ulong.MaxValue - max, TraceTimestampSlackNs);
        }

        return (min / SearchBlockFormat.NanosecondsPerMicrosecond, SearchBlockFormat.MicrosecondsAbove(max));
    }

    private void Add(TagCondition condition)
    {
        switch (condition.Kind)
        {
            case TagConditionKind.Error:
                Add([], DigestFlags.Failed);
                break;
            case TagConditionKind.NoError:
                Add([], DigestFlags.Succeeded);
                break;
            case TagConditionKind.Compare:
                AddComparison(condition.Key, condition.Comparison!);
                break;
            case TagConditionKind.Exists:
                AddExists(condition.Key);
                break;
            case TagConditionKind.Equal when _isZipkins:
                var failed = condition.Key == SearchTerms.ErrorKey ? DigestFlags.Failed : DigestFlags.None;
                Add([Pair(condition.Key, condition.Value)], DigestFlags.AnyTag | failed);
                break;
            default:
                AddSameSpan(condition.Key, condition.Value);
                break;
        }
    }

    /// <summary>
    /// Values are known by their hashes, so that all but equality can only ask whether the key is there; and what must not be there, and whether there is
    /// any event, only the matcher can tell.
    /// </summary>
    private void AddComparison(string key, TagComparison comparison)
    {
        var stored = key.StartsWith(SpecialKeys.ResourcePrefix, StringComparison.Ordinal) ? key[SpecialKeys.ResourcePrefix.Length..] : key;
        switch (comparison.Operator)
        {
            case TagOperator.NotExists:
                break;
            case TagOperator.Equal when key == SpecialKeys.EventName:
                Add([.. comparison.EqualTexts().SelectMany(text => new[] { Pair(key, text), SearchTerms.Exists(SearchTerms.TextHash(text)) })], DigestFlags.AnyTag);
                break;
            case TagOperator.Equal:
                Add([.. comparison.EqualTexts().Select(text => Pair(stored, text))], DigestFlags.AnyTag);
                break;
            default:
                if (key != SpecialKeys.EventName)
                    Add([SearchTerms.Exists(SearchTerms.TextHash(stored))], DigestFlags.AnyTag);
                break;
        }
    }

    private void AddExists(string key)
    {
        var failed = key == SearchTerms.ErrorKey && _isZipkins ? DigestFlags.Failed : DigestFlags.None;
        Add([SearchTerms.Exists(SearchTerms.TextHash(key))], DigestFlags.AnyTag | failed);
    }

    private void AddSameSpan(string key, string value)
    {
        var pair = Pair(key, value);
        switch (key)
        {
            case SearchTerms.ErrorKey:
                Add([], SpecialKeys.Boolean(value) switch
                {
                    true => DigestFlags.Failed,
                    false => DigestFlags.Succeeded,
                    null => DigestFlags.None,
                });
                break;
            case SpecialKeys.SpanStatus or SpecialKeys.OtelStatusCode:
                Add([], FlagOf(SpecialKeys.Status(value)));
                break;
            case SpecialKeys.SpanKind:
                Add([], DigestFlags.None, 1 << (int)SpecialKeys.Kind(value));
                break;
            case SearchTerms.ScopeNameKey or SearchTerms.ScopeVersionKey when value.Length == 0:
                break; // Spans without a scope match too; only the matcher can tell.
            case SpecialKeys.OtelScopeName:
                Add([pair, Pair(SearchTerms.ScopeNameKey, value)], DigestFlags.AnyTag);
                break;
            case SpecialKeys.OtelScopeVersion:
                Add([pair, Pair(SearchTerms.ScopeVersionKey, value)], DigestFlags.AnyTag);
                break;
            case SpecialKeys.EventName:
                Add([pair, SearchTerms.Exists(SearchTerms.TextHash(value))], DigestFlags.AnyTag);
                break;
            default:
                var isResource = key.StartsWith(SpecialKeys.ResourcePrefix, StringComparison.Ordinal);
                Add([isResource ? Pair(key[SpecialKeys.ResourcePrefix.Length..], value) : pair], DigestFlags.AnyTag);
                break;
        }
    }

    private static DigestFlags FlagOf(SpanStatus status) => status switch
    {
        SpanStatus.Ok => DigestFlags.StatusOk,
        SpanStatus.Error => DigestFlags.StatusError,
        _ => DigestFlags.StatusUnset,
    };

    private static ulong Pair(string key, string value) => SearchTerms.Pair(SearchTerms.TextHash(key), SearchTerms.TextHash(value));

    /// <summary>Conditions beyond the 62nd are left to the matcher.</summary>
    private void Add(ulong[] terms, DigestFlags flags, int kindMask = 0)
    {
        var number = FirstFurtherBit + _checks.Count;
        if (number >= InWindowNumber)
            return;
        AllConditions |= 1UL << number;
        _checks.Add(new SearchCheck(1UL << number, terms, flags, kindMask));
    }
}
