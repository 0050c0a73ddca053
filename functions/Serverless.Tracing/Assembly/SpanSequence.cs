using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// The merged spans of a large trace one after the other, without holding them: only the frames, which are a tenth of the size, and of each report
/// some numbers. Spans come in the order stored, not in that of their start; else they are what <see cref="SpanMerger"/> and
/// <see cref="SharedSpanSplitter"/> make of the same reports.
/// </summary>
public sealed class SpanSequence
{
    private const int None = -1;

    // Merging takes all reports of an id into memory. Nobody reports a span that often but who wants to do harm.
    private const int MaxReportsOfId = 10_000;

    // Links are held while a trace is assembled. Most spans have none.
    private const int LinksPerReport = 4;

    private readonly ulong _traceLow;
    private readonly List<ReadOnlyMemory<byte>> _frames = [];
    private readonly List<SpanReport> _reports = [];

    // How many reports there are up to the end of each row.
    private readonly List<int> _rowEnds = [];

    // Per report the next one of the same id, and whether one came before; null where each id is there once.
    private int[]? _next;
    private bool[]? _isFollower;

    private long _links;

    // The outline of each report, where they were asked for and are not too many; and what makes them.
    private List<Span>? _outlines;
    private FrameSpans? _outliner;

    private SpanSequence(ulong traceLow) => _traceLow = traceLow;

    /// <summary>How many reports there are; repeated ones count.</summary>
    public int ReportCount => _reports.Count;

    /// <summary>There were more reports than are taken of a trace, or of one id.</summary>
    public bool IsCut { get; private set; }

    /// <summary>How many spans were last given without the parents that they name, which are below them, or they themselves.</summary>
    public int CutParents { get; private set; }

    /// <summary>The trace's id, the widest that its reports have.</summary>
    public TraceId TraceId { get; private set; }

    /// <summary>There are spans under this id of another width too, which are not part of the trace; default where there are none.</summary>
    public TraceId OtherWidth { get; private set; }

    /// <summary>There are spans with the same low half that are not part of the trace.</summary>
    public bool HasOthers { get; private set; }

    /// <summary>Its reports have the id in both widths.</summary>
    public bool IsOfBothWidths { get; private set; }

    /// <summary>How many reports there are up to the end of each row.</summary>
    internal IReadOnlyList<int> RowEnds => _rowEnds;

    /// <summary>Where its spans lie.</summary>
    internal IReadOnlyList<SpanReport> Reports => _reports;

    /// <summary>It has at most that many reports, and not many more links: what is held of each to assemble it is bounded.</summary>
    public bool CanBeAssembled(int mostReports) => _reports.Count <= mostReports && _links <= (long)mostReports * LinksPerReport;

    /// <summary>Looks through what is stored of a trace. All damage to the frames' structure shows here, before anything is answered.</summary>
    /// <param name="rows">Runs of frames, stored under the low half of the trace's id.</param>
    /// <param name="traceLow">The low half of the trace's id.</param>
    /// <param name="only">The one id that counts; null for all with that low half.</param>
    /// <param name="maxReports">More are left out.</param>
    /// <param name="mostAssembled">A trace that <see cref="CanBeAssembled"/> with so many will be: what that needs is read with the rest. 0 for one that will not.</param>
    /// <exception cref="FrameFormatException">The bytes are damaged.</exception>
    public static SpanSequence Open(IReadOnlyList<ReadOnlyMemory<byte>> rows, ulong traceLow, TraceId? only, int maxReports, int mostAssembled = 0)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var sequence = new SpanSequence(traceLow) { TraceId = new TraceId(0, traceLow), _outlines = mostAssembled > 0 ? [] : null };
        var reader = new FrameReader();
        var pool = new ModelPool();
        foreach (var row in rows)
        {
            reader.Open(row, traceLow);
            while (!sequence.IsCut && reader.ReadFrame())
            {
                if (only is null || reader.TraceId == only)
                    sequence.Add(row[reader.Extent], reader, pool, maxReports, mostAssembled);
                else
                    sequence.NoteOther(reader.TraceId, only.Value);
            }

            sequence._rowEnds.Add(sequence._reports.Count);
        }

