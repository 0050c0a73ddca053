using System.Runtime.InteropServices;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Tracing.Aggregation;

/// <summary>
/// Counts traces: spans by minute, service, operation and kind; calls between services by minute. Traces can be taken back, and the
/// counts of several add up, so that differences can be stored. Used by one thread at a time.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>A span counts in the minute of its start, adjusted for skew. One without a start, or whose start lies more than an hour before or a
/// day after the trace's, counts in the minute of the trace's start.</item>
/// <item>A call counts in the minute of the trace's start: Zipkin's timestamp of a trace (<see cref="TraceTimestamp"/>), not adjusted.</item>
/// <item>A trace in which no span has a start counts nowhere.</item>
/// <item>A span without a duration is a call, but is in no sum of durations and in no histogram.</item>
/// <item>The operations of a service above <see cref="MaxOperations"/> in an hour count as "(other)"; so does everything new where
/// the bytes are used up.</item>
/// </list>
/// Which operations are "(other)" depends on what was counted before. Where such a trace is taken back elsewhere, under its own operation, this leaves
/// a negative count there and as much too much at "(other)": the sum over a service is always right, and a reader sets the one off against the other.
/// </remarks>
public sealed class TraceAggregates : IAggregateSink
{
    /// <summary>The most operations of a service that are told apart in an hour.</summary>
    public const int MaxOperations = 500;

    /// <summary>The most blocks that a store should put into one transaction: <see cref="IsFull"/> keeps below.</summary>
    public const int MaxBlocks = 90;

    // With the 26 hours that one more trace may bring, below MaxBlocks.
    private const int FullHours = 40;
    private const int MostHoursBefore = 1;
    private const int MostHoursAfter = 24;
    private const ulong NanosecondsPerMinute = 60_000_000_000;

    private readonly AggregateNames _names = new();
    private readonly AggregateBudget _budget;
    private readonly AggregateBlockWriter _writer;
    private readonly Dictionary<AggregateKey, int> _redIndex = [];
    private readonly Dictionary<AggregateKey, int> _linkIndex = [];
    private readonly List<RedItem> _red = [];
    private readonly List<LinkItem> _links = [];
    private readonly Stack<ExponentialHistogram> _free = new();
    private AggregateBlockReader? _reader;
    private (int First, int Second, int Kind) _begun;

    /// <summary>Makes empty ones.</summary>
    public TraceAggregates()
    {
        _budget = new AggregateBudget(_names);
        _writer = new AggregateBlockWriter(_names.Texts);
    }

    /// <summary>Nothing is left to be stored: there was nothing, or it cancelled out.</summary>
    public bool IsEmpty => !_red.Exists(item => !item.IsZero) && !_links.Exists(item => item.Sums != default);

    /// <summary>
    /// No further trace should be added before these are stored: more might not fit one transaction (100 rows, 2.5 MB).
    /// One more trace, added or replaced, always fits.
    /// </summary>
    public bool IsFull => _budget.Hours >= FullHours || _budget.Bytes >= AggregateBudget.FullBytes;

    /// <summary>What is counted of spans, without what cancelled out; in no particular order.</summary>
    public IEnumerable<RedEntry> Red =>
        _red.Where(item => !item.IsZero).Select(item => new RedEntry(
            item.Key.Minute, _names.Texts[item.Key.First], _names.Texts[item.Key.Second], (SpanKind)item.Key.SpanKind, item.Sums, item.Durations));

    /// <summary>What is counted of calls, without what cancelled out; in no particular order.</summary>
    public IEnumerable<LinkEntry> Links =>
        _links.Where(item => item.Sums != default).Select(item => new LinkEntry(
            item.Key.Minute, _names.Texts[item.Key.First], _names.Texts[item.Key.Second], item.Sums));

