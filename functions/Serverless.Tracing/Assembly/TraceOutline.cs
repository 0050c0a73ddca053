using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// A large trace assembled and judged without holding its spans: of each only the outline is in memory, and the span itself is read when it is asked for.
/// The tree, the times, the verdicts and all else are what they would be of the spans, for the same code finds them.
/// </summary>
public sealed class TraceOutline
{
    private readonly SpanSequence _sequence;

    // Per span in the order stored: its index in the tree, and by that index the first report of its id and its place among the merged spans of that.
    private readonly int[] _indexes;
    private readonly (int First, int Position)[] _places;
    private readonly OpenFrames _frames;

    private TraceOutline(SpanSequence sequence, AssembledTrace trace, int[] indexes, (int First, int Position)[] places)
    {
        (_sequence, Trace, _indexes, _places) = (sequence, trace, indexes, places);
        _frames = sequence.NewFrames();
    }

    /// <summary>The trace. Its spans are outlines: without events, scope and status message, and without most of their attributes.</summary>
    public AssembledTrace Trace { get; }

    /// <summary>Assembles a trace.</summary>
    /// <param name="sequence">Where its spans are.</param>
    /// <param name="options">How.</param>
    /// <param name="context">What is known beyond the spans, given the outlines of the reports, row by row.</param>
    /// <exception cref="FrameFormatException">The bytes are damaged.</exception>
    public static TraceOutline Assemble(SpanSequence sequence, AssemblyOptions options, Func<IReadOnlyList<IReadOnlyList<Span>>, JudgeContext> context)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        var pool = new ModelPool();
        var reports = sequence.TakeOutlines(pool);
        var (spans, places) = Merge(sequence, reports, pool);
        var order = InOrder(spans);
        var indexes = new int[order.Length];
        for (var i = 0; i < order.Length; i++)
            indexes[order[i]] = i;
        var tree = TraceTreeBuilder.BuildOrdered(Array.ConvertAll(order, stored => spans[stored]));
        return new TraceOutline(
            sequence, AssembledTrace.Assemble(tree, options, context(ByRow(sequence, reports))), indexes, Array.ConvertAll(order, stored => places[stored]));
    }

    /// <summary>A span of the tree, whole.</summary>
    /// <exception cref="FrameFormatException">The bytes are damaged.</exception>
    public Span Read(int index)
    {
        var (first, position) = _places[index];
        return _sequence.IsRepeated(first) ? _sequence.Merge(first, _frames)[position] : _frames.Read(_sequence.Reports[first]);
    }

    /// <summary>All spans, whole, in the order stored, each as <see cref="AdjustedTrace"/> shows it and with what there is to tell about it.</summary>
    /// <exception cref="FrameFormatException">The bytes are damaged.</exception>
    public IEnumerable<(Span Span, IReadOnlyList<string>? Warnings)> ReadAdjusted()
    {
        var adjustments = SpanAdjustments.Of(Trace);
        var at = 0;
        foreach (var (span, _, _) in _sequence.ReadStored())
        {
            var index = _indexes[at++];
            yield return (adjustments.Apply(index, span), adjustments.WarningsOf(index));
        }
    }

    /// <summary>What a person should know about the trace as a whole.</summary>
    public IReadOnlyList<string> Warnings => AdjustedTrace.WarningsOfWhole(Trace);

    /// <summary>Merges what was reported of one id; most ids were reported once.</summary>
    private static (List<Span> Spans, List<(int First, int Position)> Places) Merge(SpanSequence sequence, Span[] reports, ModelPool pool)
    {
        var (spans, places) = (new List<Span>(reports.Length), new List<(int, int)>(reports.Length));
        var frames = sequence.NewFrames(pool);
        for (var i = 0; i < reports.Length; i++)
        {
            if (sequence.IsFollower(i))
                continue;
            if (!sequence.IsRepeated(i))
            {
                spans.Add(reports[i]);
                places.Add((i, 0));
                continue;
            }

            foreach (var (position, span) in sequence.Merge(i, frames).Index())
            {
                spans.Add(SpanOutline.Of(span));
                places.Add((i, position));
            }
        }

        return (spans, places);
    }

    // By start first, which is all that nearly all need. What SpanOrder tells apart by content only are merged spans of one id, which merging has in that order.
    private static int[] InOrder(List<Span> spans)
    {
        var (starts, order) = (new ulong[spans.Count], new int[spans.Count]);
        for (var i = 0; i < order.Length; i++)
            (starts[i], order[i]) = (spans[i].HasStart ? spans[i].StartNs : ulong.MaxValue, i);
        Array.Sort(starts, order);
        for (var from = 0; from < order.Length;)
        {
            var to = from + 1;
            while (to < order.Length && starts[to] == starts[from])
                to++;
            if (to - from > 1)
                order.AsSpan(from..to).Sort((x, y) => SpanOrder.ComparePlaces(spans[x], spans[y]) is var by and not 0 ? by : x.CompareTo(y));
            from = to;
        }

        return order;
    }

    private static IReadOnlyList<Span>[] ByRow(SpanSequence sequence, Span[] reports)
    {
        var rows = new IReadOnlyList<Span>[sequence.RowEnds.Count];
        for (var row = 0; row < rows.Length; row++)
        {
            var from = row == 0 ? 0 : sequence.RowEnds[row - 1];
            rows[row] = new ArraySegment<Span>(reports, from, sequence.RowEnds[row] - from);
        }

        return rows;
    }
}
