using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>The places of a large trace's spans that share their ids, and of those below them: what <see cref="SharedSpanSplitter"/> does of a small one.</summary>
internal sealed class StoredSharedSpans
{
    private const int None = -1;

    private readonly SharedSpanPlaces _places;

    // By the first report of the id and the place among its merged spans, which of those that share their ids it is.
    private readonly Dictionary<(int First, int Position), int> _numbers;

    private StoredSharedSpans(SharedSpanPlaces places, Dictionary<(int First, int Position), int> numbers)
    {
        _places = places;
        _numbers = numbers;
    }

    /// <summary>Finds them; null where no span has to change.</summary>
    /// <exception cref="Frames.FrameFormatException">The bytes are damaged.</exception>
    public static StoredSharedSpans? Find(SpanSequence sequence)
    {
        // Spans share an id only where its reports are of different kinds, or one says so: of those the merged spans are needed beforehand.
        if (sequence.IsOfUniqueIds)
            return null;
        var frames = sequence.NewFrames();
        var shared = new List<(Span Span, int First, int Position)>();
        for (var i = 0; i < sequence.ReportCount; i++)
        {
            if (!sequence.IsRepeated(i) || sequence.IsFollower(i) || !HasSeveralSides(sequence, i))
                continue;
            foreach (var (position, span) in sequence.Merge(i, frames).Index())
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
        var numbers = new Dictionary<(int First, int Position), int>();
        for (var i = 0; i < ordered.Length; i++)
            numbers.Add((ordered[i].First, ordered[i].Position), i);
        var places = new SharedSpanPlaces([.. ordered.Select(one => one.Span)], () => UsedIds(sequence));
        return places.IsEmpty ? null : new StoredSharedSpans(places, numbers);
    }

    /// <summary>The span with the ids that it has in the trace: itself, or a copy.</summary>
    /// <param name="span">The span.</param>
    /// <param name="first">The first report of its id.</param>
    /// <param name="position">Its place among the merged spans of that.</param>
    public Span Place(Span span, int first, int position) => _places.Place(span, _numbers.GetValueOrDefault((first, position), None));

    private static bool HasSeveralSides(SpanSequence sequence, int first)
    {
        var reports = sequence.Reports;
        for (var i = first; i != None; i = sequence.NextOf(i))
        {
            if (reports[i].Kind != reports[first].Kind || reports[i].IsShared != reports[first].IsShared)
                return true;
        }

        return false;
    }

    private static HashSet<SpanId> UsedIds(SpanSequence sequence)
    {
        var used = new HashSet<SpanId>(sequence.ReportCount * 2);
        foreach (var report in sequence.Reports)
        {
            used.Add(new SpanId(report.Id));
            used.Add(new SpanId(report.ParentId));
        }

        return used;
    }
}