        sequence._outliner = null;
        sequence.FindRepeated();
        return sequence;
    }

    /// <summary>Reads the spans, each made when it is asked for.</summary>
    /// <param name="splitsShared">
    /// Gives the server halves of shared spans ids of their own (<see cref="SharedSpanSplitter"/>), and cuts circles of parents as <see cref="TraceTree"/> does.
    /// </param>
    /// <exception cref="FrameFormatException">The bytes are damaged.</exception>
    public IEnumerable<Span> Read(bool splitsShared) => Read(splitsShared, cutsCircles: splitsShared);

    /// <summary>Reads the spans, each made when it is asked for.</summary>
    /// <param name="splitsShared">Gives the server halves of shared spans ids of their own.</param>
    /// <param name="cutsCircles">Cuts circles of parents.</param>
    /// <exception cref="FrameFormatException">The bytes are damaged.</exception>
    public IEnumerable<Span> Read(bool splitsShared, bool cutsCircles)
    {
        CutParents = 0;
        var shared = splitsShared ? StoredSharedSpans.Find(this) : null;
        var cuts = cutsCircles ? StoredCuts.Find(this) : null;
        foreach (var (span, first, position) in ReadStored())
            yield return Cut(shared?.Place(span, first, position) ?? span, cuts, (first, position));
    }

    /// <summary>Reads the merged spans as they are, each with the first report of its id and its place among the merged spans of that.</summary>
    /// <exception cref="FrameFormatException">The bytes are damaged.</exception>
    internal IEnumerable<(Span Span, int First, int Position)> ReadStored()
    {
        var others = NewFrames();
        var inOrder = new ReportReader(_frames, _traceLow);
        for (var i = 0; i < _reports.Count; i++)
        {
            if (IsFollower(i))
                continue;
            if (!IsRepeated(i))
            {
                yield return (inOrder.GoTo(_reports[i]).Read()!, i, 0);
                continue;
            }

            foreach (var (position, span) in Merge(i, others).Index())
                yield return (span, i, position);
        }
    }

    /// <summary>The outline of each report (<see cref="SpanOutline"/>), in the order stored; they are not kept here.</summary>
    /// <param name="pool">What they share, where they were not read with the rest.</param>
    /// <exception cref="FrameFormatException">The bytes are damaged.</exception>
    internal Span[] TakeOutlines(ModelPool pool)
    {
        if (_outlines is { } read)
        {
            _outlines = null;
            return read.Count == _reports.Count ? [.. read] : [.. read.Take(_reports.Count)];
        }

        var outlines = new Span[_reports.Count];
        var inOrder = new ReportReader(_frames, _traceLow, pool);
        for (var i = 0; i < outlines.Length; i++)
            outlines[i] = inOrder.GoTo(_reports[i]).ReadOutline(SpanOutline.Keys)!;
        return outlines;
    }

    /// <summary>A report before it of the same id stands for it.</summary>
    internal bool IsFollower(int report) => _isFollower is not null && _isFollower[report];

    /// <summary>There are more reports of the same id after it.</summary>
    internal bool IsRepeated(int report) => NextOf(report) != None;

    /// <summary>The next report of the same id; -1 behind the last one.</summary>
    internal int NextOf(int report) => _next is null ? None : _next[report];

    /// <summary>No id was reported more than once.</summary>
    internal bool IsOfUniqueIds => _next is null;

    /// <summary>What reads single reports.</summary>
    internal OpenFrames NewFrames(ModelPool? pool = null) => new(_frames, _traceLow, pool);

    private void Add(ReadOnlyMemory<byte> frame, FrameReader reader, ModelPool pool, int maxReports, int mostAssembled)
    {
        _frames.Add(frame);
        IsOfBothWidths |= _reports.Count > 0 && (TraceId.High == 0) != (reader.TraceId.High == 0);
        if (reader.TraceId.High != 0)
            TraceId = reader.TraceId;
        // Positions are to hold when the frame is opened by itself.
        var shift = reader.Extent.Start.Value;
        var position = reader.Position;
        BeginOutlines(reader, pool);
        while (ReadReport(reader, position.MovedBack(shift)) is { } report)
        {
            if (_reports.Count == maxReports || _links + reader.LinkCount > (long)maxReports * LinksPerReport)
            {
                IsCut = true;
                return;
            }

            _reports.Add(report);
            _links += reader.LinkCount;
            if (_outlines is not null && !CanBeAssembled(mostAssembled))
                _outlines = null;
            position = reader.Position;
        }
    }

    private void BeginOutlines(FrameReader reader, ModelPool pool)
    {
        if (_outlines is null)
            return;
        if (_outliner is null)
            _outliner = new FrameSpans(reader, pool);
        else
            _outliner.Begin();
    }

    private SpanReport? ReadReport(FrameReader reader, FramePosition position)
    {
        if (_outlines is not null)
        {
            if (_outliner!.ReadOutline(SpanOutline.Keys) is not { } outline)
                return null;
            _outlines.Add(outline);
            return new SpanReport(outline.Id.Value, outline.ParentId.Value, outline.Kind, outline.IsShared, _frames.Count - 1, position);
        }

        return reader.ReadSpan(out var span)
            ? new SpanReport(span.Id, span.ParentId, span.Kind, (span.Marks & SpanMarks.Shared) != 0, _frames.Count - 1, position)
            : null;
    }

    private void NoteOther(TraceId other, TraceId only)
    {
        HasOthers = true;
        if ((other.High == 0) != (only.High == 0) && (OtherWidth.IsZero || other.CompareTo(OtherWidth) < 0))
            OtherWidth = other;
    }

    private void FindRepeated()
    {
        var ids = new ulong[_reports.Count];
        var order = new int[ids.Length];
        for (var i = 0; i < ids.Length; i++)
            (ids[i], order[i]) = (_reports[i].Id, i);
        Array.Sort(ids, order);
        for (var from = 0; from < ids.Length;)
        {
            var to = from + 1;
            while (to < ids.Length && ids[to] == ids[from])
                to++;
            if (to - from > 1)
                Link(order.AsSpan(from..to));
            from = to;
        }
    }

    private void Link(Span<int> sameId)
    {
        if (_next is null)
        {
            _next = new int[_reports.Count];
            _next.AsSpan().Fill(None);
            _isFollower = new bool[_reports.Count];
        }

        sameId.Sort();
        IsCut |= sameId.Length > MaxReportsOfId;
        for (var i = 1; i < sameId.Length; i++)
        {
            if (i < MaxReportsOfId)
                _next[sameId[i - 1]] = sameId[i];
            _isFollower![sameId[i]] = true;
        }
    }

    /// <summary>The merged spans of an id.</summary>
    /// <param name="first">Its first report.</param>
    /// <param name="frames">What reads the reports.</param>
    internal List<Span> Merge(int first, OpenFrames frames)
    {
        var reports = new List<Span>();
        for (var i = first; i != None; i = NextOf(i))
            reports.Add(frames.Read(_reports[i]));
        return SpanMerger.Merge(reports);
    }

    private Span Cut(Span span, IReadOnlySet<(int First, int Position)>? cuts, (int First, int Position) place)
    {
        if (cuts is null || span.ParentId.IsZero || (span.ParentId != span.Id && !cuts.Contains(place)))
            return span;
        CutParents++;
        return span with { ParentId = default };
    }
}
