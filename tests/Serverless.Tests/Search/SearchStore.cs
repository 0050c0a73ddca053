using Serverless.Tests.Frames;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Tests.Search;

/// <summary>Search blocks of spans that came in batches, and a search over them as a query function does it.</summary>
internal sealed class SearchStore
{
    /// <summary>Far from the samples' starts, so that blocks of spans without a start are known by it.</summary>
    public const ulong ArrivalNs = SampleTraces.Begin + (10 * SearchBlock.MaxSpanOfStartsNs);

    private readonly SearchDigestCollector _collector = new();
    private readonly FrameReader _frames = new();
    private readonly SearchBlockReader _reader = new();

    public List<SearchBlock> Blocks { get; } = [];

    public SearchDigestCollector Collector => _collector;

    public SearchStore Add(params IEnumerable<IEnumerable<Span>> requests)
    {
        _collector.Begin(ArrivalNs);
        foreach (var request in requests)
        {
            foreach (var protocol in request.GroupBy(span => span.Protocol))
            {
                _frames.Open(SpanFrames.Of(protocol, protocol.Key));
                while (_frames.ReadFrame())
                    _collector.Add(_frames);
            }
        }

        Blocks.AddRange(_collector.Finish());
        return this;
    }

    /// <summary>The low ids of the traces that a search would open, newest first.</summary>
    public List<ulong> Search(TraceQuery query)
    {
        var filter = new SearchFilter(query);
        var collector = new CandidateCollector(filter);
        var candidates = new List<ulong>();
        var hits = new List<SearchHit>();
        var blocks = Blocks
            .Where(block => filter.AsksEveryService || block.ServiceKey.Length == 0 || block.ServiceKey == ServiceKey.Of(query.ServiceName!))
            .Where(block => block.NewestStartNs == ArrivalNs
                || (block.NewestStartNs >= filter.OldestBlockNs && block.NewestStartNs <= filter.NewestBlockNs))
            .OrderByDescending(block => block.NewestStartNs);
        foreach (var block in blocks)
        {
            hits.Clear();
            Assert.Equal(block.Digests, _reader.FindCandidates(block.Bytes, filter, hits, filter.GivenBy(block.ServiceKey)));
            candidates.AddRange(hits.Where(hit => collector.Add(hit)).Select(hit => hit.TraceLow));
        }

        return candidates;
    }
}
