using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Functions.Ingest;

/// <summary>The memory that decoding one request takes: kept and used again, so that spans cost no allocation.</summary>
public sealed class IngestContext
{
    /// <summary>The spans of the request.</summary>
    public SpanBatch Batch { get; } = new();

    /// <summary>Makes frames of them.</summary>
    public FrameWriter Writer { get; } = new();

    /// <summary>The frames.</summary>
    public FrameBuffer Frames { get; } = new();

    /// <summary>Counts what is in them.</summary>
    public RequestTally Tally { get; } = new();

    /// <summary>What the client told of itself with the request, or null; set by the decoding.</summary>
    public JaegerClientReport? ClientReport { get; set; }

    /// <summary>What else the request tells the ledger, or null; set by the decoding.</summary>
    public LedgerSection? Told { get; set; }

    /// <summary>The decoders' own memory, by their type; one of each at the most.</summary>
    public T Decoder<T>()
        where T : class, new()
    {
        foreach (var decoder in _decoders)
        {
            if (decoder is T found)
                return found;
        }

        var made = new T();
        _decoders.Add(made);
        return made;
    }

    private readonly List<object> _decoders = [];
}
