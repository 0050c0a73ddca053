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

    // To know where a circle of parents is cut all its spans are needed. Of more than these each is cut from its parent.
    private const int MaxSpansInCircles = 20_000;

    private readonly ulong _traceLow;
    private readonly List<ReadOnlyMemory<byte>> _frames = [];
    private readonly List<SpanReport> _reports = [];

    // Per report the next one of the same id, and whether one came before; null where each id is there once.
    private int[]? _next;
    private bool[]? _isFollower;

    // Where spans share their ids: by the first report of the id and the place among its merged spans, which of them it is.
    private Dictionary<(int First, int Position), int>? _sharedPlaces;

    private SpanSequence(ulong traceLow) => _traceLow = traceLow;

    /// <summary>How many reports there are; repeated ones count.</summary>
    public int ReportCount => _reports.Count;

    /// <summary>There were more reports than are taken of a trace, or of one id.</summary>
    public bool IsCut { get; private set; }

    /// <summary>How many spans were last given without the parents that they name, which are below them, or they themselves.</summary>
    public int CutParents { get; private set; }

    /// <summary>The trace's id, the widest that its reports have.</summary>
    public TraceId TraceId { get; private set; }

    /// <summary>Looks through what is stored of a trace. All damage to the frames' structure shows here, before anything is answered.</summary>
    /// <param name="rows">Runs of frames, stored under the low half of the trace's id.</param>
    /// <param name="traceLow">The low half of the trace's id.</param>
    /// <param name="only">The one id that counts; null for all with that low half.</param>
    /// <param name="maxReports">More are left out.</param>
    /// <exception cref="FrameFormatException">The bytes are damaged.</exception>
    public static SpanSequence Open(IReadOnlyList<ReadOnlyMemory<byte>> rows, ulong traceLow, TraceId? only, int maxReports)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var sequence = new SpanSequence(traceLow) { TraceId = new TraceId(0, traceLow) };
        var reader = new FrameReader();
        foreach (var row in rows)
        {
            reader.Open(row, traceLow);
            while (!sequence.IsCut && reader.ReadFrame())
            {
                if (only is null || reader.TraceId == only)
                    sequence.Add(row[reader.Extent], reader, maxReports);
            }
        }

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
        var places = splitsShared ? FindShared() : null;
        var cuts = cutsCircles ? FindCuts() : null;
        var inOrder = new FrameReader();
        var others = new OpenFrames(_frames, _traceLow);
        FrameSpans? frame = null;
        var openFrame = None;
        for (var i = 0; i < _reports.Count; i++)
        {
            if (_isFollower is not null && _isFollower[i])
                continue;
            if (_next is not null && _next[i] != None)
            {
                foreach (var (position, span) in Merge(i, others).Index())
                    yield return Cut(places?.Place(span, _sharedPlaces!.GetValueOrDefault((i, position), None)) ?? span, cuts, (i, position));
                continue;
            }

            var report = _reports[i];
            if (report.Frame != openFrame)
            {
                inOrder.Open(_frames[report.Frame], _traceLow);
                inOrder.ReadFrame();
                frame = new FrameSpans(inOrder);
                openFrame = report.Frame;
            }

            inOrder.Seek(report.Position);
            var single = frame!.Read()!;
            yield return Cut(places?.Place(single, None) ?? single, cuts, (i, 0));
        }
    }

    private void Add(ReadOnlyMemory<byte> frame, FrameReader reader, int maxReports)
    {
        _frames.Add(frame);
        if (reader.TraceId.High != 0)
            TraceId = reader.TraceId;
        // Positions are to hold when the frame is opened by itself.
        var shift = reader.Extent.Start.Value;
        var position = reader.Position;
        while (reader.ReadSpan(out var span))
        {
            if (_reports.Count == maxReports)
            {
                IsCut = true;
                return;
            }

            _reports.Add(new SpanReport(span.Id, span.ParentId, span.Kind, (span.Marks & SpanMarks.Shared) != 0, _frames.Count - 1, position.MovedBack(shift)));
            position = reader.Position;
        }
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

    private List<Span> Merge(int first, OpenFrames frames)
    {
        var reports = new List<Span>();
        for (var i = first; i != None; i = _next![i])
            reports.Add(frames.Read(_reports[i]));
        return SpanMerger.Merge(reports);
    }

    /// <summary>Spans share an id only where its reports are of different kinds, or one says so: of those the merged spans are needed beforehand.</summary>
    private SharedSpanPlaces? FindShared()
    {
        if (_next is null)
            return null;
        var frames = new OpenFrames(_frames, _traceLow);
        var shared = new List<(Span Span, int First, int Position)>();
        for (var i = 0; i < _next.Length; i++)
        {
            if (_next[i] == None || _isFollower![i] || !HasSeveralSides(i))
                continue;
            foreach (var (position, span) in Merge(i, frames).Index())
            {
                var light = new Span
                {
                    TraceId = span.TraceId, Id = span.Id, Kind = span.Kind, StartNs = span.StartNs, Marks = span.Marks,
                    Resource = new Resource { ServiceName = span.ServiceName, LocalEndpoint = span.Resource.LocalEndpoint },
                };
                shared.Add((light, i, position));
            }
        }

        // New ids that meet are resolved by the order of the trace (SpanOrder); what it tells apart by content only, merging has in order already.
        var ordered = shared.OrderByDescending(one => one.Span.HasStart).ThenBy(one => one.Span.StartNs).ThenBy(one => one.Span.Id.Value)
            .ThenBy(one => one.Span.TraceId).ThenBy(one => one.Span.IsShared).ToArray();
        _sharedPlaces = [];
        for (var i = 0; i < ordered.Length; i++)
            _sharedPlaces.Add((ordered[i].First, ordered[i].Position), i);
        var places = new SharedSpanPlaces([.. ordered.Select(one => one.Span)], UsedIds);
        return places.IsEmpty ? null : places;
    }

    /// <summary>The spans that are cut from their parents, each by the first report of its id and its place among the merged spans of that.</summary>
    private HashSet<(int First, int Position)> FindCuts()
    {
        var frames = new OpenFrames(_frames, _traceLow);
        var inCircles = new Dictionary<Span, (int First, int Position)>(ReferenceEqualityComparer.Instance);
        var cuts = new HashSet<(int First, int Position)>();
        foreach (var first in StoredCircles.FirstReports(_reports))
        {
            var isRepeated = _next is not null && _next[first] != None;
            var spans = isRepeated ? Merge(first, frames) : [frames.Read(_reports[first])];
            foreach (var (position, span) in spans.Index())
            {
                if (inCircles.Count < MaxSpansInCircles)
                    inCircles.Add(span, (first, position));
                cuts.Add((first, position));
            }
        }

        if (cuts.Count > inCircles.Count)
            return cuts;
        cuts.Clear();
        foreach (var finding in TraceTree.Build([.. inCircles.Keys]).Findings)
        {
            if (finding.Oddity == TreeOddity.Cycle)
                cuts.Add(inCircles[finding.Span]);
        }

        return cuts;
    }

    private Span Cut(Span span, HashSet<(int First, int Position)>? cuts, (int First, int Position) place)
    {
        if (cuts is null || span.ParentId.IsZero || (span.ParentId != span.Id && !cuts.Contains(place)))
            return span;
        CutParents++;
        return span with { ParentId = default };
    }

    private bool HasSeveralSides(int first)
    {
        for (var i = first; i != None; i = _next![i])
        {
            if (_reports[i].Kind != _reports[first].Kind || _reports[i].IsShared != _reports[first].IsShared)
                return true;
        }

        return false;
    }

    private HashSet<SpanId> UsedIds()
    {
        var used = new HashSet<SpanId>(_reports.Count * 2);
        foreach (var report in _reports)
        {
            used.Add(new SpanId(report.Id));
            used.Add(new SpanId(report.ParentId));
        }

        return used;
    }
}
