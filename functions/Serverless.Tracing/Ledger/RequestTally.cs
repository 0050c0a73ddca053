using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Ledger;

/// <summary>
/// Counts the spans of a request by frame and source, so that each event can be told what is in it. Keeps its memory; used by one
/// request at a time.
/// </summary>
public sealed class RequestTally
{
    private const int LargestKeptItems = 1 << 16;

    private readonly LedgerSources _sources = new();
    private readonly ItemPool<Tally> _tallies = new();
    private readonly ItemPool<Rarity> _rarities = new();
    private readonly ItemPool<int> _ends = new();
    private readonly ItemPool<(int Tally, int Frame)> _current = new();
    private readonly List<LedgerSource> _resources = [];

    /// <summary>The request.</summary>
    public ReceiptId Id { get; private set; }

    /// <summary>How many spans of it are in frames.</summary>
    public int Accepted { get; private set; }

    /// <summary>The source of all spans of the request where they have the same service, else null.</summary>
    public LedgerSource? Single { get; private set; }

    /// <summary>Counts a request whose frames have been written.</summary>
    public void Count(ReceiptId id, SpanBatch batch, FrameBuffer frames)
    {
        Reset();
        Id = id;
        Accepted = batch.SpanCount;
        for (var i = 0; i < batch.Resources.Count; i++)
        {
            _resources.Add(_sources.Of(batch, batch.Resources[i]));
            _current.Add() = (0, -1);
        }

        Single = _resources.Count > 0 && _resources.TrueForAll(source => source.Equals(_resources[0])) ? _resources[0] : null;
        for (var frame = 0; frame < frames.Frames.Count; frame++)
        {
            CountFrame(batch, frames.Frames[frame], frame);
            _ends.Add() = _tallies.Count;
        }
    }

    /// <summary>Adds the counts of one frame to those of its event.</summary>
    public void AddTo(LedgerCounts counts, int frame)
    {
        for (var i = frame == 0 ? 0 : _ends[frame - 1]; i < _ends[frame]; i++)
        {
            ref readonly var tally = ref _tallies[i];
            var source = _resources[tally.Resource];
            counts.Add(source, LedgerStage.Accepted, LedgerReason.None, tally.Spans);
            counts.Add(source, LedgerStage.FrameBytes, LedgerReason.None, tally.Bytes);
            for (var j = tally.Rarities; j != 0;)
            {
                ref readonly var rarity = ref _rarities[j - 1];
                counts.Add(source, rarity.Stage, rarity.Reason, rarity.Count);
                j = rarity.Next;
            }
        }
    }

    /// <summary>Forgets the request, and gives memory back that an unusual one made it take.</summary>
    public void Reset()
    {
        _tallies.Reset(LargestKeptItems);
        _rarities.Reset(LargestKeptItems);
        _ends.Reset(LargestKeptItems);
        _current.Reset(LargestKeptItems);
        _resources.Clear();
        if (_resources.Capacity > LargestKeptItems)
            _resources.TrimExcess();
        Single = null;
        Accepted = 0;
    }

    private void CountFrame(SpanBatch batch, in FrameSlice slice, int frame)
    {
        var first = _tallies.Count;
        for (var (i, left) = (slice.FirstSpan, slice.Spans); left > 0; left--)
        {
            ref readonly var span = ref batch.Spans[i];
            ref var current = ref _current[span.Resource];
            if (current.Frame != frame)
            {
                current = (_tallies.Count, frame);
                _tallies.Add().Resource = span.Resource;
            }

            ref var tally = ref _tallies[current.Tally];
            tally.Spans++;
            if ((span.Marks & (SpanMarks.Truncated | SpanMarks.ClockSuspect)) != 0 || (span.DroppedAttributes | span.DroppedEvents | span.DroppedLinks) != 0)
                CountRarities(ref tally, span);
            i = span.NextInTrace - 1;
        }

        for (var i = first; i < _tallies.Count; i++)
            _tallies[i].Bytes = (int)((long)slice.Length * _tallies[i].Spans / slice.Spans);
    }

    private void CountRarities(ref Tally tally, in SpanEntry span)
    {
        if ((span.Marks & SpanMarks.Truncated) != 0)
            Add(ref tally, LedgerStage.Truncated, SpanCuts.ReasonOf(span.Marks), 1);
        if ((span.Marks & SpanMarks.ClockSuspect) != 0)
            Add(ref tally, LedgerStage.ClockSuspect, LedgerReason.None, 1);
        var (attributes, events, links) = SpanCuts.BySender(span.Marks, span.DroppedAttributes, span.DroppedEvents, span.DroppedLinks);
        Add(ref tally, LedgerStage.ClientTruncated, LedgerReason.Attributes, attributes);
        Add(ref tally, LedgerStage.ClientTruncated, LedgerReason.Events, events);
        Add(ref tally, LedgerStage.ClientTruncated, LedgerReason.Links, links);
    }

    private void Add(ref Tally tally, LedgerStage stage, LedgerReason reason, long count)
    {
        if (count == 0)
            return;
        for (var i = tally.Rarities; i != 0;)
        {
            ref var rarity = ref _rarities[i - 1];
            if (rarity.Stage == stage && rarity.Reason == reason)
            {
                rarity.Count += count;
                return;
            }

            i = rarity.Next;
        }

        _rarities.Add() = new Rarity { Stage = stage, Reason = reason, Count = count, Next = tally.Rarities };
        tally.Rarities = _rarities.Count;
    }

    private struct Tally
    {
        public int Resource;
        public int Spans;
        public int Bytes;

        /// <summary>The last of what is not usual, its index plus one, or 0.</summary>
        public int Rarities;
    }

    private struct Rarity
    {
        public LedgerStage Stage;
        public LedgerReason Reason;
        public int Next;
        public long Count;
    }
}