    /// <summary>Counts a trace, or takes it back.</summary>
    /// <param name="trace">
    /// The trace: of all reports whose ids have the same low 64 bits, whatever their width, so that a trace of mixed width counts once.
    /// </param>
    /// <param name="sign">1, or -1 to take it back.</param>
    public void Add(AssembledTrace trace, int sign)
    {
        ArgumentNullException.ThrowIfNull(trace);
        if (sign is not (1 or -1))
            throw new ArgumentOutOfRangeException(nameof(sign), sign, "A trace is counted with 1 and taken back with -1.");
        var tree = trace.Tree;
        if (!TraceTimestamp.TryGet(tree.Spans, out var startNs))
            return;
        var startMinute = MinuteOf(startNs);
        var times = trace.Times;
        for (var i = 0; i < tree.Count; i++)
        {
            var span = tree[i];
            var minute = span.HasStart ? MinuteOf(times.StartOf(i)) : startMinute;
            var hours = (minute / AggregateBlockFormat.MinutesPerHour) - (startMinute / AggregateBlockFormat.MinutesPerHour);
            if (hours is < -MostHoursBefore or > MostHoursAfter)
                minute = startMinute;
            Add(span, minute, sign);
        }

        foreach (var link in trace.Links)
        {
            var key = new AggregateKey(startMinute, _names.Number(link.Parent), _names.Number(link.Child), 0);
            Link(key) += new LinkSums(sign * link.Calls, sign * link.Errors, sign * link.TimedCalls, sign * link.DurationNs);
        }
    }

    /// <summary>Adds what was stored.</summary>
    /// <exception cref="FrameFormatException">The block is damaged; some of it may have been added.</exception>
    public void Merge(AggregateBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        Merge(block.Bytes);
    }

    /// <summary>Adds what was stored.</summary>
    /// <exception cref="FrameFormatException">The block is damaged; some of it may have been added.</exception>
    public void Merge(ReadOnlyMemory<byte> block) => (_reader ??= new AggregateBlockReader()).Read(block, this);

    /// <summary>All that is counted, as few blocks as it takes, by kind and hour. What cancelled out is left out.</summary>
    public IReadOnlyList<AggregateBlock> ToBlocks()
    {
        var blocks = new List<AggregateBlock>();
        WriteRed(blocks);
        WriteLinks(blocks);
        return blocks;
    }

    /// <summary>Hands everything over, minute by minute.</summary>
    public void WriteTo(IAggregateSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        foreach (var entry in Red)
        {
            if (sink.BeginRed(entry.Service, entry.Operation, entry.Kind))
                sink.AddRed(entry.Minute, entry.Sums, entry.Durations);
        }

        foreach (var entry in Links)
        {
            if (sink.BeginLink(entry.Parent, entry.Child))
                sink.AddLink(entry.Minute, entry.Sums);
        }
    }

    /// <summary>Forgets everything, and keeps its memory.</summary>
    public void Clear()
    {
        foreach (var item in _red)
        {
            item.Durations.Clear();
            _free.Push(item.Durations);
        }

        _red.Clear();
        _links.Clear();
        _redIndex.Clear();
        _linkIndex.Clear();
        _names.Clear();
        _budget.Clear();
    }

    /// <inheritdoc/>
    bool IAggregateSink.BeginRed(string service, string operation, SpanKind kind)
    {
        _begun = (_names.NumberOfRepeated(service), _names.Number(operation), (int)kind);
        return true;
    }

    /// <inheritdoc/>
    void IAggregateSink.AddRed(long minute, RedSums sums, ExponentialHistogram durations)
    {
        ref var item = ref RedOf(new AggregateKey((int)minute, _begun.First, _begun.Second, _begun.Kind));
        item.Sums += sums;
        item.Durations.Add(durations);
    }

    /// <inheritdoc/>
    bool IAggregateSink.BeginLink(string parent, string child)
    {
        _begun = (_names.NumberOfRepeated(parent), _names.Number(child), 0);
        return true;
    }

    /// <inheritdoc/>
    void IAggregateSink.AddLink(long minute, LinkSums sums) =>
        Link(new AggregateKey((int)minute, _begun.First, _begun.Second, 0)) += sums;

    private static int MinuteOf(ulong ns) => (int)(ns / NanosecondsPerMinute);

    private void Add(Span span, int minute, int sign)
    {
        ref var item = ref RedOf(new AggregateKey(minute, _names.NumberOfRepeated(span.ServiceName), _names.Number(span.Name), (int)span.Kind));
        var duration = span.HasDuration ? Math.Max(0, span.DurationNs) : 0;
        item.Sums += new RedSums(sign, span.Status == SpanStatus.Error ? sign : 0, sign * duration);
        if (span.HasDuration && item.Durations.Add(duration, sign))
            _budget.CountBucket();
    }

    private ref RedItem RedOf(AggregateKey key)
    {
        if (!_redIndex.TryGetValue(key, out var index))
            index = AddRed(_budget.Admit(key, isLink: false));
        return ref CollectionsMarshal.AsSpan(_red)[index];
    }

    private int AddRed(AggregateKey key)
    {
        ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(_redIndex, key, out var isKnown);
        if (isKnown)
            return index;
        index = _red.Count;
        _red.Add(new RedItem { Key = key, Durations = _free.TryPop(out var free) ? free : new ExponentialHistogram() });
        _budget.CountPoint(key, isLink: false);
        return index;
    }

    private ref LinkSums Link(AggregateKey key)
    {
        if (!_linkIndex.TryGetValue(key, out var index))
        {
            key = _budget.Admit(key, isLink: true);
            ref var added = ref CollectionsMarshal.GetValueRefOrAddDefault(_linkIndex, key, out var isKnown);
            if (!isKnown)
            {
                added = _links.Count;
                _links.Add(new LinkItem { Key = key });
                _budget.CountPoint(key, isLink: true);
            }

            index = added;
        }

        return ref CollectionsMarshal.AsSpan(_links)[index].Sums;
    }

    private void WriteRed(List<AggregateBlock> blocks)
    {
        var items = _red.FindAll(item => !item.IsZero);
        items.Sort(static (x, y) => x.Key.CompareInBlocks(y.Key));
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i];
            if (i == 0 || item.Key.Hour != items[i - 1].Key.Hour)
                _writer.BeginHour();
            _writer.WriteRed(item.Key.Minute % AggregateBlockFormat.MinutesPerHour, item.Sums, item.Durations);
            End(blocks, AggregateKind.Red, item.Key, i + 1 < items.Count ? items[i + 1].Key : null);
        }
    }

    private void WriteLinks(List<AggregateBlock> blocks)
    {
        var items = _links.FindAll(item => item.Sums != default);
        items.Sort(static (x, y) => x.Key.CompareInBlocks(y.Key));
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i];
            if (i == 0 || item.Key.Hour != items[i - 1].Key.Hour)
                _writer.BeginHour();
            _writer.WriteLink(item.Key.Minute % AggregateBlockFormat.MinutesPerHour, item.Sums);
            End(blocks, AggregateKind.Links, item.Key, i + 1 < items.Count ? items[i + 1].Key : null);
        }
    }

    private void End(List<AggregateBlock> blocks, AggregateKind kind, AggregateKey key, AggregateKey? next)
    {
        if (next is null || !next.Value.IsSameSeries(key))
            _writer.EndSeries(blocks, kind, key.Hour, key.First, key.Second, key.SpanKind);
        if (next is null || next.Value.Hour != key.Hour)
            _writer.EndBlock(blocks, kind, key.Hour);
    }

    private struct RedItem
    {
        public AggregateKey Key;
        public RedSums Sums;
        public ExponentialHistogram Durations;

        public readonly bool IsZero => Sums == default && Durations.IsEmpty;
    }

    private struct LinkItem
    {
        public AggregateKey Key;
        public LinkSums Sums;
    }
}
